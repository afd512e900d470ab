"""Request headers in a dictionary."""

from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope


class IndexedHeaders(Headers):
    """Headers of one request. Starlette's own compare each name at each access, which is most of
    what access control would cost; the first of several headers with one name is found, as there.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._index: dict[str, str] = {}
        self._repeated: set[str] = set()
        for raw_name, value in self.raw:
            name = raw_name.decode("latin-1")
            if name in self._index:
                self._repeated.add(name)
            else:
                self._index[name] = value.decode("latin-1")

    def __getitem__(self, key: str) -> str:
        """See Headers."""
        return self._index[key.lower()]

    def __contains__(self, key: object) -> bool:
        """See Headers."""
        return isinstance(key, str) and key.lower() in self._index

    def get(self, key: str, default: Any = None) -> Any:
        """See Mapping."""
        return self._index.get(key.lower(), default)

    def getlist(self, key: str) -> list[str]:
        """See Headers."""
        name = key.lower()
        if name in self._repeated:
            return super().getlist(name)
        return [self._index[name]] if name in self._index else []

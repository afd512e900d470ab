"""A reference from one model to another, and how it is looked up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from backend.domain import text
from backend.domain.model import ModelFacts
from backend.errors import PlatformError


@dataclass(frozen=True)
class Reference:
    """A model id with the revision to look up."""

    id: str
    revision: str = "main"

    def is_valid(self) -> bool:
        """Whether both can be parts of paths in the cache."""
        try:
            return bool(text.model_id(self.id) and text.revision(self.revision))
        except ValueError:
            return False


Find = Callable[[Reference], Awaitable[ModelFacts]]


async def found(reference: Reference, find: Find, because: str) -> ModelFacts:
    """Look it up; an error begins with `because` and the id, the reason why it is required."""
    try:
        return await find(reference)
    except PlatformError as error:
        values: dict[str, Any] = dict(error.values)
        detail = f"{because}{reference.id}: {error.detail}"
        raise type(error)(detail, retry_after=error.retry_after, **values) from error

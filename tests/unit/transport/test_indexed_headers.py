"""Headers in a dictionary equal those of Starlette."""

import pytest
from starlette.datastructures import Headers

from backend.transport.indexed_headers import IndexedHeaders

RAW = [(b"host", b"a"), (b"x-many", b"1"), (b"origin", b"\xe9"), (b"x-many", b"2")]


@pytest.mark.parametrize("name", ["host", "Host", "X-Many", "origin", "missing"])
def test_each_access_returns_what_starlette_returns(name: str) -> None:
    ours, theirs = IndexedHeaders({"type": "http", "headers": RAW}), Headers(raw=RAW)
    assert ours.get(name) == theirs.get(name)
    assert ours.get(name, "default") == theirs.get(name, "default")
    assert ours.getlist(name) == theirs.getlist(name)
    assert (name in ours) == (name in theirs)
    assert ours.items() == theirs.items()
    if name in theirs:
        assert ours[name] == theirs[name]
    else:
        with pytest.raises(KeyError):
            ours[name]

"""One control plane for all tests of a module that don't need to break it."""

from collections.abc import Iterator

import pytest

from tests.fakes.control_plane import Plane, running_plane


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A running control plane with its own storage and ports."""
    with running_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started

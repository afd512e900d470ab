"""A cancel at any moment of a launch is either carried out or rejected."""

import time
from collections.abc import Iterator

import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until

LOAD_SECONDS = 0.2


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with stub_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


@pytest.mark.parametrize("moment", range(16))
def test_accepted_cancel_is_carried_out(plane: Plane, moment: int) -> None:
    """The moments are spread over a launch; the last ones meet its end."""
    name = f"moment-{moment}"
    body = {"env": {"STUB_LOAD_SECONDS": str(LOAD_SECONDS)}}
    due = time.monotonic() + moment * 0.06
    plane.deploy("sentiment", name=name, serving=body)
    until(lambda: time.monotonic() >= due, "the moment", pause=0.001)
    status = plane.verb(name, "cancel").status_code
    expected = {202: "cancelled", 409: "running"}[status]
    until(lambda: plane.get(name)["state"] == expected, f"{expected} after {status}")
    assert HTTP.delete(f"{plane.url}/api/v1/deployments/{name}").status_code == 202

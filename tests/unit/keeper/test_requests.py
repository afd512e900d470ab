"""An invalid field returns an error and never ends the keeper."""

from pathlib import Path

import pytest

from backend.keeper import requests
from backend.keeper.requests import BadRequest, Wish

SERVER = "srv_0123456789abcdef"
START = {"server": SERVER, "deployment": "dep_a", "argv": ["x"], "env": {}, "cwd": "/"}


def test_fixed_port_and_range_are_parsed() -> None:
    message = {"deployment": "d", "host": "h"}
    assert requests.wish({**message, "port": 80}) == Wish("d", "h", 80, range(0))
    ranged = {**message, "port": None, "first": 1, "last": 3}
    assert requests.wish(ranged) == Wish("d", "h", None, range(1, 4))


def test_skipped_ports_are_optional() -> None:
    message = {"deployment": "d", "host": "h", "port": None, "first": 1, "last": 3}
    assert requests.wish({**message, "skip": [2]}).skip == {2}
    assert requests.wish(message).skip == frozenset()
    for wrong in (2, ["2"], [True], None):
        with pytest.raises(BadRequest):
            requests.wish({**message, "skip": wrong})


@pytest.mark.parametrize(
    "change",
    [
        {"server": "../../etc"},
        {"server": "srv_"},
        {"server": 5},
        {"argv": "x"},
        {"env": None},
        {"cwd": ""},
        {"memory_limit_bytes": "much"},
        {"memory_limit_bytes": True},
    ],
)
def test_invalid_start_field_is_rejected(change: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        requests.order({**START, **change}, Path("/run"))


def test_valid_start_names_its_directory() -> None:
    order = requests.order(dict(START), Path("/run"))
    assert order.folder == Path("/run/srv_0123456789abcdef")
    assert order.memory_limit_bytes is None

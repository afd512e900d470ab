"""A wrong field is an answer, never the end of the keeper."""

from pathlib import Path

import pytest

from backend.keeper import requests
from backend.keeper.requests import BadRequest, Wish

SERVER = "srv_0123456789abcdef"
START = {"server": SERVER, "deployment": "dep_a", "argv": ["x"], "env": {}, "cwd": "/"}


def test_a_fixed_port_and_a_range_are_read() -> None:
    asked = {"deployment": "d", "host": "h"}
    assert requests.wish({**asked, "port": 80}) == Wish("d", "h", 80, range(0))
    ranged = {**asked, "port": None, "first": 1, "last": 3}
    assert requests.wish(ranged) == Wish("d", "h", None, range(1, 4))


def test_ports_to_skip_are_read_and_a_client_without_them_is_understood() -> None:
    asked = {"deployment": "d", "host": "h", "port": None, "first": 1, "last": 3}
    assert requests.wish({**asked, "skip": [2]}).skip == {2}
    assert requests.wish(asked).skip == frozenset()
    for wrong in (2, ["2"], [True], None):
        with pytest.raises(BadRequest):
            requests.wish({**asked, "skip": wrong})


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
def test_a_wrong_field_of_start_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        requests.order({**START, **change}, Path("/run"))


def test_a_right_start_names_its_folder() -> None:
    order = requests.order(dict(START), Path("/run"))
    assert order.folder == Path("/run/srv_0123456789abcdef")
    assert order.memory_limit_bytes is None

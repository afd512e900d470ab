"""A control plane that can't start says what it is and what to do."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.control_plane import HTTP, Plane, running_plane

EX_CONFIG = 78


def refused(plane: Plane) -> str:
    """What it printed when it ended."""
    process = plane.spawn()
    assert process.wait(30) == EX_CONFIG
    return plane.output.read_text()


def test_a_public_address_without_a_key_is_refused(tmp_path: Path) -> None:
    said = refused(Plane(tmp_path, {"BACKEND_HOST": "192.0.2.1"}))
    assert "BACKEND_HOST=192.0.2.1" in said
    assert "API_KEY_ENABLED=true" in said


@pytest.fixture(scope="module")
def wildcard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One that was told to serve every address, without a key."""
    with running_plane(tmp_path_factory.mktemp("wildcard"), BACKEND_HOST="0.0.0.0") as started:
        yield started


def test_a_wildcard_without_a_key_serves_this_machine_only_and_says_so(wildcard: Plane) -> None:
    assert "API_KEY_ENABLED=true" in wildcard.output.read_text()
    exposure = HTTP.get(f"{wildcard.url}/api/v1/system").json()["exposure"]
    assert exposure["scope"] == "loopback"
    assert "API_KEY" in exposure["message"]


def test_a_taken_port_names_its_setting_and_who_holds_it(tmp_path: Path) -> None:
    plane = Plane(tmp_path)
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", plane.base))
        thief.listen()
        said = refused(plane)
    assert f"BACKEND_PORT={plane.base}" in said
    assert "pid" in said


def test_a_misspelt_setting_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_PROT=9000\nMAX_WORKERS=none\n")
    said = refused(Plane(tmp_path))
    assert "BACKEND_PROT" in said
    assert "BACKEND_PORT" in said
    assert "MAX_WORKERS" in said


def test_a_second_one_on_the_same_storage_is_refused(wildcard: Plane) -> None:
    second = Plane(wildcard.folder, base=wildcard.base + 20)
    assert "Another control plane" in refused(second)
    assert wildcard.is_ready()

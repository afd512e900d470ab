"""A control plane that cannot start reports the cause and the remedy."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.control_plane import HTTP, Plane, running_plane

EX_CONFIG = 78


def startup_output(plane: Plane) -> str:
    """Output of a control plane that exits with a configuration error."""
    process = plane.spawn()
    assert process.wait(30) == EX_CONFIG
    return plane.output.read_text()


def test_public_address_without_key_is_rejected(tmp_path: Path) -> None:
    output = startup_output(Plane(tmp_path, {"BACKEND_HOST": "192.0.2.1"}))
    assert "BACKEND_HOST=192.0.2.1" in output
    assert "API_KEY_ENABLED=true" in output


@pytest.fixture(scope="module")
def wildcard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane that binds every address without a key."""
    with running_plane(tmp_path_factory.mktemp("wildcard"), BACKEND_HOST="0.0.0.0") as started:
        yield started


def test_wildcard_without_key_binds_loopback_and_reports_it(wildcard: Plane) -> None:
    assert "API_KEY_ENABLED=true" in wildcard.output.read_text()
    exposure = HTTP.get(f"{wildcard.url}/api/v1/system").json()["exposure"]
    assert exposure["scope"] == "loopback"
    assert "API_KEY" in exposure["message"]


def test_port_in_use_error_names_setting_and_process(tmp_path: Path) -> None:
    plane = Plane(tmp_path)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", plane.base))
        listener.listen()
        output = startup_output(plane)
    assert f"BACKEND_PORT={plane.base}" in output
    assert "pid" in output


def test_misspelled_setting_error_suggests_nearest(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_PROT=9000\nMAX_WORKERS=none\n")
    output = startup_output(Plane(tmp_path))
    assert "BACKEND_PROT" in output
    assert "BACKEND_PORT" in output
    assert "MAX_WORKERS" in output


def test_second_control_plane_on_same_storage_is_rejected(wildcard: Plane) -> None:
    second = Plane(wildcard.folder, base=wildcard.base + 20)
    assert "Another control plane" in startup_output(second)
    assert wildcard.is_ready()

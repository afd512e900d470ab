"""Lines with descriptors."""

import os
import socket
from pathlib import Path

import pytest

from backend.keeper import messages


def test_message_and_file_descriptor_arrive_together(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("through")
    left, right = socket.socketpair()
    with left, right, (tmp_path / "file").open() as file:
        messages.send(left, {"verb": "x", "big": "y" * 200}, [file.fileno()])
        message, fds = messages.receive(right)
    assert message["verb"] == "x"
    (fd,) = fds
    assert os.get_inheritable(fd) is False
    with os.fdopen(fd) as again:
        assert again.read() == "through"


def test_incomplete_line_before_disconnect_is_error() -> None:
    left, right = socket.socketpair()
    with right:
        left.sendall(b'{"verb": ')
        left.close()
        with pytest.raises(ConnectionError):
            messages.receive(right)


def test_non_object_message_is_rejected() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        messages.parse(b"[1]\n")


def test_peer_credentials_come_from_kernel() -> None:
    left, right = socket.socketpair()
    with left, right:
        assert messages.peer(left) == (os.getpid(), os.getuid())


def test_socket_path_over_length_limit_works(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as door:
        with messages.short_path(folder / "door.sock") as name:
            door.bind(name)
        door.listen()
        messages.connect(folder / "door.sock", 1.0).close()
    assert (folder / "door.sock").is_socket()

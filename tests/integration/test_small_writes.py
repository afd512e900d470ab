"""Small requests and responses are sent in one packet, and no socket delays them."""

import socket
from collections.abc import Callable, Iterator

import pytest

from backend.api.sockets import listen as listen_control_plane
from backend.keeper.ports import listen as listen_keeper
from tests.fakes.control_plane import Plane, stub_plane

REQUEST = b'{"inputs": "What a wonderful film"}'
ROUNDS = 20


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with stub_plane(tmp_path_factory.mktemp("plane")) as started:
        started.wait(started.deploy("sentiment", name="one")["id"], "running")
        yield started


def head(path: str, port: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(REQUEST)}\r\n\r\n"
    ).encode()


def first_pieces(port: int, path: str) -> list[bytes]:
    """The first packet of each response on one keep-alive connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        pieces = []
        for _ in range(ROUNDS):
            client.sendall(head(path, port) + REQUEST)
            pieces.append(client.recv(1 << 20))
        return pieces


def is_whole(response: bytes) -> bool:
    lines, _, body = response.partition(b"\r\n\r\n")
    length = lines.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) == int(length or -1)


def test_proxied_response_arrives_in_one_packet(plane: Plane) -> None:
    assert all(is_whole(piece) for piece in first_pieces(plane.base, "/d/one/predict"))


def test_control_plane_error_arrives_in_one_packet(plane: Plane) -> None:
    pieces = first_pieces(plane.base, "/d/none/predict")
    assert all(piece.startswith(b"HTTP/1.1 404") and is_whole(piece) for piece in pieces)


@pytest.mark.parametrize(
    "listen", [listen_keeper, lambda host, port: listen_control_plane(host, port, "TEST")]
)
def test_listeners_set_tcp_nodelay(
    listen: Callable[[str, int], socket.socket],
) -> None:
    with listen("127.0.0.1", 0) as bound:
        bound.setblocking(True)
        with socket.create_connection(bound.getsockname()):
            accepted, _ = bound.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

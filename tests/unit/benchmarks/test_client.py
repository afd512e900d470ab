"""The client of the bench against a server that answers in awkward pieces."""

import socket
import socketserver
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from backend.transport.http_connection import get
from benchmarks.client import fetch, run_all
from benchmarks.streams import run_streams

HEAD = b"HTTP/1.1 200 OK\r\n"
LENGTH = HEAD + b"Content-Length: 5\r\n\r\nhello"
ROLE = b'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n'
CHUNKED = (
    HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%b\r\n" % (len(ROLE), ROLE)
    + b"9\r\ndata: a\n\n\r\n12\r\ndata: b\n\ndata: c\n\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
)


class Handler(socketserver.BaseRequestHandler):
    """Answers each request with the pieces of the server."""

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while self.request.recv(4096).endswith(b"\r\n\r\n"):
            for piece in self.server.pieces:  # type: ignore[attr-defined]
                self.request.sendall(piece)


class Server(socketserver.ThreadingTCPServer):
    """A server on a free port."""

    daemon_threads = False


@contextmanager
def answering(pieces: Sequence[bytes]) -> Iterator[int]:
    """Answer each request with these pieces; yields the port."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.pieces = pieces  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_response_is_read_in_pieces_of_any_size(size):
    with answering(cut(LENGTH, size)) as port:
        assert fetch(port, get("/")).body == b"hello"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_stream_has_one_arrival_for_each_token(size):
    with answering(cut(CHUNKED, size)) as port:
        found = run_streams(port, [get("/")] * 2, 1, tokens=3)
    assert [len(stream.arrivals) for stream in found.all] == [3, 3]
    assert found.errors == 0


def test_load_counts_latencies_and_errors():
    with answering([LENGTH]) as port:
        load = run_all(port, [get("/")] * 10, 3)
    assert (len(load.latencies), load.errors) == (10, 0)
    with answering([LENGTH.replace(b"200 OK", b"503 No")]) as port:
        load = run_all(port, [get("/")] * 4, 2)
    assert (len(load.latencies), load.errors) == (0, 4)

"""Calls of the command line, to servers that respond in unusual ways."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from backend.cli.client import connected
from backend.domain.load_test import LoadTest
from backend.errors import ProblemError
from backend.errors.request import Unauthorized


class Handler(BaseHTTPRequestHandler):
    """Keeps the request, and answers with what the server was given."""

    def do_GET(self) -> None:
        self.server.seen = (self.path, self.headers["Authorization"])  # type: ignore[attr-defined]
        status, body = self.server.reply  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Print nothing."""


@contextmanager
def answering(status: int, body: bytes) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.reply = (status, body)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def failure(url: str, key: str | None = None) -> ProblemError:
    with pytest.raises(ProblemError) as raised, connected(url, key) as client:
        client.get("/deployments/a/load-tests/b", LoadTest)
    return raised.value


def test_key_is_sent_and_problem_is_that_of_the_control_plane():
    problem = Unauthorized("The request has no API key.").problem()
    with answering(401, problem.model_dump_json().encode()) as server:
        found = failure(f"http://127.0.0.1:{server.server_port}/sub/", "a-secret")
        assert server.seen == (  # type: ignore[attr-defined]
            "/sub/api/v1/deployments/a/load-tests/b", "Bearer a-secret",
        )  # fmt: skip
    assert found.made == problem


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html>"), (502, b"Bad Gateway"), (200, b"{}")]
)
def test_response_of_another_server_is_a_problem(status: int, body: bytes):
    with answering(status, body) as server:
        found = failure(f"http://127.0.0.1:{server.server_port}")
    assert found.made.code == "unexpected-response"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "localhost:8000", "http://", "ftp://a"])
def test_unreachable_control_plane_is_a_problem(url: str):
    found = failure(url)
    assert found.made.code == "control-plane-unreachable"
    assert url in found.made.detail

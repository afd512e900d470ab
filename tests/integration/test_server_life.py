"""One server as a process: starting, refusing, limits, cancelling, draining, failing."""

import hashlib
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import launch, raw_http, tiny_models

KEY = "k" * 20
LONG = {"inputs": "Once", "parameters": {"max_new_tokens": 3000}}


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Poll with a deadline."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[launch.Running]:
    """A text generation server that is slow enough to be interrupted, with room for two."""
    folder = tmp_path_factory.mktemp("writer")
    model = tiny_models.text_generation(folder, layers=8, width=256, positions=4096)
    made = launch.spec(
        "text-generation", model, max_queue=1, inference_timeout_seconds=60.0,
        api_key_sha256=hashlib.sha256(KEY.encode()).hexdigest(), cors_origins=["http://localhost:3000"],
    )  # fmt: skip
    with launch.serving(made, tmp_path_factory.mktemp("run") / "srv_writer") as running:
        yield running


@pytest.fixture
def client(generator: launch.Running) -> Iterator[httpx.Client]:
    with generator.client(headers={"authorization": f"Bearer {KEY}"}) as made:
        yield made


def in_flight(generator: launch.Running) -> int:
    text = launch.control_request(generator.run_dir, "metrics")["text"]
    [line] = [x for x in text.splitlines() if x.startswith("slipway_requests_in_flight{")]
    return int(float(line.rpartition(" ")[2]))


def test_response_head_and_body_arrive_in_one_packet(generator: launch.Running) -> None:
    with socket.create_connection(("127.0.0.1", generator.port), timeout=30) as client:
        for _ in range(20):
            client.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head, _, body = client.recv(1 << 20).partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            assert len(body) == int(length) > 0


def test_only_public_paths_work_without_key(generator: launch.Running) -> None:
    with generator.client() as bare:
        for path in ("/health", "/ready", "/docs", "/openapi.json", "/docs/assets/swagger-ui.css"):
            assert bare.get(path).status_code == 200, path
        for path in (
            "/info",
            "/metrics",
            "/predict/info",
            "/nobody",
            "//health",
            "/health/",
            "/docs/../info",
        ):
            assert bare.get(path).status_code == 401, path
        assert bare.post("/predict", json=LONG).json()["code"] == "unauthorized"
        wrong = bare.post("/predict", json=LONG, headers={"x-api-key": "no"})
        assert wrong.json()["code"] == "forbidden"
        assert bare.get(f"/info?api_key={KEY}").status_code == 400


def test_foreign_hosts_and_origins_are_rejected_and_wizard_is_allowed(client: httpx.Client) -> None:
    assert client.get("/health", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/info", headers={"host": "localhost:8100"}).status_code == 200
    assert client.get("/info", headers={"origin": "https://evil.example"}).status_code == 403
    assert client.get("/info", headers={"origin": "null"}).status_code == 403
    wizard = client.get("/info", headers={"origin": "http://localhost:3000"})
    assert wizard.headers["access-control-allow-origin"] == "http://localhost:3000"
    preflight_headers = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
    del client.headers["authorization"]
    preflight = client.options("/predict", headers=preflight_headers)
    assert preflight.status_code == 204
    allowed = preflight.headers["access-control-allow-headers"]
    assert {"authorization", "content-type", "content-encoding"} <= set(allowed.split(", "))


def test_health_check_without_host_is_allowed(generator: launch.Running) -> None:
    for path in ("/health", "/ready"):
        for version in ("HTTP/1.0", "HTTP/1.1\nHost:"):
            assert raw_http.request(generator.port, f"GET {path} {version}")[0] == 200
    for head in (
        "/info HTTP/1.0",
        "/predict/health HTTP/1.0",
        "/health HTTP/1.0\nHost: evil.example",
    ):
        assert raw_http.request(generator.port, f"GET {head}")[0] == 421


def test_every_response_has_request_id_and_timing(client: httpx.Client) -> None:
    mine = client.get("/nobody", headers={"x-request-id": "abc-1"})
    assert (mine.status_code, mine.headers["x-request-id"], mine.json()["request_id"]) == (
        404,
        "abc-1",
        "abc-1",
    )
    other = client.get("/health", headers={"x-request-id": "a b" * 100})
    assert len(other.headers["x-request-id"]) == 24
    assert client.put("/predict").headers["allow"] == "POST"
    response = client.post("/predict", json={"inputs": "a", "parameters": {"max_new_tokens": 1}})
    assert all(
        word in response.headers["server-timing"]
        for word in ("queue;dur=", "tokenize;dur=", "infer;dur=")
    )


def test_info_example_works(client: httpx.Client) -> None:
    info = client.get("/info").json()
    example = info["example"]
    response = client.request(example["method"], example["path"], json=example["body"])
    assert response.status_code == 200
    assert info["model"]["has_chat_template"] is True
    assert info["model"]["max_total_tokens"] == 4096
    schema = client.get("/openapi.json").json()
    content = schema["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert client.post("/predict", json=content["example"]).status_code == 200


def test_full_queue_returns_429_and_cancelled_requests_free_slots(
    client: httpx.Client, generator: launch.Running
) -> None:
    refused: list[httpx.Response] = []
    with ThreadPoolExecutor(2) as pool:
        sockets = [_send_long(generator.port) for _ in range(2)]
        until(lambda: in_flight(generator) == 2)
        refused.append(pool.submit(client.post, "/predict", json=LONG).result())
        for connection in sockets:
            connection.close()
        until(lambda: in_flight(generator) == 0)
    assert refused[0].status_code == 429
    assert refused[0].json()["error_type"] == "overloaded"
    assert int(refused[0].headers["retry-after"]) >= 1
    short = client.post("/predict", json={"inputs": "a", "parameters": {"max_new_tokens": 1}})
    assert short.status_code == 200
    assert "cancelled" not in short.text


def _send_long(
    port: int, path: str = "/predict", payload: dict[str, Any] = LONG, *, stream: bool = False
) -> socket.socket:
    body = json.dumps(payload | {"stream": stream}).encode()
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    return connection


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("/predict", LONG),
        ("/v1/completions", {"prompt": "Once", "max_tokens": 3000}),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 3000},
        ),
    ],
)
def test_stream_ends_on_disconnect(
    generator: launch.Running, path: str, payload: dict[str, Any]
) -> None:
    connection = _send_long(generator.port, path, payload, stream=True)
    assert b"200 OK" in connection.recv(4096)
    connection.close()
    until(lambda: in_flight(generator) == 0)


def test_control_socket_hello_identifies_server(generator: launch.Running) -> None:
    hello = launch.control_request(generator.run_dir, "hello")
    assert hello["state"] == "ready"
    assert hello["pid"] == generator.process.pid
    assert hello["nonce"] == (generator.run_dir / "nonce").read_text()
    assert hello["loaded_seconds"] > 0


def test_ping_does_not_count_health_checks(client: httpx.Client, generator: launch.Running) -> None:
    before = launch.control_request(generator.run_dir, "ping")
    for path in ("/health", "/ready", "/metrics", "/v2/health/live"):
        assert client.get(path).status_code == 200
    assert launch.control_request(generator.run_dir, "ping")["answered"] == before["answered"]
    short = {"inputs": "a", "parameters": {"max_new_tokens": 1}}
    assert client.post("/predict", json=short).status_code == 200
    after = launch.control_request(generator.run_dir, "ping")
    assert after["answered"] == before["answered"] + 1
    assert (after["in_flight"], after["busy_seconds"], after["healthy"]) == (0, 0.0, True)
    assert after["cpu_seconds"] >= before["cpu_seconds"]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.text_classification(tmp_path_factory.mktemp("classifier"))


def test_drain_finishes_in_flight_requests(tmp_path: Path) -> None:
    model = tiny_models.text_generation(tmp_path / "model", layers=8, width=256, positions=4096)
    running = launch.start(launch.spec("text-generation", model), tmp_path / "srv_drain")
    launch.wait_ready(running)
    responses: list[httpx.Response] = []
    body = {"inputs": "Once", "parameters": {"max_new_tokens": 100}}

    def send_request() -> None:
        responses.append(httpx.post(running.url + "/predict", json=body, timeout=60))

    thread = threading.Thread(target=send_request)
    thread.start()
    until(lambda: in_flight(running) == 1)
    launch.control_request(running.run_dir, "drain")
    thread.join(60)
    assert responses[0].status_code == 200
    assert running.process.wait(20) == 0


def test_failed_model_load_exits_with_problem_file(tmp_path: Path) -> None:
    (tmp_path / "headless").mkdir()
    model = tiny_models.headless(tmp_path / "headless")
    running = launch.start(launch.spec("text-classification", model), tmp_path / "srv_headless")
    assert running.process.wait(launch.PATIENCE_SECONDS) == 3
    problem = json.loads((running.run_dir / "problem.json").read_text())
    assert problem["code"] == "load-failed"
    assert "classifier" in problem["detail"]


def test_sigterm_while_loading_exits_at_once(classifier: Path, tmp_path: Path) -> None:
    running = launch.start(launch.spec("text-classification", classifier), tmp_path / "srv_early")
    until((running.run_dir / "control.sock").exists)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0

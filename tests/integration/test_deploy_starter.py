"""The main job: a starter goes through six steps to a verified endpoint."""

import base64
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.fakes.control_plane import HTTP, ROOT, Plane, until
from tests.fakes.load_tests import ended, slipway, start, url_of

STEPS = ["validate", "download", "dependencies", "prepare", "start", "verify"]
STARTERS = ROOT / "backend" / "starters"


def watch(plane: Plane, key: str, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """All frames until the server closes, and the close code."""
    url = f"{plane.url.replace('http', 'ws')}/api/v1/ws/{key}?after={after}"
    frames: list[dict[str, Any]] = []
    with connect(url) as socket:
        try:
            while True:
                frames.append(json.loads(socket.recv(timeout=90)))
        except ConnectionClosed as closed:
            return frames, closed.rcvd.code if closed.rcvd else 0


@pytest.fixture(scope="module")
def watched(plane: Plane) -> list[tuple[list[dict[str, Any]], int]]:
    """Events of the sentiment starter on two sockets; the other starters are deployed as well."""
    plane.deploy("sentiment")
    seen: list[tuple[list[dict[str, Any]], int]] = []
    watchers = [
        threading.Thread(target=lambda: seen.append(watch(plane, "sentiment"))) for _ in "ab"
    ]
    for watcher in watchers:
        watcher.start()
    for starter in ("digits", "tones", "stories"):
        plane.deploy(starter)
    for watcher in watchers:
        watcher.join(120)
    return seen


@pytest.fixture(scope="module")
def sentiment(plane: Plane, watched: object) -> dict[str, Any]:
    """A running deployment of the sentiment starter."""
    return plane.wait("sentiment", "running")


def test_websocket_reports_six_steps_in_order_without_gaps(
    plane: Plane, watched: list[tuple[list[dict[str, Any]], int]]
) -> None:
    (first, code), (second, _) = watched
    events = [event for event in first if event["type"] != "heartbeat"]
    assert code == 1000
    assert events == [event for event in second if event["type"] != "heartbeat"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    started = [event["current_step"] for event in events if event["type"] == "step_started"]
    assert started == STEPS
    percents = [event["percent"] for event in events]
    assert percents == sorted(percents)
    assert percents[-1] == 100.0
    elapsed = [event["elapsed_seconds"] for event in events]
    assert elapsed == sorted(elapsed)
    assert events[-1]["type"] == "running"
    assert plane.events("sentiment") == events
    again, _ = watch(plane, "sentiment", after=events[-3]["seq"])
    assert again == events[-2:]


def test_running_deployment_has_all_documented_fields(sentiment: dict[str, Any]) -> None:
    assert sentiment["state"] == "running"
    assert sentiment["progress"]["percent"] == 100.0
    assert sentiment["endpoint"] == f"{sentiment['url']}/predict"
    assert sentiment["model"]["task"] == "text-classification"
    assert len(sentiment["model"]["commit"]) == 40
    assert sentiment["proof"]["output"]
    assert sentiment["receipt"]["candidates"][0]["chosen"] is True
    assert sentiment["problem"] is None


def test_sentiment_endpoint_returns_positive_label(sentiment: dict[str, Any]) -> None:
    response = HTTP.post(
        sentiment["endpoint"], json={"inputs": "What a wonderful film"}, timeout=30
    ).json()
    assert response[0][0]["label"] == "POSITIVE"


def test_endpoint_is_served_through_control_plane(plane: Plane, sentiment: dict[str, Any]) -> None:
    body = {"inputs": "What a dreadful film"}
    direct = HTTP.post(sentiment["endpoint"], json=body).json()
    for path in ("/d/sentiment/predict", f"/api/v1/deployments/{sentiment['id']}/proxy/predict"):
        assert HTTP.post(f"{plane.url}{path}", json=body).json() == direct


def test_protocols_are_served_through_control_plane(
    plane: Plane, sentiment: dict[str, Any]
) -> None:
    url = f"{plane.url}/d/sentiment"
    direct = HTTP.post(sentiment["endpoint"], json={"inputs": ["What a dreadful film"]}).json()
    instances = {"instances": ["What a dreadful film"]}
    for path in ("/v1/models/sentiment:predict", "/predict"):
        assert HTTP.post(url + path, json=instances).json() == {"predictions": direct}
    plain = HTTP.post(url + "/invocations", json={"inputs": ["What a dreadful film"]})
    assert plain.json() == direct
    assert HTTP.get(url + "/ping").status_code == 200
    [tokens] = HTTP.post(url + "/tokenize", json={"inputs": "dreadful"}).json()
    ids = [token["id"] for token in tokens]
    assert HTTP.post(url + "/decode", json={"ids": ids}).json() == ["dreadful"]
    refused = HTTP.post(url + "/tokenize", json={"inputs": []})
    assert set(refused.json()) == {"error", "error_type"}


@pytest.mark.parametrize(
    ("starter", "sample", "kind"),
    [("digits", "sample.png", "image/png"), ("tones", "sample.wav", "audio/wav")],
)
def test_media_starters_accept_raw_bodies(
    plane: Plane, watched: object, starter: str, sample: str, kind: str
) -> None:
    running = plane.wait(starter, "running")
    content = (STARTERS / starter / sample).read_bytes()
    response = HTTP.post(
        running["endpoint"], content=content, headers={"Content-Type": kind}, timeout=30
    )
    assert response.status_code == 200, response.text
    scores = [item["score"] for item in response.json()]
    assert scores == sorted(scores, reverse=True)


def test_text_generation_returns_whole_text_and_stream(plane: Plane, watched: object) -> None:
    running = plane.wait("stories", "running")
    body = {"inputs": "Once upon a time", "parameters": {"max_new_tokens": 12}}
    whole = HTTP.post(running["endpoint"], json=body, timeout=60).json()
    assert whole[0]["generated_text"].strip()
    with HTTP.stream(
        "POST", running["endpoint"], json={**body, "stream": True}, timeout=60
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in stream.iter_lines() if line.startswith("data:")]
    pieces = [json.loads(line[5:]) for line in lines if "[DONE]" not in line]
    assert "".join(piece["token"]["text"] for piece in pieces if not piece["token"]["special"])
    assert pieces[-1]["generated_text"]


def test_log_contains_attempt_and_server_lines(plane: Plane, sentiment: dict[str, Any]) -> None:
    text = HTTP.get(f"{plane.url}/api/v1/deployments/sentiment/logs").text
    assert "Validate configuration" in text
    assert "sending a request to the endpoint" in text


def test_curl_example_works_unchanged(sentiment: dict[str, Any], tmp_path: Path) -> None:
    import subprocess

    command = sentiment["result"]["usage_instructions"]["example_curl"]
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True
    )
    assert json.loads(done.stdout)[0][0]["label"] in {"POSITIVE", "NEGATIVE"}


@pytest.mark.parametrize("starter", ["sentiment", "digits", "tones", "stories"])
def test_memory_estimate_is_close_to_measured_use(
    plane: Plane, watched: object, starter: str
) -> None:
    plane.wait(starter, "running")
    memory = until(lambda: measured(plane, starter), "a measure")
    # Nearly all of it is the interpreter, whose size varies with what its libraries import.
    assert 0.75 < memory["estimated_bytes"] / memory["peak_bytes"] < 1.25, memory


def measured(plane: Plane, key: str) -> dict[str, Any] | None:
    """Its memory, once a server was looked at."""
    memory = plane.get(key)["memory"]
    return memory if memory["peak_bytes"] else None


def test_openai_chat_works_through_control_plane_port(plane: Plane, watched: object) -> None:
    stories = plane.wait("stories", "running")
    script = stories["result"]["usage_instructions"]["example_openai"]
    assert f'base_url="{stories["url"]}/v1"' in script
    assert "chat.completions" in script
    body = {"messages": [{"role": "user", "content": "A story."}], "max_tokens": 8, "stream": True}
    url = f"{plane.url}/d/stories/v1/chat/completions"
    with HTTP.stream("POST", url, json=body) as response:
        lines = [line for line in response.iter_lines() if line]
    assert json.loads(lines[0].removeprefix("data: "))["choices"][0]["delta"]["role"] == "assistant"
    assert lines[-1] == "data: [DONE]"


def answered(deployment: dict[str, Any]) -> float:
    """Requests to /predict that the model server has answered with 200."""
    text = HTTP.get(f"{deployment['url']}/metrics").text
    pattern = r'slipway_requests_total\{(?=[^}]*route="/predict")[^}]*status="200"[^}]*\} (\S+)'
    return sum(map(float, re.findall(pattern, text)))


def test_figures_of_load_test_are_those_of_the_model_server(
    plane: Plane, sentiment: dict[str, Any]
) -> None:
    before = answered(sentiment)
    test = ended(plane, "sentiment", start(plane, "sentiment", seconds=1, concurrency=3))
    result = test["result"]
    assert (test["state"], test["problem"], result["errors"]) == ("completed", None, {})
    warm_up = test["input"]["count"]
    assert result["requests"] > 0
    assert answered(sentiment) - before == result["requests"] + warm_up
    latency = result["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"]
    rate = result["requests"] / result["seconds"]
    assert result["requests_per_second"] == pytest.approx(rate, rel=0.01)
    sizes = result["batch_size"]
    inputs = sizes["mean"] * sizes["batches"]
    assert inputs == pytest.approx(result["requests"], rel=0.01)
    assert sizes["mean"] <= 3
    assert sum(step["batches"] for step in sizes["distribution"]) == sizes["batches"]
    assert result["streaming"] is None
    assert test["created_at"] <= test["started_at"] <= test["ended_at"]
    assert HTTP.get(url_of(plane, "sentiment")).json() == [test]


def test_load_test_sends_given_file_and_inputs(plane: Plane, watched: object) -> None:
    image = (STARTERS / "digits" / "sample.png").read_bytes()
    # A decoder reads no further than the end of the image; the control plane takes 1 MB elsewhere.
    image += bytes(2_000_000)
    file = {"content_type": "image/png", "content": base64.b64encode(image).decode()}
    with_file = start(plane, "digits", seconds=1, file=file)
    # Queued until the other has ended.
    inputs = [{"inputs": "fine"}, {"inputs": "bad", "parameters": {"no_such": 1}}]
    rejected = start(plane, "sentiment", seconds=1, inputs=inputs)
    found = ended(plane, "digits", with_file)
    assert (found["state"], found["result"]["errors"]) == ("completed", {})
    assert found["input"] == {"kind": "file", "count": 1, "bytes": len(image)}
    failed = ended(plane, "sentiment", rejected)
    assert (failed["state"], failed["result"]) == ("failed", None)
    assert failed["problem"]["code"] == "load-test-rejected"
    assert "inputs[1]" in failed["message"]
    assert "no_such" in failed["message"]


def test_load_test_of_command_has_token_times(plane: Plane, watched: object) -> None:
    words = ["bench", "stories", "--seconds", "1", "--concurrency", "2", "--url", plane.url]
    run = slipway(*words)
    printed, errors = run.communicate(timeout=120)
    assert (run.returncode, errors) == (0, "")
    [test, *_] = HTTP.get(url_of(plane, "stories")).json()
    result, streaming = test["result"], test["result"]["streaming"]
    assert (test["state"], result["errors"]) == ("completed", {})
    # Each response has at most as many tokens as the samples request.
    assert result["requests"] < streaming["tokens"] <= 16 * result["requests"]
    first, between = streaming["time_to_first_token_ms"], streaming["inter_token_ms"]
    assert 0 < first["p50"] <= result["latency_ms"]["p50"]
    assert 0 < between["p50"] <= between["p95"]
    shown = dict(re.findall(r"^(\S.*?) {2,}(\S.*)$", printed, re.MULTILINE))
    assert shown["latency p50"] == f"{result['latency_ms']['p50']:.1f} ms"
    assert shown["first token p95"] == f"{first['p95']:.1f} ms"
    assert f"{result['requests']} requests" in printed

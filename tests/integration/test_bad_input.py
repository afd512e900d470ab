"""Hostile and careless bodies get a clear 4xx in one shape; no value comes back."""

import json
from typing import Any

import httpx
import pytest

from tests.fakes.control_plane import HTTP, Plane

MEMBERS = {
    "type", "title", "status", "detail", "code", "remedy", "error", "error_type", "request_id",
}  # fmt: skip
BODIES: list[tuple[bytes, int]] = [
    (b"{", 400),
    (b"", 422),
    (b"[]", 422),
    (b"null", 422),
    (b'{"model_id": "a"} {"model_id": "b"}', 400),
    ('{"model_id": "a"}'.encode("utf-16"), 400),
    (b'{"model_id": "\xff"}', 400),
    (b'{"model_id": "a", "model_id": "b"}', 400),
    (b'{"model_id": "a", "hardware": {"memory_limit_gb": NaN}}', 400),
    (b'{"model_id": "a", "hardware": {"memory_limit_gb": 1e400}}', 400),
    (b'{"model_id": "\\ud800"}', 400),
    (b'{"model_id": "a", "serving": {"port": ' + b"9" * 5000 + b"}}", 400),
    (b"[" * 100_000, 422),
]
VALUES: list[dict[str, Any]] = [
    {"model_id": "../x"}, {"model_id": "a/b/c"}, {"model_id": "/etc"}, {"model_id": "a--b"},
    {"model_id": "x.git"}, {"model_id": ""}, {"model_id": "a" * 97}, {"model_id": 3},
    {"model_id": "a\x00b"}, {"model_id": "user:token@h/x"}, {"model_id": "a", "unknown": 1},
    {"model_id": "a", "revision": "../main"}, {"model_id": "a", "revision": "a\nb"},
    {"model_id": "a", "name": "dep_x"}, {"model_id": "a", "name": "\u202eabc"},
    {"model_id": "a", "serving": {"port": True}}, {"model_id": "a", "serving": {"port": "8100"}},
    {"model_id": "a", "serving": {"port": 2**63}}, {"model_id": "a", "serving": {"port": -1}},
    {"model_id": "a", "hardware": {"workers": 1.0}},
    {"model_id": "a", "hardware": {"device": "tpu"}},
    {"model_id": "a", "serving": {"env": {"LD_PRELOAD": "x"}}},
    {"model_id": "a", "serving": {"env": {"HF_TOKEN": "hf_secretvalue"}}},
    {"model_id": "a", "dependencies": {"extras": ["--index-url=http://x"]}},
]  # fmt: skip


def check(response: httpx.Response) -> None:
    """The one error shape."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body.keys() >= MEMBERS
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["remedy"]


@pytest.mark.parametrize(("body", "status"), BODIES)
def test_invalid_bodies_return_problem_details(plane: Plane, body: bytes, status: int) -> None:
    for path in ("deployments", "preflight"):
        response = HTTP.post(
            f"{plane.url}/api/v1/{path}",
            content=body,
            headers={"Content-Type": "application/json"},
            timeout=30,
        )
        assert response.status_code == status, response.text
        check(response)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: json.dumps(value)[:60])
def test_out_of_range_values_are_reported_by_field_without_value(
    plane: Plane, value: dict[str, Any]
) -> None:
    response = HTTP.post(f"{plane.url}/api/v1/deployments", json=value)
    assert response.status_code == 422, response.text
    check(response)
    assert response.json()["errors"]
    assert "hf_secretvalue" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/none", 404), ("GET", "/api/v1/deployments/none", 404),
        ("DELETE", "/api/v1/deployments", 405), ("GET", "/api/v1/deployments?limit=0", 422),
        ("GET", "/api/v1/deployments?nonsense=1", 422),
        ("GET", "/api/v1/deployments/x/events?after=-1", 422),
        ("GET", "/api/v1/models/hub/..%2f..%2fetc", 422),
        ("POST", "/api/v1/deployments/none/cancel", 404),
        ("GET", "/errors/none", 404), ("GET", "/d/none/predict", 404),
    ],
)  # fmt: skip
def test_every_error_is_problem_json(plane: Plane, method: str, path: str, status: int) -> None:
    response = HTTP.request(method, f"{plane.url}{path}")
    assert response.status_code == status, response.text
    check(response)


def test_body_over_limit_returns_413(plane: Plane) -> None:
    body = json.dumps({"model_id": "a", "task": "x" * 1_100_000}).encode()
    response = HTTP.post(
        f"{plane.url}/api/v1/deployments",
        content=body,
        headers={"Content-Type": "application/json"},
        timeout=30,
    )
    assert response.status_code == 413
    check(response)


def test_valid_request_id_is_returned(plane: Plane) -> None:
    sane = HTTP.get(f"{plane.url}/health", headers={"X-Request-Id": "mine-1"})
    assert sane.headers["x-request-id"] == "mine-1"
    odd = HTTP.get(f"{plane.url}/health", headers={"X-Request-Id": "a b<script>"})
    assert odd.headers["x-request-id"] != "a b<script>"


def test_repeated_idempotency_key_creates_one_deployment(plane: Plane) -> None:
    body = {"model_id": "no-such-starter", "source": "starter"}
    url, headers = f"{plane.url}/api/v1/deployments", {"Idempotency-Key": "once-only"}
    first, second = (HTTP.post(url, json=body, headers=headers) for _ in "ab")
    assert first.json()["id"] == second.json()["id"]
    other = HTTP.post(url, json={**body, "name": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_name_can_be_reused_after_delete_but_id_returns_410(plane: Plane) -> None:
    made = plane.deploy("no-such-starter", name="short-lived")
    again = HTTP.post(
        f"{plane.url}/api/v1/deployments",
        json={"model_id": "sentiment", "source": "starter", "name": "short-lived"},
        timeout=30,
    )
    assert (again.status_code, again.json()["code"]) == (409, "name-taken")
    url = f"{plane.url}/api/v1/deployments/short-lived"
    assert HTTP.delete(url).status_code == 202
    assert HTTP.get(url).status_code == 404
    gone = HTTP.get(f"{plane.url}/api/v1/deployments/{made['id']}")
    assert gone.status_code == 410
    assert plane.deploy("no-such-starter", name="short-lived")["id"] != made["id"]

"""Compressed requests and byte order marks, at the control plane and through it."""

import gzip
import json

from tests.fakes.control_plane import HTTP, Plane

JSON = {"content-type": "application/json"}
PACKED = {**JSON, "content-encoding": "gzip"}


def test_api_accepts_compressed_requests_within_limit(plane: Plane) -> None:
    url = f"{plane.url}/api/v1/preflight"
    body = json.dumps({"model_id": "sentiment", "source": "starter"}).encode()
    assert HTTP.post(url, content=gzip.compress(body), headers=PACKED).status_code == 200
    assert HTTP.post(url, content=b"\xef\xbb\xbf" + body, headers=JSON).status_code == 200
    bomb = gzip.compress(b" " * 200_000_000)
    assert HTTP.post(url, content=bomb, headers=PACKED).status_code == 413
    assert HTTP.post(url, content=gzip.compress(body)[:-4], headers=PACKED).status_code == 400
    other = HTTP.post(url, content=body, headers={**JSON, "content-encoding": "br"})
    assert other.status_code == 415
    assert "gzip, deflate, identity" in other.json()["detail"]


def test_proxy_forwards_compressed_request_unchanged(plane: Plane) -> None:
    plane.deploy("sentiment", name="packed")
    plane.wait("packed", "running")
    body = gzip.compress(b'{"inputs": "What a wonderful film"}')
    response = HTTP.post(f"{plane.url}/d/packed/predict", content=body, headers=PACKED)
    assert response.json()[0][0]["label"] == "POSITIVE"

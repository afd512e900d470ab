"""The Open Inference Protocol returns what /predict returns, for every task with text inputs."""

import base64
import json
from typing import Any

import httpx
import numpy as np
import pytest

from backend.tasks import TASKS

MODEL = "/v2/models/test"


def body_of(task: str) -> dict[str, Any]:
    sample = TASKS[task].sample(1)
    if TASKS[task].input == "json":
        return json.loads(sample.body)
    return {"inputs": base64.b64encode(sample.body).decode()}


def tensor(name: str, *texts: str, **more: Any) -> dict[str, Any]:
    made = {"name": name, "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}
    return made | more


def tensors(item: object) -> list[dict[str, Any]]:
    if isinstance(item, dict):
        return [tensor(name, text) for name, text in item.items()]
    assert isinstance(item, str)
    return [tensor("input", item)]


def is_text(task: str) -> bool:
    item = body_of(task)["inputs"]
    parts = item.values() if isinstance(item, dict) else [item]
    return all(isinstance(part, str) for part in parts)


def nearly(text: str) -> Any:
    """JSON in which each fraction equals what is as good as it."""
    return json.loads(text, parse_float=lambda digits: pytest.approx(float(digits), abs=1e-5))


@pytest.mark.parametrize("task", [task for task in TASKS if is_text(task)])
def test_outputs_match_predict(task: str, urls: dict[str, str]) -> None:
    body = body_of(task)
    parameters = body.get("parameters", {})
    # The model for image-to-image enlarges images: nothing is random.
    if "seed" in TASKS[task].parameters.model_fields and task != "image-to-image":
        parameters |= {"seed": 1}
    sent = {"inputs": [body["inputs"]], "parameters": parameters}
    plain = httpx.post(urls[task] + "/predict", json=sent, timeout=60).raise_for_status()
    request = {"id": "7", "inputs": tensors(body["inputs"]), "parameters": parameters}
    response = httpx.post(f"{urls[task]}{MODEL}/infer", json=request, timeout=60).json()
    assert (response["id"], response["model_name"], response["model_version"]) == ("7", "test", "1")
    [output] = response["outputs"]
    if plain.headers["content-type"] != "application/json":
        return
    if output["datatype"] == "FP32":
        found = np.reshape(output["data"], output["shape"])
        assert found == pytest.approx(np.array(plain.json()), abs=1e-6)
    else:
        assert output["shape"] == [1]
        assert [json.loads(text) for text in output["data"]] == nearly(plain.text)


def test_items_are_returned_in_order(urls: dict[str, str]) -> None:
    url = f"{urls['text-classification']}{MODEL}/infer"
    texts = ["the film was boring", "a wonderful museum"]
    flat = httpx.post(url, json={"inputs": [tensor("any", *texts)]}).json()
    column = tensor("any", shape=[2, 1], data=[[text] for text in texts])
    assert httpx.post(url, json={"inputs": [column]}).json() == flat
    plain = httpx.post(urls["text-classification"] + "/predict", json={"inputs": texts}).json()
    assert [json.loads(text) for text in flat["outputs"][0]["data"]] == plain


def test_server_and_model_metadata(urls: dict[str, str]) -> None:
    url = urls["feature-extraction"]
    assert httpx.get(url + "/v2").json()["name"] == "slipway"
    model = httpx.get(url + MODEL).json()
    assert model["outputs"] == [{"name": "output", "datatype": "FP32", "shape": [-1, 32]}]
    assert httpx.get(f"{url}/v2/models/tiny/feature-extraction").json() == model
    assert httpx.get(f"{url}{MODEL}/ready").json() == {"name": "test", "ready": True}
    for path in ("/v2/health/live", "/v2/health/ready"):
        assert httpx.get(url + path).status_code == 200


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ([], 422),
        ([tensor("a", "x", shape=[2])], 422),
        ([tensor("a", "x", datatype="FP32")], 422),
        ([tensor("a", "x", data=[1])], 422),
        ([tensor("a", "x"), tensor("a", "y")], 422),
        ([tensor("a", "x"), tensor("b", "y", "z")], 422),
        ([tensor("a", "")], 422),
        ("x", 422),
    ],
)
def test_bad_request_returns_error_with_reason(
    inputs: object, status: int, urls: dict[str, str]
) -> None:
    refused = httpx.post(f"{urls['fill-mask']}{MODEL}/infer", json={"inputs": inputs})
    assert refused.status_code == status
    assert isinstance(refused.json()["error"], str)


def test_unknown_models_and_parameters_are_rejected(urls: dict[str, str]) -> None:
    url = urls["text-classification"]
    body: dict[str, Any] = {"inputs": [tensor("input", "a film")]}
    assert httpx.post(f"{url}/v2/models/other/infer", json=body).status_code == 404
    refused = httpx.post(f"{url}{MODEL}/infer", json=body | {"parameters": {"binary": True}})
    assert (refused.status_code, "binary" in refused.json()["error"]) == (422, True)

"""SageMaker, KServe V1 and Vertex AI: what /predict returns, in the format of each."""

import base64
import json
from typing import Any

import httpx
import pytest

from backend.tasks import TASKS
from tests.tasks import matrix

TASK = "text-classification"
TEXTS = ["the film was boring", "a wonderful museum"]
JSON = {"content-type": "application/json"}


def seeded(task: str) -> dict[str, Any]:
    # The model of image-to-image enlarges images, without randomness.
    has_seed = "seed" in TASKS[task].parameters.model_fields and task != "image-to-image"
    return matrix.body_of(TASKS[task], 1, **({"seed": 1} if has_seed else {}))


def nearly(text: str) -> Any:
    """JSON in which each fraction equals what is as good as it."""
    return json.loads(text, parse_float=lambda digits: pytest.approx(float(digits), abs=1e-5))


@pytest.mark.parametrize("task", TASKS)
def test_instances_return_predictions_for_every_task(task: str, urls: dict[str, str]) -> None:
    body = seeded(task)
    if TASKS[task].parameters_at_root:
        body = {"inputs": body["inputs"], "parameters": {}}
    plain = httpx.post(
        urls[task] + "/predict", json=body | {"inputs": [body["inputs"]]}, timeout=60
    )
    request = {"instances": [body["inputs"]], "parameters": body["parameters"]}
    for path in ("/v1/models/test:predict", f"/v1/models/tiny/{task}:predict", "/predict"):
        response = httpx.post(urls[task] + path, json=request, timeout=60)
        assert response.status_code == 200, response.text
        assert response.json() == {"predictions": nearly(plain.text)}


def test_instances_may_be_wrapped(urls: dict[str, str]) -> None:
    url = urls[TASK] + "/predict"
    plain = httpx.post(url, json={"inputs": TEXTS}).json()
    wrapped = [{"inputs": text} for text in TEXTS]
    assert httpx.post(url, json={"instances": wrapped}).json() == {"predictions": plain}
    image = matrix.body_of(TASKS["image-classification"], 1)["inputs"]
    url = urls["image-classification"] + "/v1/models/test:predict"
    [one] = httpx.post(url, json={"instances": [{"b64": image}]}).json()["predictions"]
    assert {"label", "score"} <= one[0].keys()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instances": []},
        {"instances": "text"},
        {"instances": [7]},
        {"instances": TEXTS, "parameters": 3},
        {"instances": TEXTS, "parameters": {"nobody": 1}},
        {"instances": TEXTS, "signature_name": "x"},
    ],
)
def test_kserve_error_is_an_object_with_text(body: dict[str, Any], urls: dict[str, str]) -> None:
    refused = httpx.post(urls[TASK] + "/v1/models/test:predict", json=body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/json"
    assert set(refused.json()) == {"error"}
    assert isinstance(refused.json()["error"], str)


def test_kserve_readiness_and_openai_model_are_one_route(urls: dict[str, str]) -> None:
    url = urls[TASK] + "/v1/models/"
    model = httpx.get(url + "test").json()
    assert (model["name"], model["ready"]) == ("test", True)
    assert (model["object"], model["id"]) == ("model", f"tiny/{TASK}")
    assert httpx.get(f"{url}tiny/{TASK}").json()["ready"] is True
    assert httpx.get(url + "other").json()["error"]["code"] == "not-found"
    missing = httpx.post(url + "other:predict", json={"instances": TEXTS})
    assert (missing.status_code, set(missing.json())) == (404, {"error"})
    assert httpx.get(urls[TASK] + "/v1/models").json()["object"] == "list"


@pytest.mark.parametrize("task", TASKS)
def test_invocations_return_what_predict_returns(task: str, urls: dict[str, str]) -> None:
    body = seeded(task)
    plain, invoked = (
        httpx.post(urls[task] + path, json=body, timeout=60)
        for path in ("/predict", "/invocations")
    )
    assert invoked.status_code == 200, invoked.text
    assert invoked.headers["content-type"] == plain.headers["content-type"]
    if plain.headers["content-type"] == "application/json":
        assert invoked.json() == nearly(plain.text)
    else:
        assert invoked.content == plain.content


def test_invocations_take_raw_media_and_tables(urls: dict[str, str]) -> None:
    image = base64.b64decode(matrix.body_of(TASKS["image-classification"], 1)["inputs"])
    url = urls["image-classification"]
    raw = {"content-type": "image/png"}
    assert (
        httpx.post(url + "/invocations", content=image, headers=raw).json()
        == httpx.post(url + "/predict", content=image, headers=raw).json()
    )
    url = urls[TASK]
    table = {"content-type": "text/csv"}
    rows = 'inputs\r\nthe film was boring\r\n"a wonderful museum"\r\n'
    found = httpx.post(url + "/invocations", content=rows, headers=table)
    assert found.json() == httpx.post(url + "/predict", json={"inputs": TEXTS}).json()
    columns = "question,context\nwhere?,maria found the museum in kyoto\n"
    found = httpx.post(urls["question-answering"] + "/invocations", content=columns, headers=table)
    item = {"question": "where?", "context": "maria found the museum in kyoto"}
    plain = httpx.post(urls["question-answering"] + "/predict", json={"inputs": [item]})
    assert found.json() == nearly(plain.text)


@pytest.mark.parametrize(
    ("rows", "status"), [("", 422), ("inputs\n", 422), ("a,b\n1\n", 422), ('inputs\n"x', 400)]
)
def test_bad_table_is_rejected(rows: str, status: int, urls: dict[str, str]) -> None:
    refused = httpx.post(
        urls[TASK] + "/invocations", content=rows, headers={"content-type": "text/csv"}
    )
    assert refused.status_code == status
    assert isinstance(refused.json()["error"], str)
    assert refused.json()["remedy"]


def test_ping_is_readiness(urls: dict[str, str]) -> None:
    assert httpx.get(urls[TASK] + "/ping").status_code == 200


@pytest.mark.parametrize(
    "task", ["text-classification", "image-classification", "question-answering"]
)
def test_openapi_examples_of_protocols_work(task: str, urls: dict[str, str]) -> None:
    document = httpx.get(urls[task] + "/openapi.json").json()
    assert document["paths"]["/ping"]["get"]["security"] == []
    invocations = document["paths"]["/invocations"]["post"]
    assert invocations["requestBody"] == document["paths"]["/predict"]["post"]["requestBody"]
    predict = document["paths"]["/v1/models/{name}:predict"]["post"]
    example = predict["requestBody"]["content"]["application/json"]["example"]
    response = httpx.post(urls[task] + "/v1/models/test:predict", json=example, timeout=60)
    assert response.status_code == 200, response.text
    assert predict["responses"]["422"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Message"}}
    }

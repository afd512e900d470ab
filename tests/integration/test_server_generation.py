"""Text generation: the model's own tokens, sampling, stops, chat and streams."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import transformers

from tests.fakes import launch, model_servers, tiny_models

PROMPT = "Once upon a time"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.text_generation(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def url(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    specs = {"one": launch.spec("text-generation", model)}
    with model_servers.all_serving(specs, tmp_path_factory.mktemp("generation")) as urls:
        yield urls["one"] + "/predict"


def generate(url: str, inputs: object = PROMPT, **parameters: Any) -> httpx.Response:
    return httpx.post(url, json={"inputs": inputs, "parameters": parameters}, timeout=30)


def events(url: str, **parameters: Any) -> list[dict[str, Any]]:
    body = {"inputs": PROMPT, "parameters": parameters, "stream": True}
    with httpx.stream("POST", url, json=body, timeout=30) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def test_greedy_tokens_and_probabilities_match_model(url: str, model: Path) -> None:
    details = generate(url, max_new_tokens=8, details=True).json()[0]["details"]
    llama = transformers.AutoModelForCausalLM.from_pretrained(model).eval()
    ids = transformers.AutoTokenizer.from_pretrained(model)(PROMPT, return_tensors="pt")[
        "input_ids"
    ]
    expected: list[tuple[int, float]] = []
    with torch.inference_mode():
        for _ in range(8):
            scores = torch.log_softmax(llama(ids).logits[0, -1], -1)
            expected.append((int(scores.argmax()), float(scores.max())))
            ids = torch.cat([ids, scores.argmax().reshape(1, 1)], 1)
    assert [token["id"] for token in details["tokens"]] == [token for token, _ in expected]
    found = [token["logprob"] for token in details["tokens"]]
    assert found == pytest.approx([score for _, score in expected], abs=1e-4)
    assert details["finish_reason"] == "length"
    assert details["input_length"] == len(PROMPT)


def test_stream_returns_same_text_in_chunks(url: str) -> None:
    whole = generate(url, max_new_tokens=12).json()[0]["generated_text"]
    chunks = events(url, max_new_tokens=12, details=True)
    assert [event["index"] for event in chunks] == list(range(1, 13))
    assert "".join(event["token"]["text"] for event in chunks) == whole
    assert chunks[-1]["generated_text"] == whole
    assert chunks[-1]["details"]["generated_tokens"] == 12
    assert all(event["generated_text"] is None for event in chunks[:-1])


def test_sampling_repeats_only_with_same_seed(url: str) -> None:
    def text(seed: int) -> str:
        response = generate(url, max_new_tokens=24, temperature=5.0, seed=seed)
        return response.json()[0]["generated_text"]

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_stop_sequence_ends_generation_and_is_not_returned(url: str) -> None:
    whole = generate(url, max_new_tokens=24, temperature=5.0, seed=3).json()[0]["generated_text"]
    stop = whole[5:7]
    cut = generate(url, max_new_tokens=24, temperature=5.0, seed=3, stop=[stop], details=True)
    [result] = cut.json()
    assert result["generated_text"] == whole[: whole.index(stop)]
    assert result["details"]["finish_reason"] == "stop_sequence"


def test_prompt_and_new_tokens_share_context_limit(url: str) -> None:
    refused = generate(url, "x" * 200, max_new_tokens=100)
    assert refused.status_code == 422
    assert "300" in refused.json()["detail"]
    assert "256" in refused.json()["detail"]
    assert generate(url, "x" * 300).json()["code"] == "input-too-long"
    assert generate(url, "x" * 300, truncate=20, max_new_tokens=2).status_code == 200
    details = generate(url, "x" * 250, details=True).json()[0]["details"]
    assert details["generated_tokens"] == 6


def test_chat_messages_use_chat_template(url: str) -> None:
    messages = [{"role": "user", "content": "hi"}]
    chat = generate(url, messages, max_new_tokens=6).json()
    assert chat == generate(url, "user: hi\nassistant: ", max_new_tokens=6).json()
    full = generate(url, messages, max_new_tokens=2, return_full_text=True).json()
    assert full[0]["generated_text"].startswith("user: hi\n")


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"role": "user"}, "content"),
        ({"role": "user", "content": 5}, "content"),
        ({"role": "user", "content": [{"type": "text", "text": "hi"}]}, "content"),
        ({"role": "user", "content": "hi", "name": "x"}, "name"),
        ("hi", "role"),
    ],
)
def test_invalid_message_is_rejected_with_field(url: str, message: object, field: str) -> None:
    response = generate(url, [{"role": "user", "content": "hi"}, message])
    assert response.status_code == 422
    assert field in response.json()["detail"]


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0},
        {"temperature": 0.0, "do_sample": True, "top_p": 0.5},
        {"top_p": 1.0},
        {"top_k": 0, "typical_p": 1},
    ],
)
def test_zero_temperature_and_disabled_sampling_are_greedy(
    url: str, settings: dict[str, Any]
) -> None:
    plain = generate(url, max_new_tokens=12).json()
    assert generate(url, max_new_tokens=12, seed=3, **settings).json() == plain


def test_generation_respects_min_new_tokens(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    llama = transformers.AutoModelForCausalLM.from_pretrained(model).eval()
    ids = transformers.AutoTokenizer.from_pretrained(model)(PROMPT, return_tensors="pt").input_ids
    with torch.inference_mode():
        first = int(llama(ids).logits[0, -1].argmax())
    # A copy of the model that generates the end token first.
    ending = tmp_path_factory.mktemp("ending") / "model"
    shutil.copytree(model, ending)
    for name in ("config.json", "generation_config.json"):
        values = json.loads((ending / name).read_text()) if (ending / name).exists() else {}
        (ending / name).write_text(json.dumps(values | {"eos_token_id": first}))
    with launch.serving(launch.spec("text-generation", ending), ending.parent / "srv") as running:
        url = f"http://127.0.0.1:{running.port}/predict"
        assert generate(url, max_new_tokens=4).json() == [{"generated_text": ""}]
        forced = generate(url, max_new_tokens=4, min_new_tokens=3, details=True).json()[0]
        assert forced["details"]["generated_tokens"] >= 3
        assert forced["details"]["tokens"][0]["id"] != first
        refused = generate(url, max_new_tokens=4, min_new_tokens=5)
        assert refused.status_code == 422
        assert "min_new_tokens" in refused.text


def test_several_prompts_return_results_in_order(url: str) -> None:
    both = generate(url, ["one", "two"], max_new_tokens=4).json()
    assert both == [generate(url, text, max_new_tokens=4).json() for text in ("one", "two")]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("max_new_tokens", [0, -1, 10**9, 1.5, True, "3"]),
        ("temperature", [-1, 1e308]),
        ("top_k", [-1, 10**9]),
        ("top_p", [0, 2]),
        ("min_new_tokens", [-1, 1.5]),
        ("repetition_penalty", [0]),
        ("seed", [2**70, -1]),
        ("stop", [["x"] * 1000, [""], "x"]),
        ("n", [10**6]),
    ],
)
def test_out_of_range_parameter_is_rejected_by_name(url: str, name: str, values: list[Any]) -> None:
    for value in values:
        response = generate(url, **{name: value})
        assert response.status_code == 422, (name, value)
        assert name in response.json()["detail"]


def test_error_before_first_token_is_plain_json(url: str) -> None:
    body = {"inputs": "x" * 300, "stream": True}
    response = httpx.post(url, json=body)
    assert (response.status_code, response.json()["code"]) == (422, "input-too-long")

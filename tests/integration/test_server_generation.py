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


def test_greedy_tokens_and_probabilities_are_the_models_own(url: str, model: Path) -> None:
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


def test_a_stream_tells_the_same_text_piece_by_piece(url: str) -> None:
    whole = generate(url, max_new_tokens=12).json()[0]["generated_text"]
    told = events(url, max_new_tokens=12, details=True)
    assert [event["index"] for event in told] == list(range(1, 13))
    assert "".join(event["token"]["text"] for event in told) == whole
    assert told[-1]["generated_text"] == whole
    assert told[-1]["details"]["generated_tokens"] == 12
    assert all(event["generated_text"] is None for event in told[:-1])


def test_a_seed_repeats_a_sample_and_another_seed_does_not(url: str) -> None:
    def text(seed: int) -> str:
        answer = generate(url, max_new_tokens=24, temperature=5.0, seed=seed)
        return answer.json()[0]["generated_text"]

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_a_stop_text_ends_the_answer_and_is_not_returned(url: str) -> None:
    whole = generate(url, max_new_tokens=24, temperature=5.0, seed=3).json()[0]["generated_text"]
    stop = whole[5:7]
    cut = generate(url, max_new_tokens=24, temperature=5.0, seed=3, stop=[stop], details=True)
    [answer] = cut.json()
    assert answer["generated_text"] == whole[: whole.index(stop)]
    assert answer["details"]["finish_reason"] == "stop_sequence"


def test_prompt_and_answer_must_fit_together(url: str) -> None:
    refused = generate(url, "x" * 200, max_new_tokens=100)
    assert refused.status_code == 422
    assert "300" in refused.json()["detail"]
    assert "256" in refused.json()["detail"]
    assert generate(url, "x" * 300).json()["code"] == "input-too-long"
    assert generate(url, "x" * 300, truncate=20, max_new_tokens=2).status_code == 200
    details = generate(url, "x" * 250, details=True).json()[0]["details"]
    assert details["generated_tokens"] == 6


def test_chat_messages_go_through_the_models_template(url: str) -> None:
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
def test_a_message_that_is_none_is_refused_by_its_field(
    url: str, message: object, field: str
) -> None:
    answer = generate(url, [{"role": "user", "content": "hi"}, message])
    assert answer.status_code == 422
    assert field in answer.json()["detail"]


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0},
        {"temperature": 0.0, "do_sample": True, "top_p": 0.5},
        {"top_p": 1.0},
        {"top_k": 0, "typical_p": 1},
    ],
)
def test_a_temperature_of_zero_and_what_is_off_give_the_likeliest_tokens(
    url: str, settings: dict[str, Any]
) -> None:
    plain = generate(url, max_new_tokens=12).json()
    assert generate(url, max_new_tokens=12, seed=3, **settings).json() == plain


def test_no_answer_ends_before_the_least_number_of_tokens(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    llama = transformers.AutoModelForCausalLM.from_pretrained(model).eval()
    ids = transformers.AutoTokenizer.from_pretrained(model)(PROMPT, return_tensors="pt").input_ids
    with torch.inference_mode():
        first = int(llama(ids).logits[0, -1].argmax())
    # A copy of the model for which the first token of its answer is the end.
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


def test_several_prompts_are_answered_in_order(url: str) -> None:
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
def test_a_parameter_out_of_bounds_is_refused_by_name(
    url: str, name: str, values: list[Any]
) -> None:
    for value in values:
        answer = generate(url, **{name: value})
        assert answer.status_code == 422, (name, value)
        assert name in answer.json()["detail"]


def test_a_refusal_before_the_first_token_is_a_plain_answer(url: str) -> None:
    body = {"inputs": "x" * 300, "stream": True}
    answer = httpx.post(url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "input-too-long")

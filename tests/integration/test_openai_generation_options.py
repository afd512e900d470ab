"""OpenAI's API with several choices, biases, and fields of GenerationConfig."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes import launch, model_servers, tiny_models

PROMPT = "Once upon"
HELLO = [{"role": "user", "content": "hi"}]
PATHS = ["/v1/chat/completions", "/v1/completions"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("options")
    (folder / "model").mkdir()
    spec = launch.spec("text-generation", tiny_models.text_generation(folder / "model"))
    with model_servers.all_serving({"one": spec}, folder) as urls:
        yield urls["one"]


def post(url: str, path: str, **options: Any) -> httpx.Response:
    source = {"messages": HELLO} if "chat" in path else {"prompt": PROMPT}
    return httpx.post(url + path, json={**source, "max_tokens": 6, **options}, timeout=30)


def texts(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    choices = response.json()["choices"]
    assert [choice["index"] for choice in choices] == list(range(len(choices)))
    return [one["text"] if "text" in one else one["message"]["content"] for one in choices]


def predicted(url: str, path: str, **parameters: Any) -> list[str]:
    inputs = HELLO if "chat" in path else PROMPT
    body = {"inputs": inputs, "parameters": {"max_new_tokens": 6, **parameters}}
    response = httpx.post(url + "/predict", json=body, timeout=30)
    return [one["generated_text"] for one in response.json()]


@pytest.mark.parametrize("path", PATHS)
def test_n_returns_several_choices(path: str, url: str) -> None:
    response = post(url, path, n=3, temperature=2.0, seed=4)
    expected = predicted(url, path, num_return_sequences=3, temperature=2.0, seed=4)
    assert texts(response) == expected
    assert len(set(expected)) == 3
    usage = response.json()["usage"]
    one = post(url, path, temperature=0).json()["usage"]
    assert usage["prompt_tokens"] == one["prompt_tokens"]
    assert usage["completion_tokens"] == 18


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        ({"num_beams": 3}, {"num_beams": 3}),
        ({"num_beams": 3, "n": 2}, {"num_beams": 3, "num_return_sequences": 2}),
        ({"temperature": 0, "logit_bias": {"70": 100}}, {"sequence_bias": [[[70], 100.0]]}),
        ({"temperature": 0, "no_repeat_ngram_size": 1}, {"no_repeat_ngram_size": 1}),
        ({"temperature": 0, "bad_words_ids": [[86]]}, {"bad_words_ids": [[86]]}),
        ({"min_p": 0.3, "seed": 2}, {"min_p": 0.3, "seed": 2}),
        ({"do_sample": False, "top_p": 0.5}, {}),
        ({"max_tokens": None, "max_new_tokens": 3, "temperature": 0}, {"max_new_tokens": 3}),
        ({"temperature": 0, "eos_token_id": 70, "min_tokens": 2},
         {"eos_token_id": 70, "min_new_tokens": 2}),
    ],
)  # fmt: skip
def test_options_match_parameters_of_predict(
    path: str, options: dict[str, Any], parameters: dict[str, Any], url: str
) -> None:
    assert texts(post(url, path, **options)) == predicted(url, path, **parameters)


def test_choices_of_several_prompts_are_adjacent(url: str) -> None:
    found = texts(post(url, "/v1/completions", prompt=["one", "two"], num_beams=2, n=2))
    alone = [
        texts(post(url, "/v1/completions", prompt=p, num_beams=2, n=2)) for p in ("one", "two")
    ]
    assert found == [*alone[0], *alone[1]]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 17}, "n: "),
        ({"n": 2, "temperature": 0}, "otherwise all texts are equal"),
        ({"n": 2, "stream": True}, "A stream has one text"),
        ({"num_beams": 2, "stream": True}, "num_beams"),
        ({"logit_bias": {"the": 1}}, "keys of logit_bias must be token ids"),
        ({"logit_bias": {"70": 1e300}}, "logit_bias"),
        ({"logit_bias": {"999999": 1}}, "token ids"),
        ({"num_beams": 99}, "num_beams"),
        ({"sequence_bias": "x"}, "sequence_bias"),
    ],
)
def test_option_that_cannot_be_honoured_is_rejected(
    path: str, options: dict[str, Any], words: str, url: str
) -> None:
    refused = post(url, path, **options)
    assert refused.status_code == 422, refused.text
    assert words in refused.json()["error"]["message"]


def test_openapi_lists_options(url: str) -> None:
    schemas = httpx.get(url + "/openapi.json").json()["components"]["schemas"]
    for name in ("ChatRequest", "CompletionRequest"):
        assert {"n", "logit_bias", "num_beams", "min_p"} <= schemas[name]["properties"].keys()

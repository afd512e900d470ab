"""Every field of the installed GenerationConfig is taken or refused with a reason."""

import re
from typing import Any

import pytest

from backend.errors.inference import OptionNotSupported
from backend.errors.request import InvalidRequest
from backend.tasks import TASKS
from backend.tasks.generation import generation_body
from backend.tasks.generation_config import REFUSED, fields, taken
from backend.tasks.seq2seq import Generation as Seq2SeqGeneration
from backend.tasks.text_generation import Parameters

GENERATING = (
    "text-generation", "text2text-generation", "summarization", "translation", "image-to-text",
    "image-text-to-text", "automatic-speech-recognition", "text-to-speech",
)  # fmt: skip
TAKEN = {name for task in GENERATING for name in TASKS[task].parameters.model_fields} & set(
    fields()
)
# JSON Schema types of the types in the documentation of transformers.
_KINDS = {"int": "integer", "float": "number", "bool": "boolean", "str": "string", "list": "array"}
# JSON has no tuples as keys; one start token for all inputs of a batch.
_OTHERWISE = {"sequence_bias": {"array"}, "decoder_start_token_id": {"integer"}}


def test_every_field_of_installed_class_is_taken_or_refused() -> None:
    assert TAKEN | set(REFUSED) == set(fields())
    assert TAKEN & set(REFUSED) == set()
    assert len(TAKEN) > 35


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_type_matches_documentation_of_installed_class(name: str) -> None:
    documented = str(fields()[name]["type"])
    expected = _OTHERWISE.get(name) or {
        kind for word, kind in _KINDS.items() if re.search(rf"(?<!list\[){word}\b", documented)
    }
    if documented.startswith("tuple"):
        expected = {"array"}
    if "Config" in documented:
        expected = {"object"}
    model = Parameters if name in Parameters.model_fields else Seq2SeqGeneration
    schema = model.model_json_schema()["properties"][name]
    found = {
        "string" if "const" in one else one.get("type", "object") for one in schema["anyOf"]
    } - {"null"}
    assert found == expected, documented


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_field_has_reason_unless_value_has_no_effect(name: str) -> None:
    with pytest.raises(OptionNotSupported, match=f"{name} is not supported: ") as caught:
        taken({name: "something"}, Parameters.model_fields)
    assert caught.value.problem().remedy.startswith(f"Remove {name};")
    for harmless in (None, False, fields()[name]["default"]):
        assert taken({name: harmless}, Parameters.model_fields) == {}


def test_field_of_other_task_is_refused_with_reason() -> None:
    for task, name, words in (
        ("summarization", "guidance_scale", "text-generation only"),
        ("text-generation", "decoder_start_token_id", "an encoder and a decoder"),
        ("image-to-text", "encoder_no_repeat_ngram_size", "not text"),
        ("automatic-speech-recognition", "num_return_sequences", "one response"),
    ):
        body: dict[str, Any] = {"inputs": "a", "parameters": {name: 7}}
        with pytest.raises(OptionNotSupported, match=words):
            TASKS[task].reshape(body)
        assert body["parameters"] == {name: 7}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"stop_sequences": ["a", "b"]}, {"stop": ["a", "b"]}),
        ({"stop_sequence": "a"}, {"stop": ["a"]}),
        ({"max_tokens": 3, "min_tokens": 1}, {"max_new_tokens": 3, "min_new_tokens": 1}),
        ({"n": 2, "random_seed": 1}, {"num_return_sequences": 2, "seed": 1}),
        ({"generate_kwargs": {"max_tokens": 3}, "top_k": 1}, {"max_new_tokens": 3, "top_k": 1}),
        ({"generation_parameters": {"output_scores": False}}, {}),
        ({"max_tokens": None, "max_new_tokens": 4}, {"max_new_tokens": 4}),
    ],
)
def test_aliases_and_nested_settings_get_names_of_task(
    given: dict[str, Any], named: dict[str, Any]
) -> None:
    assert generation_body(Parameters, {"inputs": "a", "parameters": given}) == {
        "inputs": "a",
        "parameters": named,
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"max_tokens": 3, "max_new_tokens": 4}, "alias of `max_new_tokens`"),
        ({"generate_kwargs": 3}, "must be an object"),
    ],
)
def test_alias_given_twice_is_rejected(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        generation_body(Parameters, {"parameters": given})


def test_nested_settings_of_seq2seq_keep_their_place() -> None:
    given = {"generate_parameters": {"max_tokens": 3, "use_mtp": False}, "num_beams": 2}
    body = TASKS["summarization"].reshape({"inputs": "a", "parameters": given})
    assert body["parameters"] == {"generate_parameters": {"max_new_tokens": 3}, "num_beams": 2}

"""Which PEFT adapters can be merged, and as which class their base model is loaded."""

from typing import Any

import pytest

from backend.tasks.peft_adapters import (
    adapter_of,
    base_name,
    loaded_as,
    needs_head,
    outputs_of,
    with_head,
)

HEAD = "base_model.model.classifier"


def config(**changes: Any) -> dict[str, object]:
    return {"peft_type": "LORA", "base_model_name_or_path": "acme/base", **changes}


@pytest.mark.parametrize(
    ("task_type", "base", "wanted"),
    [
        ("CAUSAL_LM", "LlamaForCausalLM", "LlamaForCausalLM"),
        ("SEQ_CLS", "LlamaForCausalLM", "LlamaForSequenceClassification"),
        ("SEQ_CLS", "RobertaForMaskedLM", "RobertaForSequenceClassification"),
        ("SEQ_CLS", "BertForSequenceClassification", "BertForSequenceClassification"),
        ("TOKEN_CLS", "DebertaV2ForMaskedLM", "DebertaV2ForTokenClassification"),
        ("QUESTION_ANS", "BertModel", "BertForQuestionAnswering"),
        ("SEQ_CLS", "GPT2LMHeadModel", "GPT2ForSequenceClassification"),
        ("FEATURE_EXTRACTION", "MistralForCausalLM", "MistralModel"),
        ("SEQ_2_SEQ_LM", "T5ForConditionalGeneration", "T5ForConditionalGeneration"),
        ("SEQ_CLS", "OwnModelOfNextYear", "OwnModelOfNextYear"),
        (None, "ViTModel", "ViTModel"),
    ],
)
def test_class_of_the_base_model(task_type: str | None, base: str, wanted: str) -> None:
    assert loaded_as(adapter_of(config(task_type=task_type), {}), [base]) == [wanted]


def test_auto_mapping_names_the_class_if_the_library_has_it() -> None:
    mapping = {"base_model_class": "ViTForImageClassification", "parent_library": "os"}
    adapter = adapter_of(config(auto_mapping=mapping), {})
    assert loaded_as(adapter, ["ViTModel"]) == ["ViTForImageClassification"]
    unknown = adapter_of(config(auto_mapping={"base_model_class": "Popen"}), {})
    assert loaded_as(unknown, ["ViTModel"]) == ["ViTModel"]


@pytest.mark.parametrize(
    ("names", "outputs", "has_head"),
    [
        ({f"{HEAD}.weight": [3, 32]}, 3, True),
        ({f"{HEAD}.dense.weight": [32, 32], f"{HEAD}.out_proj.weight": [5, 32]}, 5, True),
        ({"base_model.model.score.modules_to_save.weight": [2, 32]}, 2, True),
        ({"base_model.model.qa_outputs.weight": [2, 32]}, None, True),
        ({"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": [8, 32]}, None, False),
    ],
)
def test_outputs_are_those_of_the_last_layer_of_the_head(
    names: dict[str, list[int]], outputs: int | None, has_head: bool
) -> None:
    adapter = adapter_of(config(task_type="SEQ_CLS"), names)
    assert (adapter.outputs, adapter.has_head) == (outputs, has_head)
    assert outputs_of(names) == outputs


def test_head_of_a_pickle_file_is_told_from_modules_to_save() -> None:
    assert adapter_of(config(modules_to_save=["classifier", "score"]), {}).has_head
    assert not adapter_of(config(modules_to_save=["embed_tokens"]), {}).has_head
    assert not adapter_of(config(modules_to_save="classifier"), {}).has_head


def test_only_a_new_head_must_be_in_the_adapter() -> None:
    adapter = adapter_of(config(task_type="SEQ_CLS"), {})
    assert needs_head(adapter, ["BertForMaskedLM"])
    assert not needs_head(adapter, ["BertForSequenceClassification"])
    assert not needs_head(adapter_of(config(task_type="CAUSAL_LM"), {}), ["LlamaForCausalLM"])


def test_names_of_the_labels() -> None:
    base = {"model_type": "bert", "id2label": {"0": "no", "1": "yes"}, "num_labels": 2}
    own = {"id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}
    classes = ["BertForSequenceClassification"]
    assert with_head(base, classes, 3, own)["id2label"] == own["id2label"]
    assert with_head(base, classes, 2, {}) == base | {"architectures": classes}
    numbered = with_head(base, classes, 4, own)
    assert numbered["label2id"] == {f"LABEL_{number}": number for number in range(4)}
    assert "num_labels" not in numbered
    assert with_head(base, classes, None, own)["id2label"] == base["id2label"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"peft_type": "PROMPT_TUNING"}, "prepend a trained prompt"),
        ({"peft_type": "XLORA"}, "cannot be merged"),
        ({"peft_type": None}, "not written by PEFT"),
        ({"alora_invocation_tokens": [1, 2]}, "aLoRA"),
        ({"layer_replication": [[0, 4], [2, 6]]}, "replicated layers"),
        ({"megatron_config": {"a": 1}, "megatron_core": "os"}, "Megatron"),
    ],
)
def test_what_cannot_be_merged_is_refused(changes: dict[str, Any], reason: str) -> None:
    refused = adapter_of(config(**changes), {}).refused
    assert refused is not None
    assert reason in refused
    assert (
        adapter_of(config(use_dora=True, use_rslora=True, megatron_config=None), {}).refused is None
    )


def test_name_in_the_base_model() -> None:
    assert base_name("base_model.model.classifier.modules_to_save.default.weight") == (
        "classifier.weight"
    )
    assert base_name("base_model.model.lm_head.weight") == "lm_head.weight"

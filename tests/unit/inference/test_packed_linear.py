"""Packed linear layers return what the usual ones do, and hold no second copy of their weights."""

import copy
from typing import Any

import pytest
import torch
import transformers
from torch import nn

from backend.inference.engines.packed_linear import pack_linear_weights

SIZES = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
    "vocab_size": 300,
}  # fmt: skip


def built(kind: str, config: str, **more: Any) -> Any:
    torch.manual_seed(0)
    made = getattr(transformers, config)(**SIZES | more)
    return getattr(transformers, kind)(made).eval()


def logits_of(model: Any) -> torch.Tensor:
    ids = torch.arange(5, 23)[None].repeat(3, 1)
    with torch.inference_mode():
        return model(input_ids=ids).logits


@pytest.mark.parametrize(
    ("kind", "config", "more"),
    [
        ("BertForMaskedLM", "BertConfig", {}),
        ("BertForSequenceClassification", "BertConfig", {}),
        ("LlamaForCausalLM", "LlamaConfig", {"tie_word_embeddings": False}),
        ("Qwen3ForCausalLM", "Qwen3Config", {"num_key_value_heads": 2, "head_dim": 16}),
        ("ElectraForTokenClassification", "ElectraConfig", {"embedding_size": 64}),
        ("GPT2LMHeadModel", "GPT2Config", {"n_embd": 64, "n_layer": 2, "n_head": 4}),
    ],
)  # fmt: skip
def test_results_are_those_of_the_usual_layers(kind: str, config: str, more: Any) -> None:
    model = built(kind, config, **more)
    expected = logits_of(model)
    dtype, parameters = model.dtype, sum(one.numel() for one in model.parameters())
    assert pack_linear_weights(model) > 0
    torch.testing.assert_close(logits_of(model), expected, rtol=1e-4, atol=1e-4)
    assert (model.dtype, sum(one.numel() for one in model.parameters())) == (dtype, parameters)


def test_weights_are_released_unless_another_module_has_them() -> None:
    model = built("LlamaForCausalLM", "LlamaConfig", tie_word_embeddings=True)
    pack_linear_weights(model)
    packed = model.model.layers[0].mlp.up_proj.weight
    assert torch.isnan(packed).all()
    assert packed.untyped_storage().nbytes() == packed.element_size()
    assert not torch.isnan(model.get_input_embeddings().weight).any()


def test_other_classes_small_layers_and_other_dtypes_stay() -> None:
    class Own(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(8, 8), Own(80, 80))
    before = copy.deepcopy(model.state_dict())
    assert pack_linear_weights(model) == 0
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    half = built("BertModel", "BertConfig").to(torch.float16)
    assert pack_linear_weights(half) == 0

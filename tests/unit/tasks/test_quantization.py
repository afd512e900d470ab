"""How quantized checkpoints are told apart and judged, from configs and tensor headers."""

from typing import Any

import pytest

from backend.tasks.quantization import quantization_of, quantization_settings
from backend.tasks.quantization_methods import METHODS
from backend.tasks.quantizers import quantizers

GPTQ = {
    "a.qweight": ("I32", (8, 32)), "a.qzeros": ("I32", (4, 4)), "a.scales": ("F16", (4, 32)),
    "a.g_idx": ("I32", (64,)), "b.weight": ("F16", (10, 64)),
}  # fmt: skip
AWQ = {"a.qweight": ("I32", (64, 4)), "a.qzeros": ("I32", (4, 4)), "a.scales": ("F16", (4, 32))}
ONE_GROUP = {"config_groups": {"g": {"weights": {"num_bits": 4}}}}


def judged(settings: dict[str, Any], shapes: Any) -> Any:
    return quantization_of({"config.json": {"quantization_config": settings}}, shapes)


def test_model_without_settings_is_not_quantized() -> None:
    assert quantization_of({"config.json": {"model_type": "llama"}}, {}) is None


@pytest.mark.parametrize(
    ("configs", "method"),
    [
        ({"config.json": {"text_config": {"quantization_config": {"quant_method": "awq"}}}}, "awq"),
        ({"config.json": {"compression_config": {"quant_method": "fp8"}}}, "fp8"),
        ({"config.json": {"quantization_config": {"load_in_4bit": True}}}, "bitsandbytes"),
        ({"config.json": {}, "quantize_config.json": {"bits": 4}}, "gptq"),
        ({"config.json": {}, "quant_config.json": {"w_bit": 4, "q_group_size": 128}}, "awq"),
        ({"config.json": {}, "hf_quant_config.json": {"quantization": {"quant_algo": "FP8"}}},
         "modelopt"),
        ({"config.json": {"quantization": {"bits": 4}, "quantization_config": {"bits": 4}}}, "mlx"),
    ],
)  # fmt: skip
def test_method_is_found_in_every_file_that_names_it(
    configs: dict[str, dict[str, object]], method: str
) -> None:
    settings = quantization_settings(configs)
    assert settings is not None
    assert settings["quant_method"] == method
    assert "w_bit" not in settings


def test_parameters_of_packed_weights_are_counted_unpacked() -> None:
    found = judged({"quant_method": "gptq", "bits": 4}, GPTQ)
    assert (found.loads, found.title) == ("dequantized", "GPTQ, 4 bits")
    assert found.parameters == found.unpacked == 64 * 32 + 10 * 64
    assert found.bytes_in_memory(2) == 2 * found.unpacked


def test_weights_that_stay_quantized_are_counted_in_bytes() -> None:
    shapes = {
        "a.weight": ("U8", (1024, 1)), "a.weight.absmax": ("F32", (32,)),
        "b.weight": ("BF16", (10, 64)),
    }  # fmt: skip
    found = judged({"quant_method": "bitsandbytes", "load_in_4bit": True}, shapes)
    assert (found.loads, found.packed_bytes, found.unpacked) == ("quantized", 1024 + 128, 640)
    assert found.parameters == 2048 + 640
    assert found.bytes_in_memory(4) == 1024 + 128 + 4 * 640


@pytest.mark.parametrize(
    ("settings", "shapes", "part"),
    [
        ({"quant_method": "gptq", "checkpoint_format": "marlin"}, GPTQ, "'marlin'"),
        ({"quant_method": "gptq", "bits": 3}, GPTQ, "3 bits"),
        ({"quant_method": "gptq"}, {"a.weight": ("F16", (4, 4))}, "no quantized tensors"),
        ({"quant_method": "gptq"}, {**GPTQ, "a.qzeros": ("I32", (4, 5))}, "layout of GPTQ"),
        ({"quant_method": "gptq"}, {**GPTQ, "c.qzeros": ("I32", (4, 4))}, "without c.qweight"),
        ({"quant_method": "awq", "version": "gemv"}, AWQ, "'gemv'"),
        ({"quant_method": "awq", "bits": 8}, AWQ, "8 bits"),
        ({"quant_method": "awq"}, {**AWQ, "act.scales": ("F16", (32,))}, "act.scales"),
        ({"quant_method": "awq"}, {**AWQ, "a.scales": ("F16", (4, 31))}, "GEMM layout"),
        ({"quant_method": "auto-round", "packing_format": "auto_round:fp8"}, GPTQ, "packing"),
        ({"quant_method": "fp8"},
         {"a.weight": ("F8_E4M3", (576, 256)), "a.weight_scale_inv": ("F32", (5, 2))}, "multiple"),
        ({"quant_method": "fp8"}, {"a.weight": ("F8_E4M3", (256, 256))}, "has no scale"),
        ({"quant_method": "fp8"}, {"a.weight": ("BF16", (256, 256))}, "no quantized tensors"),
        ({"quant_method": "fp8"},
         {"a.experts.up_proj": ("F8_E4M3", (4, 256, 256)),
          "a.experts.up_proj_scale_inv": ("F32", (4, 2, 2))}, "layout of a.experts.up_proj"),
        ({"quant_method": "compressed-tensors", **ONE_GROUP},
         {"a.weight": ("I8", (4, 4)), "a.weight_scale": ("F16", (4, 1)),
          "a.experts.up_proj": ("I8", (4, 4))}, "layout of a.experts.up_proj"),
        ({"quant_method": "mxfp4"}, {"a_blocks": ("U8", (1,))}, "gpt-oss"),
        ({"quant_method": "compressed-tensors"}, {}, "0 groups"),
        ({"quant_method": "compressed-tensors", "format": "marlin-24", **ONE_GROUP}, {}, "marlin"),
        ({"quant_method": "compressed-tensors", **ONE_GROUP,
          "sparsity_config": {"format": "sparse-24-bitmask"}}, {}, "sparse"),
        ({"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig"}}},
         {}, "Int4WeightOnlyConfig"),
        ({"quant_method": "torchao", "quant_type": "int8_weight_only"}, {}, "int8_weight_only"),
        ({"quant_method": "eetq"}, {}, "a GPU and accelerate and kernels"),
        ({"quant_method": "aqlm"}, {}, "accelerate and aqlm"),
        ({"quant_method": "of-next-year"}, {}, "cannot load"),
        ({"quant_method": "gptq"}, None, "layout is not known"),
    ],
)  # fmt: skip
def test_checkpoint_that_cannot_be_loaded_has_the_reason(
    settings: dict[str, Any], shapes: Any, part: str
) -> None:
    found = judged(settings, shapes)
    assert found.loads is None
    assert part in found.reason


@pytest.mark.parametrize("settings", [
    {"quant_method": 7, "bits": "four"}, {"quant_method": "gptq", "bits": "four"},
    {"quant_method": "gptq", "bits": 0}, {"quant_method": "torchao", "quant_type": []},
    {"quant_method": "compressed-tensors", "config_groups": [1]},
    {"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": "int"}}},
    {"quant_method": "auto-round", "data_type": 3, "packing_format": []},
])  # fmt: skip
def test_settings_of_wrong_types_are_judged_without_an_exception(settings: dict[str, Any]) -> None:
    assert judged(settings, {"a.qweight": ("I32", (8,))}).loads is None


def test_every_method_is_one_of_the_library() -> None:
    assert set(METHODS) < set(quantizers())

"""Detection of the format of a model folder from its files."""

from typing import Any

import pytest

from backend.hub.folder_format import other_format, unsupported_format

CASES: dict[str, tuple[list[str], dict[str, Any] | None, str | None]] = {
    "transformers": (["config.json", "model.safetensors"], {"model_type": "bert"}, None),
    "transformers in shards": (["config.json", "model.safetensors.index.json"], {}, None),
    "transformers beside ONNX": (
        ["config.json", "model.safetensors", "onnx/model.onnx"], {"model_type": "bert"}, None,
    ),
    "transformers with an adapter of its own": (
        ["config.json", "model.safetensors", "adapter_config.json"], {"model_type": "x"}, None,
    ),
    "LoRA": (["adapter_config.json", "adapter_model.safetensors"], None, None),
    "LoRA without weights": (["adapter_config.json", "pytorch_adapter.bin"], None, "PEFT adapter"),
    "LoRA with the base's config": (
        ["adapter_config.json", "adapter_model.bin", "config.json"], {}, None,
    ),
    "GGUF": (["README.md", "model-q4_k_m.gguf"], None, None),
    "GGUF with a config": (["config.json", "a.gguf"], {"model_type": "llama"}, None),
    "GGUF in parts": (["a-00001-of-00002.gguf"], None, "GGUF files"),
    "GGUF of an image encoder": (["mmproj-F16.gguf"], None, "GGUF files"),
    "diffusers": (
        ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors"],
        None, None,
    ),
    "LoRA of diffusers": (["pytorch_lora_weights.safetensors"], None, "LoRA of diffusers"),
    "ONNX": (["config.json", "onnx/model.onnx"], {"model_type": "bert"}, None),
    "ONNX in parts": (["config.json", "decoder_model.onnx"], {"model_type": "t5"}, "ONNX model"),
    "ONNX without a config": (["onnx/model.onnx", "tokenizer.json"], None, "ONNX model"),
    "OpenVINO": (["config.json", "openvino_model.xml", "openvino_model.bin"], {}, "OpenVINO model"),
    "timm": (["config.json", "model.safetensors"], {"architecture": "resnet18"}, None),
    "TensorFlow": (["config.json", "tf_model.h5"], {}, "TensorFlow weights"),
    "Flax": (["config.json", "flax_model.msgpack"], {}, "Flax weights"),
    "weights alone": (["model.pt"], None, "Weights without a config"),
    "weights with a name of transformers": (
        ["pytorch_model.bin"], None, "Weights without a config",
    ),
    "GLiNER": (["gliner_config.json", "pytorch_model.bin"], None, "Model of GLiNER"),
    "spaCy": (["config.cfg", "meta.json", "tok2vec/model"], None, "Model of spaCy"),
    "NeMo": (["parakeet-tdt-0.6b-v2.nemo", "README.md"], None, "Model of NeMo"),
    "OpenCLIP": (["open_clip_config.json", "open_clip_model.safetensors"], None,
                 "Model of OpenCLIP"),
    "OpenCLIP that transformers loads, too": (
        ["config.json", "open_clip_config.json", "pytorch_model.bin"], {"model_type": "clip"}, None,
    ),
    "scikit-learn": (["model.joblib"], None, "Model of scikit-learn"),
    "other files": (["notes.txt"], None, "No model"),
    "empty": ([], None, "No model"),
}  # fmt: skip


@pytest.mark.parametrize(("paths", "config", "kind"), CASES.values(), ids=CASES.keys())
def test_folder_format_is_detected(
    paths: list[str], config: dict[str, Any] | None, kind: str | None
) -> None:
    found = unsupported_format(paths, config)
    assert (found.kind if found else None) == kind
    assert found is None or (found.reason and found.instead)


def test_incomplete_download_is_not_another_format() -> None:
    assert other_format(["tokenizer.json"], None) is None
    assert other_format(["config.json", "tokenizer.json"], {"model_type": "bert"}) is None


def test_library_that_the_hub_names_is_told() -> None:
    found = other_format(["pytorch_model.bin", "README.md"], None, "flair")
    assert found is not None
    assert found.kind == "Model of Flair"
    assert other_format(["config.json", "model.safetensors"], {"model_type": "x"}, "mlx") is None

"""Repositories that preflight must reject, beside those of `shapes`."""

import json
from pathlib import Path

import transformers as hf

from tests.fakes.shapes import SIZES, Shape, bert_wordpiece, llama_spm


def no_tokenizer(folder: Path) -> None:
    """Weights and config only, as many fine-tuned models are pushed."""
    bert_wordpiece(folder)
    for name in ("vocab.txt", "tokenizer_config.json", "tokenizer.json"):
        (folder / name).unlink(missing_ok=True)


def no_image_processor(folder: Path) -> None:
    config = hf.ViTConfig(image_size=32, patch_size=8, **SIZES)
    hf.ViTForImageClassification(config).save_pretrained(folder)


def own_code(folder: Path) -> None:
    bert_wordpiece(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "modeling_own.OwnConfig"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling_own.py").write_text('raise RuntimeError("code of the repository ran")')


def unknown_type(folder: Path) -> None:
    bert_wordpiece(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "from-next-year"}))


def gptq(folder: Path) -> None:
    llama_spm(folder)
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4, "group_size": 128}
    (folder / "config.json").write_text(json.dumps(config))


def bert_japanese(folder: Path) -> None:
    """Its dictionary is no wheel, and would run code while it is installed."""
    bert_wordpiece(folder)
    settings = {"tokenizer_class": "BertJapaneseTokenizer", "word_tokenizer_type": "mecab"}
    settings |= {"mecab_kwargs": {"mecab_dic": "unidic_lite"}}
    (folder / "tokenizer.json").unlink(missing_ok=True)
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def peft_no_weights(folder: Path) -> None:
    """Adapters that can be served are in adapter_shapes.py."""
    config = {"peft_type": "LORA", "base_model_name_or_path": "acme/llama_spm"}
    (folder / "adapter_config.json").write_text(json.dumps(config))


def gguf(folder: Path) -> None:
    """Those that can be served are in gguf_models.py."""
    (folder / "model-q4_k_m.gguf").write_bytes(b"GGUF" + bytes(1000))


def onnx(folder: Path) -> None:
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(bytes(1000))
    config = {"model_type": "bert", "architectures": ["BertForSequenceClassification"]}
    (folder / "config.json").write_text(json.dumps(config))


def diffusers(folder: Path) -> None:
    """A pipeline with a class of its own."""
    index = {"_class_name": "OwnPipeline", "unet": ["own_unet", "OwnUNet"]}
    (folder / "model_index.json").write_text(json.dumps(index))


REJECTED: tuple[Shape, ...] = (
    own_code, no_tokenizer, no_image_processor, unknown_type, gptq, bert_japanese, peft_no_weights,
    gguf, onnx, diffusers,
)  # fmt: skip

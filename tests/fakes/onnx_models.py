"""Tiny repositories with ONNX files, in the layouts of the Hub, and the models they came from.

`python -m tests.fakes.onnx_models DIR [SHAPE …]` writes DIR/acme/SHAPE, and the same model in
safetensors as DIR/torch/SHAPE. Exported with PyTorch's tracing exporter, whose files look like
those that optimum and transformers.js publish.
"""

import importlib
import json
import shutil
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers as hf

from tests.fakes.tiny_models import image_text, media, ranking, text, tokenizers, vision

OWNER = "acme"
TEXT = ("input_ids", "attention_mask", "token_type_ids")
_LOGITS = ("logits",)
_MAKES_TEXT = ("input_ids", "attention_mask")


@dataclass(frozen=True, kw_only=True)
class Export:
    """How a tiny model becomes an ONNX repository; `task` is that of its Hub metadata."""

    task: str
    build: Callable[[Path], Path]
    kind: str
    inputs: tuple[str, ...] = TEXT
    outputs: tuple[str, ...] = _LOGITS
    names: tuple[str, ...] = ()
    file: str = "model.onnx"
    is_single: bool = False
    is_half: bool = False
    after: Callable[[Path, Path], None] | None = None


def _sample(name: str, config: Any, tokens: int) -> torch.Tensor:
    if name == "pixel_values":
        side = getattr(getattr(config, "vision_config", config), "image_size", 32)
        height, width = side if isinstance(side, (list, tuple)) else (side, side)
        return torch.randn(1, 3, height, width)
    if name == "input_values":
        return torch.randn(1, 4000)
    kind = torch.zeros if "type" in name else torch.ones
    return kind(1, tokens, dtype=torch.int64)


class _Positional(torch.nn.Module):
    """The exporter passes inputs by position and wants a tuple of tensors."""

    def __init__(self, model: Any, how: Export) -> None:
        super().__init__()
        self.model, self.how = model, how

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = self.model(**dict(zip(self.how.inputs, tensors, strict=True)))
        return tuple(_output(found, name, tensors) for name in self.how.outputs)


def _output(found: Any, name: str, tensors: tuple[torch.Tensor, ...]) -> torch.Tensor:
    if name != "sentence_embedding":
        return getattr(found, name)
    mask = tensors[1].unsqueeze(-1).float()
    mean = (found.last_hidden_state * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(mean, dim=-1)


def export(folder: Path, how: Export) -> None:
    """Replace the weights in the folder by an ONNX file."""
    model = getattr(hf, how.kind).from_pretrained(folder, attn_implementation="eager").eval()
    tokens = 32 if how.is_single else 6
    samples = tuple(_sample(name, model.config, tokens) for name in how.inputs)
    if how.is_half:
        model = model.half()
        samples = tuple(one.half() if one.is_floating_point() else one for one in samples)
    names = list(how.names or how.outputs)
    axes: dict[str, dict[int, str]] = {name: {0: "batch"} for name in (*how.inputs, *names)}
    for name in how.inputs:
        if name in TEXT:
            axes[name] = {0: "texts", 1: "tokens"}
        if name == "input_values":
            axes[name][1] = "samples"
    target = folder / how.file
    target.parent.mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Positional(model, how), samples, str(target), input_names=list(how.inputs),
            output_names=names, dynamic_axes={} if how.is_single else axes, dynamo=False,
        )  # fmt: skip
    (folder / "model.safetensors").unlink()


def roberta(folder: Path) -> Path:
    """Positions count from after the padding index: 64 of the 66 in config.json."""
    tokenizer = tokenizers.bert_tokenizer(10_000)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(8)
    config = hf.RobertaConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        vocab_size=len(tokenizer), max_position_embeddings=66, pad_token_id=0,
    )  # fmt: skip
    model = hf.RobertaForSequenceClassification(config)
    tokenizers.scale_weights(model)
    model.save_pretrained(folder)
    return folder


def large_bert(folder: Path) -> Path:
    """86 million parameters, nearly all of them in layers."""
    tokenizer = tokenizers.bert_tokenizer(64)
    tokenizer.save_pretrained(folder)
    config = hf.BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64)
    hf.BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def without_architectures(folder: Path, file: Path) -> None:
    del file
    config = json.loads((folder / "config.json").read_text())
    del config["architectures"]
    (folder / "config.json").write_text(json.dumps(config))


def with_data_file(folder: Path, file: Path) -> None:
    del folder
    onnx: Any = importlib.import_module("onnx")
    model = onnx.load(file)
    file.unlink()
    onnx.save_model(
        model, file, save_as_external_data=True, location=f"{file.name}_data", size_threshold=0
    )


def with_variants(folder: Path, file: Path) -> None:
    """Other precisions beside it, which must not be downloaded."""
    del folder
    for variant in ("quantized", "fp16", "q4"):
        shutil.copy(file, file.with_name(f"model_{variant}.onnx"))


def only_quantized(folder: Path, file: Path) -> None:
    """Weights in eight bits, dequantized in the graph."""
    del folder
    onnx: Any = importlib.import_module("onnx")
    model = onnx.load(file)
    for initializer in list(model.graph.initializer):
        array = onnx.numpy_helper.to_array(initializer)
        if array.ndim != 2 or array.dtype.kind != "f":
            continue
        scale = abs(array).max() / 127
        quantized = (array / scale).round().astype("int8")
        parts = [
            onnx.numpy_helper.from_array(quantized, f"{initializer.name}.int8"),
            onnx.numpy_helper.from_array(scale.astype("float32"), f"{initializer.name}.scale"),
        ]
        node = onnx.helper.make_node(
            "DequantizeLinear", [part.name for part in parts], [initializer.name]
        )
        model.graph.initializer.remove(initializer)
        model.graph.initializer.extend(parts)
        model.graph.node.insert(0, node)
    file.unlink()
    onnx.save_model(model, file.with_name("model_quantized.onnx"))


def with_safetensors(folder: Path, file: Path) -> None:
    """Both formats, as in many repositories of sentence-transformers."""
    del file
    shutil.copy(folder.parents[1] / "torch" / folder.name / "model.safetensors", folder)


EXPORTS: dict[str, Export] = {
    "classifier": Export(
        task="text-classification", build=text.text_classification,
        kind="BertForSequenceClassification",
    ),
    "transformers_js": Export(
        task="text-classification", build=text.text_classification,
        kind="BertForSequenceClassification", file="onnx/model.onnx", after=with_variants,
    ),
    "data_file": Export(
        task="text-classification", build=text.text_classification,
        kind="BertForSequenceClassification", file="onnx/model.onnx", after=with_data_file,
    ),
    "quantized": Export(
        task="text-classification", build=text.text_classification,
        kind="BertForSequenceClassification", file="onnx/model.onnx", after=only_quantized,
    ),
    "other_names": Export(
        task="text-classification", build=roberta, kind="RobertaForSequenceClassification",
        inputs=_MAKES_TEXT, names=("output_0",),
    ),
    "one_text": Export(
        task="zero-shot-classification", build=text.zero_shot_classification,
        kind="BertForSequenceClassification",
    ),
    "entities": Export(
        task="token-classification", build=text.token_classification,
        kind="BertForTokenClassification",
    ),
    "mask": Export(task="fill-mask", build=text.fill_mask, kind="BertForMaskedLM"),
    "fixed_length": Export(
        task="token-classification", build=text.token_classification,
        kind="BertForTokenClassification", is_single=True,
    ),
    "half": Export(
        task="image-classification", build=media.image_classification,
        kind="ViTForImageClassification", inputs=("pixel_values",), file="onnx/model_fp16.onnx",
        is_half=True,
    ),
    "answers": Export(
        task="question-answering", build=text.question_answering, kind="BertForQuestionAnswering",
        outputs=("start_logits", "end_logits"),
    ),
    "ranking": Export(
        task="text-ranking", build=ranking.text_ranking, kind="BertForSequenceClassification",
    ),
    "embeddings": Export(
        task="feature-extraction", build=text.feature_extraction, kind="BertModel",
        outputs=("last_hidden_state",), file="onnx/model.onnx",
    ),
    "pooled": Export(
        task="sentence-similarity", build=text.feature_extraction, kind="BertModel",
        outputs=("last_hidden_state", "sentence_embedding"),
        names=("token_embeddings", "sentence_embedding"), file="onnx/model.onnx",
    ),
    "t5_encoder": Export(
        task="feature-extraction", build=ranking.t5_encoder, kind="T5EncoderModel",
        inputs=_MAKES_TEXT, outputs=("last_hidden_state",),
    ),
    "images": Export(
        task="image-classification", build=media.image_classification,
        kind="ViTForImageClassification", inputs=("pixel_values",), after=without_architectures,
    ),
    "one_image": Export(
        task="image-classification", build=media.image_classification,
        kind="ViTForImageClassification", inputs=("pixel_values",), is_single=True,
    ),
    "image_features": Export(
        task="image-feature-extraction", build=vision.image_feature_extraction, kind="AutoModel",
        inputs=("pixel_values",), outputs=("last_hidden_state",),
    ),
    "boxes": Export(
        task="object-detection", build=vision.object_detection, kind="AutoModelForObjectDetection",
        inputs=("pixel_values",), outputs=("logits", "pred_boxes"),
    ),
    "segments": Export(
        task="image-segmentation", build=vision.image_segmentation,
        kind="AutoModelForSemanticSegmentation", inputs=("pixel_values",),
    ),
    "clip": Export(
        task="zero-shot-image-classification", build=image_text.clip, kind="CLIPModel",
        inputs=("input_ids", "pixel_values", "attention_mask"),
        outputs=("logits_per_image", "logits_per_text", "text_embeds", "image_embeds"),
    ),
    "siglip": Export(
        task="zero-shot-image-classification", build=image_text.siglip, kind="SiglipModel",
        inputs=("input_ids", "pixel_values", "attention_mask"),
        outputs=("logits_per_image", "logits_per_text"),
    ),
    "owl": Export(
        task="zero-shot-object-detection", build=image_text.owl, kind="OwlViTForObjectDetection",
        inputs=("input_ids", "pixel_values", "attention_mask"), outputs=("logits", "pred_boxes"),
    ),
    "depth": Export(
        task="depth-estimation", build=vision.depth_estimation,
        kind="AutoModelForDepthEstimation", inputs=("pixel_values",), outputs=("predicted_depth",),
    ),
    "audio": Export(
        task="audio-classification", build=media.audio_classification,
        kind="Wav2Vec2ForSequenceClassification", inputs=("input_values",),
    ),
    "both": Export(
        task="feature-extraction", build=text.feature_extraction, kind="BertModel",
        outputs=("last_hidden_state",), file="onnx/model.onnx", after=with_safetensors,
    ),
}  # fmt: skip


LARGE: dict[str, Export] = {
    "large": Export(
        task="text-classification", build=large_bert, kind="BertForSequenceClassification",
    ),
    "large_data_file": Export(
        task="text-classification", build=large_bert, kind="BertForSequenceClassification",
        after=with_data_file,
    ),
}  # fmt: skip


def build(root: Path, name: str) -> None:
    """One repository, and its model in safetensors."""
    how = (EXPORTS | LARGE)[name]
    twin, folder = root / "torch" / name, root / OWNER / name
    for place in (twin, folder):
        place.mkdir(parents=True)
    how.build(twin)
    shutil.copytree(twin, folder, dirs_exist_ok=True)
    export(folder, how)
    if how.after:
        how.after(folder, folder / how.file)
    (folder / "hub.json").write_text(json.dumps({"pipeline_tag": how.task}))


def main(root: Path, *names: str) -> None:
    """Build these, or all small ones."""
    for name in names or EXPORTS:
        build(root, name)


if __name__ == "__main__":
    hf.utils.logging.set_verbosity_error()
    main(Path(sys.argv[1]), *sys.argv[2:])

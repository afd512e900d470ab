"""Repositories whose models require torchvision or timm, with what the libraries themselves return.

Runs in a process that has both: `python -m tests.fakes.vision_shapes FOLDER` writes the models and
prints `{name: {"task": …, "body": …, "output": …}}`.
"""

import base64
import importlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file

from backend.inference.video import read_frames
from backend.tasks import TASKS
from tests.fakes.tiny_models.image_text_to_text import CHAT_PARTS, tokenizer_with, words_config
from tests.fakes.tiny_models.tokenizers import scale_weights

hf: Any = transformers
timm: Any = importlib.import_module("timm")
SIDE = 32
SIZE = {"height": SIDE, "width": SIDE}
LABELS = {"id2label": {0: "cat", 1: "dog"}, "label2id": {"cat": 0, "dog": 1}}
Reference = dict[str, Any]


def picture() -> Image.Image:
    pixels = np.random.default_rng(5).integers(0, 255, (40, 48, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def packed(image: Image.Image) -> str:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def of_timm(folder: Path, classes: int) -> Any:
    """A repository in the layout of timm: no model_type and no class of transformers."""
    torch.manual_seed(7)
    model = timm.create_model("resnet18", num_classes=classes).eval()
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    settings = {
        "input_size": [3, SIDE, SIDE], "interpolation": "bicubic", "crop_pct": 0.95,
        "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "num_classes": classes,
        "pool_size": [1, 1], "first_conv": "conv1", "classifier": "fc",
    }  # fmt: skip
    config = {
        "architecture": "resnet18", "num_classes": classes, "num_features": 512,
        "label_names": [f"class {i}" for i in range(classes)], "pretrained_cfg": settings,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return model


def transformed(model: Any) -> torch.Tensor:
    settings = {
        "input_size": (3, SIDE, SIDE), "interpolation": "bicubic", "crop_pct": 0.95,
        "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5),
    }  # fmt: skip
    del model
    return timm.data.create_transform(**settings, is_training=False)(picture())[None]


def timm_classifier(folder: Path) -> Reference:
    model = of_timm(folder, 3)
    with torch.inference_mode():
        scores = model(transformed(model)).softmax(-1)[0]
    order = scores.argsort(descending=True).tolist()
    output = [{"label": f"class {i}", "score": float(scores[i])} for i in order]
    return {"task": "image-classification", "body": packed(picture()), "output": output}


def timm_encoder(folder: Path) -> Reference:
    model = of_timm(folder, 0)
    with torch.inference_mode():
        output = model(transformed(model))[0].tolist()
    return {"task": "image-feature-extraction", "body": packed(picture()), "output": output}


def detected(folder: Path, model: Any, processor: Any) -> Reference:
    """Everything that a detector finds, by the pipeline of transformers."""
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    detect = hf.pipeline("object-detection", str(folder), threshold=0.0)
    return {
        "task": "object-detection", "body": packed(picture()), "output": detect(picture()),
        "parameters": {"threshold": 0.0},
    }  # fmt: skip


def detr(folder: Path) -> Reference:
    torch.manual_seed(8)
    config = hf.DetrConfig(
        use_timm_backbone=True, backbone="resnet18", use_pretrained_backbone=False, d_model=16,
        encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=16, decoder_ffn_dim=16, num_queries=4, **LABELS,
    )  # fmt: skip
    size = {"shortest_edge": SIDE, "longest_edge": 2 * SIDE}
    return detected(folder, hf.DetrForObjectDetection(config), hf.DetrImageProcessor(size=size))


def rf_detr(folder: Path) -> Reference:
    torch.manual_seed(9)
    backbone = {
        "hidden_size": 32, "num_attention_heads": 2, "num_hidden_layers": 2, "image_size": 64,
        "patch_size": 16, "num_windows": 1, "out_indices": [1, 2], "window_block_indexes": [0],
    }  # fmt: skip
    config = hf.RfDetrConfig(
        backbone_config={"model_type": "rf_detr_dinov2", **backbone}, d_model=32,
        decoder_layers=1, decoder_self_attention_heads=2, decoder_cross_attention_heads=2,
        decoder_ffn_dim=32, num_queries=4, group_detr=1, **LABELS,
    )  # fmt: skip
    processor = hf.RfDetrImageProcessor(size={"height": 64, "width": 64})
    return detected(folder, hf.RfDetrForObjectDetection(config), processor)


def dinov3(folder: Path) -> Reference:
    torch.manual_seed(10)
    config = hf.DINOv3ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        image_size=SIDE, patch_size=8,
    )  # fmt: skip
    model, processor = hf.DINOv3ViTModel(config).eval(), hf.DINOv3ViTImageProcessor(size=SIZE)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    with torch.inference_mode():
        pooled = model(**processor(picture(), return_tensors="pt")).pooler_output
    return {
        "task": "image-feature-extraction", "body": packed(picture()), "output": pooled[0].tolist()
    }  # fmt: skip


def depth_pro(folder: Path) -> Reference:
    torch.manual_seed(11)
    sizes = {
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIDE,
        "patch_size": 8, "intermediate_size": 16,
    }  # fmt: skip
    tower = {"model_type": "dinov2", **sizes}
    config = hf.DepthProConfig(
        patch_size=SIDE, fusion_hidden_size=16, num_fov_head_layers=1, use_fov_model=True,
        image_model_config=tower, patch_model_config=tower, fov_model_config=tower,
        intermediate_hook_ids=[1, 0], intermediate_feature_dims=[8, 8],
        scaled_images_ratios=[0.5, 1], scaled_images_overlap_ratios=[0.0, 0.2],
        scaled_images_feature_dims=[8, 8],
    )  # fmt: skip
    model = hf.DepthProForDepthEstimation(config).eval()
    processor = hf.DepthProImageProcessor(size={"height": 2 * SIDE, "width": 2 * SIDE})
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    estimate = hf.pipeline("depth-estimation", str(folder))(picture())["predicted_depth"]
    output = {"min": float(estimate.min()), "max": float(estimate.max()), "width": 48, "height": 40}
    return {"task": "depth-estimation", "body": packed(picture()), "output": output}


def answered(folder: Path, model: Any, processor: Any) -> Reference:
    """What a model says about an image, by `generate`."""
    scale_weights(model)
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    text = "what is it"
    parts = [{"type": "image", "image": picture()}, {"type": "text", "text": text}]
    batch = processor.apply_chat_template(
        [{"role": "user", "content": parts}], add_generation_prompt=True, tokenize=True,
        return_dict=True, return_tensors="pt",
    )  # fmt: skip
    with torch.inference_mode():
        made = model.generate(**batch, max_new_tokens=6, do_sample=False)
    start = batch["input_ids"].shape[1]
    said = processor.tokenizer.decode(made[0, start:], skip_special_tokens=True).rstrip("\ufffd")
    return {
        "task": "image-text-to-text", "body": {"image": packed(picture()), "text": text},
        "parameters": {"max_new_tokens": 6, "do_sample": False},
        "output": [{"generated_text": said}],
    }  # fmt: skip


def vivit(folder: Path) -> Reference:
    torch.manual_seed(13)
    config = hf.VivitConfig(
        image_size=SIDE, num_frames=4, tubelet_size=[2, 8, 8], hidden_size=16, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=16, **LABELS,
    )  # fmt: skip
    model = hf.VivitForVideoClassification(config).eval()
    processor = hf.VivitImageProcessor(size={"shortest_edge": SIDE}, crop_size=SIZE)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    body = TASKS["video-classification"].sample(1).body
    frames = read_frames(body, np.linspace(0, 3, num=4, dtype=np.int64).tolist())
    with torch.inference_mode():
        scores = model(**processor(frames, return_tensors="pt")).logits.softmax(-1)[0]
    order = scores.argsort(descending=True).tolist()
    return {
        "task": "video-classification", "body": base64.b64encode(body).decode(),
        "output": [
            {"label": config.id2label[i], "score": float(scores[i])} for i in order
        ], "parameters": {"frame_sampling_rate": 1},
    }  # fmt: skip


def lfm2_vl(folder: Path) -> Reference:
    torch.manual_seed(14)
    tokenizer = tokenizer_with("<image>", "<|image_start|>", "<|image_end|>", "<|img_thumbnail|>")
    config = hf.Lfm2VlConfig(
        vision_config={
            "model_type": "siglip2_vision_model", "hidden_size": 32, "intermediate_size": 32,
            "num_hidden_layers": 1, "num_attention_heads": 2, "patch_size": 8, "num_patches": 64,
        },
        text_config={
            "model_type": "lfm2", **words_config(tokenizer), "block_ff_dim": 32,
            "layer_types": ["conv", "full_attention"],
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), downsample_factor=2,
        projector_hidden_size=32,
    )  # fmt: skip
    images = hf.Lfm2VlImageProcessor(
        encoder_patch_size=8, downsample_factor=2, do_image_splitting=False, tile_size=64,
        min_image_tokens=4, max_image_tokens=16, max_num_patches=64,
    )  # fmt: skip
    processor = hf.Lfm2VlProcessor(images, tokenizer, chat_template=CHAT_PARTS % "<image>")
    return answered(folder, hf.Lfm2VlForConditionalGeneration(config), processor)


def mistral3(folder: Path) -> Reference:
    torch.manual_seed(12)
    tokenizer = tokenizer_with("[IMG]", "[IMG_BREAK]", "[IMG_END]")
    config = hf.Mistral3Config(
        vision_config=hf.PixtralVisionConfig(
            hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
            image_size=64, patch_size=8, head_dim=16,
        ),
        text_config=hf.MistralConfig(**words_config(tokenizer), head_dim=8),
        image_token_index=tokenizer.convert_tokens_to_ids("[IMG]"), spatial_merge_size=2,
        vision_feature_layer=-1,
    )  # fmt: skip
    processor = hf.PixtralProcessor(
        hf.PixtralImageProcessor(size={"longest_edge": 64}, patch_size=8), tokenizer,
        patch_size=8, spatial_merge_size=2, chat_template=CHAT_PARTS % "[IMG]",
    )  # fmt: skip
    return answered(folder, hf.Mistral3ForConditionalGeneration(config), processor)


SHAPES: dict[str, Callable[[Path], Reference]] = {
    made.__name__: made
    for made in (
        timm_classifier,
        timm_encoder,
        detr,
        rf_detr,
        dinov3,
        depth_pro,
        vivit,
        lfm2_vl,
        mistral3,
    )
}


def main(root: Path, names: list[str]) -> None:
    references = {}
    for name in names or SHAPES:
        folder = root / "acme" / name
        folder.mkdir(parents=True)
        references[name] = SHAPES[name](folder)
        references[name]["output"] = json.loads(json.dumps(references[name]["output"]))
        (folder / "hub.json").write_text(json.dumps({"pipeline_tag": references[name]["task"]}))
    print(json.dumps(references))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

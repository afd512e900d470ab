"""Small models that talk about images."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.image_to_text import SIDE, SMALL, VISION_CONFIG, saved
from tests.fakes.tiny_models.tokenizers import byte_tokenizer

CHAT_PARTS = (
    "{%% for m in messages %%}{{ m.role }}: {%% for p in m.content %%}"
    "{%% if p.type == 'image' %%}%s{%% else %%}{{ p.text }}{%% endif %%}{%% endfor %%}{{ '\\n' }}"
    "{%% endfor %%}{%% if add_generation_prompt %%}assistant: {%% endif %%}"
)


def tokenizer_with(*special: str) -> Any:
    tokenizer = byte_tokenizer(512)
    tokenizer.add_special_tokens({"additional_special_tokens": list(special)})
    return tokenizer


def words_config(tokenizer: Any, **more: Any) -> dict[str, Any]:
    return {
        **SMALL, "num_key_value_heads": 2, "vocab_size": len(tokenizer), "bos_token_id": 0,
        "max_position_embeddings": 512, "eos_token_id": 1, "pad_token_id": 2, **more,
    }  # fmt: skip


def llava(folder: Path) -> Path:
    """A CLIP before a Llama; an image is sixteen tokens."""
    torch.manual_seed(31)
    tokenizer = tokenizer_with("<image>")
    template = CHAT_PARTS % "<image>"
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**VISION_CONFIG, projection_dim=32),
        text_config=transformers.LlamaConfig(**words_config(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_select_strategy="default", vision_feature_layer=-1,
    )  # fmt: skip
    images = transformers.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=SIDE)
    processor = transformers.LlavaProcessor(
        images, tokenizer, patch_size=8, vision_feature_select_strategy="default",
        chat_template=template, num_additional_image_tokens=1,
    )  # fmt: skip
    return saved(folder, transformers.LlavaForConditionalGeneration(config), processor)


def qwen2_vl(folder: Path) -> Path:
    """Images of any shape; its own processor also wants one for video."""
    torch.manual_seed(32)
    names = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    tokenizer = tokenizer_with(*names)
    tokenizer.chat_template = CHAT_PARTS % "<|vision_start|><|image_pad|><|vision_end|>"
    start, end, image, video = tokenizer.convert_tokens_to_ids(list(names))
    config = transformers.Qwen2VLConfig(
        text_config=words_config(
            tokenizer,
            rope_parameters={"rope_type": "default", "mrope_section": [1, 1, 2]},
        ),
        vision_config={
            "depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 4, "patch_size": 8,
            "spatial_merge_size": 2, "temporal_patch_size": 2, "mlp_ratio": 2,
        },
        image_token_id=image, video_token_id=video, vision_start_token_id=start,
        vision_end_token_id=end,
    )  # fmt: skip
    images = transformers.Qwen2VLImageProcessorPil(
        patch_size=8, merge_size=2, min_pixels=32 * 32, max_pixels=64 * 64
    )
    model = transformers.Qwen2VLForConditionalGeneration(config)
    return saved(folder, model, images, tokenizer)

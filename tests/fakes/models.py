"""Builders of tiny random models, one for each task, and of large ones that load and generate.

Everything is made when a test runs; nothing is fetched. Seeded, so that two builds are the same.
"""

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEXTS = ["what a wonderful film", "the worst day of my life", "hello world", "paris is in france"]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LABELS = {0: "negative", 1: "positive"}


def words_tokenizer(folder: Path, **settings: Any) -> int:
    """A word tokenizer of BERT's shape over TEXTS; returns the size of its vocabulary."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = sorted({word for text in TEXTS for word in text.split()})
    vocabulary = {word: number for number, word in enumerate([*special, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
        **settings,
    ).save_pretrained(folder)
    return len(vocabulary)


def bytes_tokenizer(folder: Path, chat_template: str | None = None) -> int:
    """A byte-level tokenizer that knows every text; returns the size of its vocabulary."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {symbol: number for number, symbol in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
        model_max_length=512,
    )
    fast.chat_template = chat_template
    fast.save_pretrained(folder)
    return len(vocabulary)


def _bert(folder: Path, head: str, **settings: Any) -> Path:
    import torch
    import transformers

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    size = words_tokenizer(folder)
    config = transformers.BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        **settings,
    )
    getattr(transformers, head)(config).save_pretrained(folder)
    return folder


def text_classification(folder: Path) -> Path:
    """BERT with two labels."""
    return _bert(folder, "BertForSequenceClassification", id2label=LABELS)


def token_classification(folder: Path) -> Path:
    """BERT with BIO labels."""
    labels = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}
    return _bert(folder, "BertForTokenClassification", id2label=labels)


def fill_mask(folder: Path) -> Path:
    """BERT with its language-model head."""
    return _bert(folder, "BertForMaskedLM")


def feature_extraction(folder: Path) -> Path:
    """BERT without a head."""
    return _bert(folder, "BertModel")


def text_generation(folder: Path, chat_template: str | None = CHAT_TEMPLATE) -> Path:
    """Llama with a chat template."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    size = bytes_tokenizer(folder, chat_template)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def image_classification(folder: Path) -> Path:
    """ViT on 32 by 32 images."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil

    torch.manual_seed(0)
    config = ViTConfig(
        image_size=32,
        patch_size=8,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        id2label={0: "cat", 1: "dog", 2: "ship"},
    )
    ViTForImageClassification(config).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def audio_classification(folder: Path) -> Path:
    """Wav2Vec2 at 16 kHz."""
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForSequenceClassification,
    )

    torch.manual_seed(0)
    config = Wav2Vec2Config(
        vocab_size=32,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        conv_dim=(32, 32, 32),
        conv_kernel=(10, 8, 4),
        conv_stride=(5, 4, 4),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        classifier_proj_size=32,
        id2label={0: "silence", 1: "tone"},
    )
    Wav2Vec2ForSequenceClassification(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(sampling_rate=16_000).save_pretrained(folder)
    return folder


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "text-classification": text_classification,
    "token-classification": token_classification,
    "fill-mask": fill_mask,
    "feature-extraction": feature_extraction,
    "text-generation": text_generation,
    "image-classification": image_classification,
    "audio-classification": audio_classification,
}


def big_llama(folder: Path, size: int, shard_bytes: int = 5 * 10**9) -> Path:
    """A Llama of about `size` bytes in bfloat16 that loads and generates random text.

    Written tensor by tensor from one random block: quick, and never in memory as a whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bytes_tokenizer(folder, CHAT_TEMPLATE)
    hidden = 512 if size < 500_000_000 else 2048
    wide = hidden * 11 // 4
    layer = 2 * (4 * hidden * hidden + 3 * hidden * wide + 2 * hidden)
    layers = max(round((size - 4 * 320 * hidden) / layer), 1)
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 320,
        "hidden_size": hidden, "intermediate_size": wide, "num_hidden_layers": layers,
        "num_attention_heads": hidden // 64, "num_key_value_heads": hidden // 64,
        "max_position_embeddings": 512, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1,
        "dtype": "bfloat16", "tie_word_embeddings": False, "rms_norm_eps": 1e-5,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    _write_weights(folder, _llama_shapes(hidden, wide, layers), shard_bytes)
    return folder


def _llama_shapes(hidden: int, wide: int, layers: int) -> dict[str, list[int]]:
    shapes = {"model.embed_tokens.weight": [320, hidden]}
    for number in range(layers):
        start = f"model.layers.{number}."
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            shapes[f"{start}self_attn.{name}.weight"] = [hidden, hidden]
        shapes[f"{start}mlp.gate_proj.weight"] = [wide, hidden]
        shapes[f"{start}mlp.up_proj.weight"] = [wide, hidden]
        shapes[f"{start}mlp.down_proj.weight"] = [hidden, wide]
        shapes[f"{start}input_layernorm.weight"] = [hidden]
        shapes[f"{start}post_attention_layernorm.weight"] = [hidden]
    return shapes | {"model.norm.weight": [hidden], "lm_head.weight": [320, hidden]}


def _write_weights(folder: Path, shapes: dict[str, list[int]], shard_bytes: int) -> None:
    shards: list[dict[str, list[int]]] = [{}]
    for name, shape in shapes.items():
        if sum(2 * math.prod(s) for s in shards[-1].values()) + 2 * math.prod(shape) > shard_bytes:
            shards.append({})
        shards[-1][name] = shape
    if len(shards) == 1:
        write_safetensors(folder / "model.safetensors", shards[0])
        return
    weight_map: dict[str, str] = {}
    for number, shard in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        write_safetensors(folder / file, shard)
        weight_map |= dict.fromkeys(shard, file)
    total = sum(2 * math.prod(shape) for shape in shapes.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def write_safetensors(path: Path, shapes: dict[str, list[int]]) -> None:
    """A bfloat16 file of these shapes: small random matrices, norms of one."""
    import torch

    generator = torch.Generator().manual_seed(0)
    block = (torch.randn(4 * 1024 * 1024 + 7, generator=generator) * 0.02).to(torch.bfloat16)
    noise = block.view(torch.uint8).numpy().tobytes()
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in shapes.items():
        end = offset + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for shape in shapes.values():
            left = 2 * math.prod(shape)
            if len(shape) == 1:
                file.write(b"\x80\x3f" * (left // 2))
                continue
            while left:
                left -= file.write(noise[: min(left, len(noise))])


def pickle_only(folder: Path) -> Path:
    """The text classifier as it would have been published before safetensors."""
    import torch
    from safetensors.torch import load_file

    text_classification(folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def unsafe_pickle(folder: Path) -> Path:
    """The same with the arguments of its training, which only an unrestricted unpickler loads."""
    import argparse

    import torch

    weights = pickle_only(folder) / "pytorch_model.bin"
    content = torch.load(weights, weights_only=True)
    torch.save(content | {"arguments": argparse.Namespace(epochs=3)}, weights)
    return folder

"""Tokenizers of a few words, letters or bytes, and what all tiny models share."""

from collections.abc import Sequence
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

_WORDS = (
    "the a film was wonderful boring maria moved to lisbon and found museum in kyoto day on went "
    "once upon time thought that . , !"
)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


_BERT_NAMES = ("input_ids", "token_type_ids", "attention_mask")


def bert_tokenizer(
    max_length: int = 64, input_names: Sequence[str] = _BERT_NAMES, words: Sequence[str] = ()
) -> transformers.PreTrainedTokenizerFast:
    """A WordPiece tokenizer of single letters and a few words."""
    characters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [
        *SPECIAL,
        *_WORDS.split(),
        *characters,
        *(f"##{character}" for character in characters),
        *words,
    ]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )  # fmt: skip
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", model_max_length=max_length,
        model_input_names=list(input_names),
    )  # fmt: skip


def byte_tokenizer(max_length: int = 256) -> transformers.PreTrainedTokenizerFast:
    """Bytes as tokens, so that a character may be several of them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<s>", "</s>", "<pad>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        model_max_length=max_length,
    )  # fmt: skip
    fast.chat_template = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    return fast


def whisper_tokenizer(seconds: int = 2) -> transformers.WhisperTokenizer:
    """Bytes, three languages, two tasks and a token for each fiftieth of a second."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*alphabet, "<|endoftext|>"])}
    names = (
        "startoftranscript", "en", "de", "ja", "translate", "transcribe", "startoflm",
        "startofprev", "nospeech", "notimestamps",
    )  # fmt: skip
    tokenizer = transformers.WhisperTokenizer(
        vocab=vocabulary, merges=[], extra_special_tokens=[f"<|{name}|>" for name in names]
    )
    tokenizer.add_tokens([f"<|{i * 0.02:.2f}|>" for i in range(50 * seconds + 1)])
    return tokenizer


def bert_config(
    tokenizer: transformers.PreTrainedTokenizerFast, **more: Any
) -> transformers.BertConfig:
    """Two layers, 32 wide."""
    return transformers.BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=tokenizer.model_max_length, **more,
    )  # fmt: skip


def scale_weights(model: torch.nn.Module) -> None:
    """Larger weights, so that outputs differ between inputs."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1 and "embeddings" not in name:
                weight.mul_(12)

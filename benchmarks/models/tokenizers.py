"""Tokenizers trained on generated text: WordPiece for encoders, byte-level BPE for decoders."""

from __future__ import annotations

import random
from collections.abc import Iterator

import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from benchmarks.texts import words, zipf

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = 60_000
LINES, WORDS_PER_LINE = 20_000, 50


def corpus(count: int = WORDS) -> Iterator[str]:
    """Yield lines of words: each word at least twice, frequent words more often."""
    vocabulary, chance = words(count), random.Random(4)
    weights = zipf(count)
    for _ in range(2):
        yield from (" ".join(vocabulary[i : i + 50]) for i in range(0, count, 50))
    for _ in range(LINES):
        yield " ".join(chance.choices(vocabulary, cum_weights=weights, k=WORDS_PER_LINE))


def word_piece(size: int, max_length: int) -> transformers.PreTrainedTokenizerFast:
    """Return a lower-case WordPiece tokenizer like BERT's, with at most `size` tokens."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )  # fmt: skip
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", model_max_length=max_length,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip


def byte_bpe(size: int, max_length: int) -> transformers.PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer with at most `size` tokens and a chat template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(corpus(), trainer)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        model_max_length=max_length,
    )  # fmt: skip
    fast.chat_template = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    return fast

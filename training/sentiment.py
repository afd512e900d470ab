"""Trains `sentiment`: a two-layer DistilBERT with its own WordPiece vocabulary."""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from torch.nn.functional import cross_entropy
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedTokenizerFast,
)

from training.common import Card, by_length, optimizer, parse_out, prepare, write_card
from training.sentiment_score import score
from training.sentiment_text import write_reviews

SEED = 7
REVIEWS = 90_000
EPOCHS = 3
BATCH = 128
VOCABULARY = 5_000
PAD, UNK, CLS, SEP, MASK = SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
HOW = """Every review of the training text was put together by `training/sentiment_text.py` from
phrase lists written by hand for this project (`training/data/sentiment/`: 15 subjects from films
to garages, with negation, contrast and understatement). No other text, no other model. A
WordPiece vocabulary of at most 5,000 pieces was trained on the same text. One word in fourteen is
hidden while training, so that single words matter less."""
LIMITS = """English only, short reviews only; made to show a deployment, not to decide anything.
It knows two labels and no "neutral": plain statements get one of the two, often with a high
score. Irony, understatement and words that are in no list are missed. The scored sentences were
written before the generator existed, but by the same author as the phrase lists, about the same
subjects."""


def build_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNK))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, min_frequency=2, special_tokens=SPECIAL, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(CLS, SPECIAL.index(CLS)), (SEP, SPECIAL.index(SEP))],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=128,
        model_input_names=["input_ids", "attention_mask"],
        pad_token=PAD,
        unk_token=UNK,
        cls_token=CLS,
        sep_token=SEP,
        mask_token=MASK,
    )


def build_model(vocabulary: int) -> DistilBertForSequenceClassification:
    config = DistilBertConfig(
        vocab_size=vocabulary,
        max_position_embeddings=128,
        dim=64,
        hidden_dim=160,
        n_layers=2,
        n_heads=4,
        dropout=0.05,
        seq_classif_dropout=0.1,
        pad_token_id=0,
        id2label={0: "NEGATIVE", 1: "POSITIVE"},
        label2id={"NEGATIVE": 0, "POSITIVE": 1},
    )
    return DistilBertForSequenceClassification(config)


def hide_words(ids: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """One piece in fourteen becomes [MASK] or [UNK]; padding and marks stay."""
    draw = torch.rand(ids.shape, generator=generator)
    hidden = ids.masked_fill((draw < 0.05) & (ids >= len(SPECIAL)), SPECIAL.index(MASK))
    return hidden.masked_fill((draw > 0.98) & (ids >= len(SPECIAL)), SPECIAL.index(UNK))


def train(
    model: DistilBertForSequenceClassification, ids: torch.Tensor, labels: torch.Tensor
) -> None:
    generator = torch.Generator().manual_seed(SEED)
    steps = EPOCHS * (len(ids) // BATCH)
    step, schedule = optimizer(model, steps, rate=2e-3)
    lengths = (ids != 0).sum(dim=1)
    model.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in by_length(lengths, BATCH, generator):
            inputs = hide_words(ids[batch, : int(lengths[batch].max())], generator)
            logits = model(input_ids=inputs, attention_mask=(inputs != 0).long()).logits
            loss = cross_entropy(logits, labels[batch], label_smoothing=0.02)
            step.zero_grad()
            loss.backward()
            step.step()
            schedule.step()
            total += loss.item()
        sys.stdout.write(f"epoch {epoch + 1}: loss {total / (steps / EPOCHS):.4f}\n")
    model.eval()


def main() -> None:
    out = parse_out("sentiment")
    prepare(SEED)
    reviews = write_reviews(REVIEWS, SEED)
    texts = [text for text, _ in reviews]
    tokenizer = build_tokenizer(texts)
    model = build_model(len(tokenizer))
    encoded = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
    train(model, encoded["input_ids"], torch.tensor([label for _, label in reviews]))
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    write_card(out, card(out), model)


def card(out: Path) -> Card:
    result = score(out)
    sys.stdout.write(json.dumps({"score": result}) + "\n")
    return Card(
        name="sentiment",
        title="sentiment: is this review good or bad?",
        task="text-classification",
        what="Labels a short English review `POSITIVE` or `NEGATIVE`.",
        how=HOW,
        limits=LIMITS,
        score=result,
        score_of="accuracy on the 80 hand-written sentences of `training/sentiment_test.jsonl`",
        seed=SEED,
    )


if __name__ == "__main__":
    main()

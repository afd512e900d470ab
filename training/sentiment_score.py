"""Score `sentiment` on sentences written by hand, independent of the generator."""

import json
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

SENTENCES = Path(__file__).parent / "sentiment_test.jsonl"


def read_sentences(path: Path = SENTENCES) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["text"], row["label"]) for row in rows]


def classify(folder: Path, texts: list[str]) -> list[tuple[str, float]]:
    """Label and probability for each text, from the model in `folder`."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        best = model(**inputs).logits.softmax(dim=-1).max(dim=-1)
    labels = [model.config.id2label[int(index)] for index in best.indices]
    return list(zip(labels, best.values.tolist(), strict=True))


def score(folder: Path, path: Path = SENTENCES) -> float:
    """Accuracy from 0 to 1."""
    sentences = read_sentences(path)
    answers = classify(folder, [text for text, _ in sentences])
    right = sum(a[0] == label for a, (_, label) in zip(answers, sentences, strict=True))
    return right / len(sentences)

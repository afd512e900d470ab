"""Models that fail in one way each."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers

from backend.tasks import TASKS
from tests.fakes.tiny_models.generation import text_generation
from tests.fakes.tiny_models.text import text_classification
from tests.fakes.tiny_models.tokenizers import bert_config, bert_tokenizer


def not_a_number(folder: Path) -> Path:
    """A classifier that returns NaN for every text with a `!`."""
    text_classification(folder)
    model = transformers.BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[bert_tokenizer().get_vocab()["!"]] = torch.nan
    model.save_pretrained(folder)
    return folder


def panicking_tokenizer(folder: Path) -> Path:
    """A classifier whose tokenizer panics, in Rust, on forty times `a` and a `!`."""
    text_classification(folder)
    file = folder / "tokenizer.json"
    settings = json.loads(file.read_text())
    settings["normalizer"] = {"type": "Replace", "pattern": {"Regex": "^(a+)+$"}, "content": "z"}
    file.write_text(json.dumps(settings))
    return folder


def headless(folder: Path) -> Path:
    """Says that it is a classifier; its files have no weights for the head."""
    text_classification(folder)
    tokenizer = bert_tokenizer()
    transformers.BertModel(bert_config(tokenizer)).save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def failing_midway(folder: Path, prompt: str) -> Path:
    """Generates some tokens for `prompt`, then one whose embedding is NaN."""
    text_generation(folder)
    model: Any = transformers.LlamaForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def read_and_made(text: str) -> tuple[list[int], list[int]]:
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        whole = model.generate(ids, max_new_tokens=16, do_sample=False)[0].tolist()
        return whole[: ids.shape[1]], whole[ids.shape[1] :]

    warm_up = json.loads(TASKS["text-generation"].sample(0).body)["inputs"]
    good = {token for part in read_and_made(warm_up) for token in part}
    read, made = read_and_made(prompt)
    bad = next(token for token in made if token not in good.union(read))
    with torch.no_grad():
        model.model.embed_tokens.weight[bad] = torch.nan
    model.save_pretrained(folder)
    return folder

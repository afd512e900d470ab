"""Small BERTs."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import bert_config, bert_tokenizer, scale_weights

LABELS = {0: "NEGATIVE", 1: "NEUTRAL", 2: "POSITIVE"}
ENTITIES = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}


def bert(folder: Path, kind: str, max_length: int = 64, **more: Any) -> Path:
    """A model of this class with its tokenizer."""
    torch.manual_seed(7)
    tokenizer = bert_tokenizer(max_length)
    model = getattr(transformers, kind)(bert_config(tokenizer, **more))
    scale_weights(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def text_classification(folder: Path) -> Path:
    """Three labels."""
    return bert(folder, "BertForSequenceClassification", id2label=LABELS)


def zero_shot_classification(folder: Path) -> Path:
    """Judges whether a sentence follows from another; the longest sample has 70 tokens."""
    labels = {0: "contradiction", 1: "neutral", 2: "entailment"}
    return bert(
        folder, "BertForSequenceClassification", max_length=128, id2label=labels,
        label2id={name: number for number, name in labels.items()},
    )  # fmt: skip


def token_classification(folder: Path) -> Path:
    """Persons and places."""
    return bert(folder, "BertForTokenClassification", id2label=ENTITIES)


def fill_mask(folder: Path) -> Path:
    """Its mask is `[MASK]`."""
    return bert(folder, "BertForMaskedLM")


def question_answering(folder: Path) -> Path:
    """Reads 64 tokens at once."""
    return bert(folder, "BertForQuestionAnswering")


def table_question_answering(folder: Path) -> Path:
    """A TAPAS that may sum, average or count what it finds."""
    torch.manual_seed(7)
    words = sorted(bert_tokenizer().get_vocab().items(), key=lambda entry: entry[1])
    vocabulary = [*(word for word, _ in words), "[EMPTY]"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    tokenizer = transformers.TapasTokenizer(str(folder / "vocab.txt"), model_max_length=128)
    config = transformers.TapasConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=128, num_aggregation_labels=4,
        aggregation_labels={0: "NONE", 1: "SUM", 2: "AVERAGE", 3: "COUNT"},
        no_aggregation_label_index=0,
    )  # fmt: skip
    model = transformers.TapasForQuestionAnswering(config)
    scale_weights(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def feature_extraction(folder: Path) -> Path:
    """With the files of sentence-transformers: mean pooling, then length one."""
    bert(folder, "BertModel")
    parts = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(parts)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True})
    )
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "film : "}})
    )
    return folder

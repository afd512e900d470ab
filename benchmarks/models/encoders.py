"""Text encoders: MiniLM-L6 with the files of sentence-transformers, and a BERT-base classifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import transformers

from benchmarks.models.tokenizers import word_piece

VOCABULARY = 30_522
POSITIONS = 512
LABELS = {0: "NEGATIVE", 1: "POSITIVE"}


def _config(**sizes: Any) -> transformers.BertConfig:
    return transformers.BertConfig(
        vocab_size=VOCABULARY, max_position_embeddings=POSITIONS, **sizes
    )


def minilm(folder: Path) -> None:
    """The shape of all-MiniLM-L6-v2: 22.7 M parameters, mean pooling, normalized embeddings."""
    config = _config(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    transformers.BertModel(config).save_pretrained(folder)
    word_piece(VOCABULARY, POSITIONS).save_pretrained(folder)
    parts = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(parts)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    limits = {"max_seq_length": 256, "do_lower_case": False}
    (folder / "sentence_bert_config.json").write_text(json.dumps(limits))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "2_Normalize").mkdir()


def bert_base(folder: Path) -> None:
    """The shape of bert-base-uncased with two classes: 109 M parameters."""
    config = _config(id2label=LABELS, label2id={name: i for i, name in LABELS.items()})
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    word_piece(VOCABULARY, POSITIONS).save_pretrained(folder)

"""Multi-vector encoders (ColBERT) in the files of sentence-transformers and of PyLate.

`python -m tests.fakes.multi_vectors KIND FOLDER` writes one and prints its scores.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.multi_vector_encoder.modules import (
    HierarchicalTokenPooling,
    MultiVectorMask,
)
from sentence_transformers.sentence_transformer.modules import Normalize
from torch import nn

from tests.fakes.colbert_checkpoints import CHECKPOINTS
from tests.fakes.tiny_models import text

WIDTH, DIMENSIONS = 32, 16
QUERY = "which film was wonderful"
TEXTS = ["the film was wonderful .", "rain", "maria found the museum in kyoto , wonderful ."]
PUNCTUATION = [".", ","]


def encoder(
    folder: Path, *, mask: Any, prompts: Any = None, pooling: Any = None, **transformer: Any
) -> None:
    """A BERT with a projection of its tokens, written by the library."""
    torch.manual_seed(21)
    base = text.bert(folder.with_name(f"{folder.name}_base"), "BertModel")
    first = Transformer(str(base), **transformer)
    layer = Dense(
        WIDTH, DIMENSIONS, bias=False, activation_function=nn.Identity(),
        module_input_name="token_embeddings",
    )  # fmt: skip
    modules = [first, layer, mask, Normalize(module_input_name="token_embeddings")]
    modules += [pooling] if pooling else []
    made = MultiVectorEncoder(modules=modules, device="cpu", prompts=prompts)
    made.save_pretrained(str(folder))


def plain(folder: Path) -> None:
    encoder(folder, mask=MultiVectorMask())


def colbert(folder: Path) -> None:
    """As ColBERT: queries filled up with mask tokens, punctuation of documents does not count."""
    encoder(
        folder, mask=MultiVectorMask(skiplist_words=PUNCTUATION),
        prompts={"query": "the film : ", "document": "museum : "}, document_length=64,
        query_expansion={"strategy": "fixed", "length": 40, "attend": False},
    )  # fmt: skip


def attending(folder: Path) -> None:
    encoder(
        folder, mask=MultiVectorMask(),
        query_expansion={"strategy": "min", "length": 12, "attend": True},
    )  # fmt: skip


def pooled(folder: Path) -> None:
    """Half as many embeddings for documents; the first two stay."""
    encoder(
        folder, mask=MultiVectorMask(skiplist_words=PUNCTUATION),
        pooling=HierarchicalTokenPooling(pool_factor=2.0, num_protected_tokens=2),
    )  # fmt: skip


def pooled_older(folder: Path) -> None:
    """Of queries too, in files that do not say whether the means have length one: they do not."""
    encoder(
        folder, mask=MultiVectorMask(),
        pooling=HierarchicalTokenPooling(pool_factor=1.5, tasks=["query", "document"]),
    )  # fmt: skip
    [path] = folder.glob("*TokenPooling/config.json")
    config = json.loads(path.read_text())
    del config["normalize_embeddings"]
    path.write_text(json.dumps(config))


def pylate(folder: Path) -> None:
    """The files of PyLate 3: two modules, and all settings in one file."""
    plain(folder)
    modules = json.loads((folder / "modules.json").read_text())[:2]
    modules[1]["type"] = "pylate.models.Dense.Dense"
    (folder / "modules.json").write_text(json.dumps(modules))
    path = folder / modules[1]["path"] / "config.json"
    layer = json.loads(path.read_text())
    del layer["module_input_name"]
    path.write_text(json.dumps({k: v for k, v in layer.items() if k != "module_output_name"}))
    settings = {
        "model_type": "ColBERT", "query_prefix": "[MASK] ", "document_prefix": "museum ",
        "query_length": 36, "document_length": 64, "attend_to_expansion_tokens": False,
        "skiplist_words": PUNCTUATION, "do_query_expansion": True, "similarity_fn_name": "MaxSim",
    }  # fmt: skip
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))


def pylate_older(folder: Path) -> None:
    """As PyLate 1 writes it: no class of the model, and a limit of texts without the prefix."""
    pylate(folder)
    path = folder / "config_sentence_transformers.json"
    settings = json.loads(path.read_text())
    del settings["model_type"], settings["skiplist_words"]
    path.write_text(json.dumps(settings | {"document_length": 48}))
    limits = {"max_seq_length": 47, "do_lower_case": False}
    (folder / "sentence_bert_config.json").write_text(json.dumps(limits))


KINDS: dict[str, Callable[[Path], None]] = {
    made.__name__: made
    for made in (plain, colbert, attending, pooled, pooled_older, pylate, pylate_older)
} | CHECKPOINTS


def main(kind: str, folder: Path) -> None:
    KINDS[kind](folder)
    model: Any = MultiVectorEncoder(str(folder))
    scores = model.similarity(model.encode_query([QUERY]), model.encode_document(TEXTS))
    print(json.dumps(scores[0].tolist()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

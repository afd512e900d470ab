"""Checkpoints as Stanford's ColBERT library writes them: projection and transformer in one file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from safetensors.torch import load_file, save_file

from tests.fakes.tiny_models.tokenizers import bert_tokenizer, scale_weights

DIMENSIONS = 16
_SIZES = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "max_position_embeddings": 80,
}  # fmt: skip
# The fields of the library's configuration that matter, among those that do not.
METADATA = {
    "query_token_id": "[unused0]", "doc_token_id": "[unused1]", "query_token": "[Q]",
    "doc_token": "[D]", "query_maxlen": 36, "doc_maxlen": 56, "mask_punctuation": True,
    "attend_to_mask_tokens": False, "dim": DIMENSIONS, "similarity": "cosine", "nbits": 2,
}  # fmt: skip


def stanford(folder: Path) -> None:
    checkpoint(folder, hf.BertModel, hf.BertConfig, METADATA)


def stanford_xlm_roberta(folder: Path) -> None:
    """Without artifact.metadata."""
    checkpoint(folder, hf.XLMRobertaModel, hf.XLMRobertaConfig, None)


def stanford_modernbert(folder: Path) -> None:
    """Punctuation counts, the markers are words, and mask tokens are seen."""
    metadata = {"query_token_id": "film", "doc_token_id": "museum", "mask_punctuation": False}
    metadata["attend_to_mask_tokens"] = True
    checkpoint(folder, hf.ModernBertModel, hf.ModernBertConfig, metadata)


def checkpoint(folder: Path, kind: Any, config: Any, metadata: dict[str, Any] | None) -> None:
    """A checkpoint with a transformer of this class."""
    torch.manual_seed(23)
    folder.mkdir(parents=True, exist_ok=True)
    names = ["input_ids", "attention_mask"] + ["token_type_ids"] * (kind is hf.BertModel)
    tokenizer = bert_tokenizer(64, names, words=["[unused0]", "[unused1]"])
    special = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3}
    ends = {"bos_token_id": 2, "eos_token_id": 3}
    model = kind(config(vocab_size=len(tokenizer), **_SIZES, **special, **ends))
    scale_weights(model)
    prefix = model.base_model_prefix
    tensors = {f"{prefix}.{name}": one.clone() for name, one in model.state_dict().items()}
    tensors["linear.weight"] = torch.randn(DIMENSIONS, _SIZES["hidden_size"])
    model.config.architectures = ["HF_ColBERT"]
    model.config.dtype = torch.float32
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    if metadata is not None:
        (folder / "artifact.metadata").write_text(json.dumps(metadata))


CHECKPOINTS: dict[str, Callable[[Path], None]] = {
    made.__name__: made for made in (stanford, stanford_xlm_roberta, stanford_modernbert)
}


def as_pickle(folder: Path) -> None:
    """A pickle file only, as older checkpoints, with a buffer that is no parameter any more."""
    tensors = load_file(folder / "model.safetensors")
    tensors["bert.embeddings.position_ids"] = torch.arange(80)[None]
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def as_shards(folder: Path) -> None:
    """The projection in a file of its own."""
    tensors = load_file(folder / "model.safetensors")
    files = {name: f"model-0000{1 + ('linear' in name)}-of-00002.safetensors" for name in tensors}
    for file in set(files.values()):
        part = {name: one for name, one in tensors.items() if files[name] == file}
        save_file(part, folder / file, metadata={"format": "pt"})
    (folder / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": files}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def changed(folder: Path, name: str, **fields: object) -> None:
    """Other fields in one of its JSON files."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def without_projection(folder: Path) -> None:
    """The transformer alone."""
    tensors = load_file(folder / "model.safetensors")
    del tensors["linear.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

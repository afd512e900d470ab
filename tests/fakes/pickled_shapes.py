"""Repositories with pickle weights or half precision variants, laid out as well-known ones are."""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tests.fakes import shapes

PICKLE, INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"


def taken(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of a folder, removed from it."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    path.unlink()
    return tensors


def nllb_pickle(folder: Path) -> dict[str, Any]:
    """With the four names of its embedding, as transformers saved it."""
    reference = shapes.nllb_spm(folder)
    tensors = taken(folder)
    for name in ("model.encoder.embed_tokens", "model.decoder.embed_tokens", "lm_head"):
        tensors[f"{name}.weight"] = tensors["model.shared.weight"]
    torch.save(tensors, folder / PICKLE)
    return reference


def t5_pickle_shards(folder: Path) -> dict[str, Any]:
    reference = shapes.t5_spm(folder)
    tensors = taken(folder)
    names = sorted(tensors)
    shards = [f"pytorch_model-{number:05}-of-00002.bin" for number in (1, 2)]
    places = {name: shards[index % 2] for index, name in enumerate(names)}
    for shard in shards:
        torch.save({name: tensors[name] for name in names if places[name] == shard}, folder / shard)
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return reference


def roberta_legacy_pickle(folder: Path) -> dict[str, Any]:
    """As torch before 1.6 wrote it."""
    reference = shapes.roberta_bpe(folder)
    torch.save(taken(folder), folder / PICKLE, _use_new_zipfile_serialization=False)
    return reference


def bert_fp16_variant(folder: Path) -> dict[str, Any]:
    """Half precision only, as `save_pretrained(variant="fp16")` names it."""
    return _halved(folder, "model.fp16.safetensors", is_pickle=False)


def bert_fp16_pickle(folder: Path) -> dict[str, Any]:
    return _halved(folder, "pytorch_model.fp16.bin", is_pickle=True)


def _halved(folder: Path, name: str, *, is_pickle: bool) -> dict[str, Any]:
    shapes.bert_wordpiece(folder)
    tensors = {key: tensor.half() for key, tensor in taken(folder).items()}
    full = folder / "model.safetensors"
    save_file({key: tensor.float() for key, tensor in tensors.items()}, full, {"format": "pt"})
    reference = shapes.classified(folder)
    full.unlink()
    if is_pickle:
        torch.save(tensors, folder / name)
    else:
        save_file(tensors, folder / name, {"format": "pt"})
    return reference


def unsafe_pickle(folder: Path) -> None:
    """A training checkpoint: tensors and the arguments of the training."""
    shapes.bert_wordpiece(folder)
    torch.save(taken(folder) | {"arguments": argparse.Namespace(epochs=3)}, folder / PICKLE)


PICKLED: tuple[shapes.Shape, ...] = (
    nllb_pickle, t5_pickle_shards, roberta_legacy_pickle, bert_fp16_variant, bert_fp16_pickle,
    unsafe_pickle,
)  # fmt: skip

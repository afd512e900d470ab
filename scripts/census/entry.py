"""The recorded facts of one repository, as in models/*.json."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).with_name("models")
_SHARDS = re.compile(r"(.*)-\*-of-(\d+)(\.\w+)")


class Listing(BaseModel):
    """How the wizard lists a model before anyone searches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    note: str


class Entry(BaseModel):
    """What is publicly known of a repository; null: not known for certain."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    task: str | None = Field(description="`pipeline_tag` on the Hub.")
    library: str | None = Field(default="transformers", description="`library_name` on the Hub.")
    config: dict[str, object] | None = Field(
        default=None, description="The fields of config.json that the rules read; null: no file."
    )
    tokenizer: str | None = Field(default=None, description="tokenizer_class, if it matters.")
    files: list[str] = Field(
        description="Weights and vocabularies. `model-*-of-00002.safetensors` are two files and "
        "their index."
    )
    json_files: dict[str, object] = Field(
        default={}, alias="json", description="Content of further JSON files, by path."
    )
    modules: list[str] = Field(
        default=[], description="Classes in modules.json of sentence-transformers, in order."
    )
    parameters: float | None = Field(default=None, description="Number of parameters, rounded.")
    parts: dict[str, float] = Field(
        default={}, description="Number of parameters by folder, for pipelines and modules."
    )
    dtype: str = Field(default="F32", description="Of the weights, as safetensors names it.")
    sizes: dict[str, float] = Field(default={}, description="Size in bytes of GGUF files, rounded.")
    bytes: float | None = Field(
        default=None, description="Size in bytes of all quantized weights, rounded."
    )
    tensors: dict[str, tuple[str, list[int]]] = Field(
        default={}, description="Dtype and shape of tensors that show a quantized layout."
    )
    gguf: dict[str, object] = Field(default={}, description="Metadata of its GGUF files.")
    base_model: str | None = Field(default=None, description="As the model card states it.")
    license: str | None = None
    gated: bool | None = None
    timm_free_revision: str | None = None
    listed: Listing | None = None

    @property
    def paths(self) -> list[str]:
        """All recorded files; shards and their index one by one."""
        found = [path for name in self.files for path in expanded(name)]
        found += [*self.json_files, *(["config.json"] if self.config is not None else [])]
        if self.modules:
            found += ["modules.json", *(f"{n}_Pooling/config.json" for n in self.poolings)]
        if self.tokenizer or self.config is not None:
            found.append("tokenizer_config.json")
        return sorted(set(found))

    @property
    def poolings(self) -> list[int]:
        """Places of the pooling modules."""
        return [place for place, kind in enumerate(self.modules) if kind == "Pooling"]


def expanded(name: str) -> list[str]:
    """The files of a name with `*` for the numbers of its shards, and their index."""
    match = _SHARDS.fullmatch(name)
    if match is None:
        return [name]
    stem, total, ending = match.groups()
    shards = [f"{stem}-{n:05}-of-{total}{ending}" for n in range(1, int(total) + 1)]
    return [*shards, f"{stem}{ending}.index.json"]


@cache
def entries() -> tuple[Entry, ...]:
    """All repositories, in the order of the files and of their lines."""
    found = [
        Entry.model_validate(one)
        for file in sorted(FOLDER.glob("*.json"))
        for one in cast("list[object]", json.loads(file.read_text()))
    ]
    return tuple(found)

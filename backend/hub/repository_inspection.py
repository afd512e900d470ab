"""Read configs and headers of a model, on the Hub or in a local directory."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import orjson

from backend.domain.engine import EngineName
from backend.domain.gguf import GgufModel, GgufVariant
from backend.domain.model import ModelFile, OnnxFile, PickleWeights
from backend.domain.peft_adapter import PeftAdapter
from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.errors.model import CorruptModel
from backend.hub import file_selection, weight_files
from backend.hub.adapter_files import inspect_adapter
from backend.hub.client import MAX_JSON, HubClient
from backend.hub.file_selection import Allowed, FileSelection
from backend.hub.gguf_files import choose, gguf_config, gguf_selection, inspect_gguf, variants
from backend.hub.handler_files import HANDLER, handler_selection, missing_imports
from backend.hub.headers import Tensors
from backend.hub.language_adapters import with_languages
from backend.hub.module_files import inspect_colbert, inspect_modules
from backend.hub.onnx_files import inspect_onnx, select_onnx, with_onnx, without_weights
from backend.hub.pickled_weights import inspect_pickles
from backend.hub.pipeline_files import INDEX, inspect_pipeline
from backend.hub.timm_config import as_transformers
from backend.hub.weight_headers import (
    Json,
    Reader,
    read_all_tensors,
    read_shards,
)
from backend.tasks.custom_code import needs_code
from backend.tasks.module_rules import is_plain


@dataclass(frozen=True)
class HubReader:
    """Reads from the Hub; files in `elsewhere` from another commit."""

    client: HubClient
    model_id: str
    commit: str
    elsewhere: Mapping[str, str] = field(default_factory=dict[str, str])

    async def json(self, path: str) -> Json | None:
        """A small JSON file."""
        return await self.client.json_file(self.model_id, self._commit(path), path)

    async def part(self, path: str, first: int, last: int) -> bytes:
        """A byte range, by a range request."""
        return await self.client.part(self.model_id, self._commit(path), path, (first, last))

    def _commit(self, path: str) -> str:
        return self.elsewhere.get(path, self.commit)


@dataclass(frozen=True)
class FolderReader:
    """Reads from a local directory."""

    directory: Path

    async def json(self, path: str) -> Json | None:
        """A small JSON file."""
        return await asyncio.to_thread(read_json, self.directory / path)

    async def part(self, path: str, first: int, last: int) -> bytes:
        """A byte range of the file."""
        return await asyncio.to_thread(_read_part, self.directory / path, first, last)


def read_json(path: Path) -> Json | None:
    """A JSON object from a file; None if it is missing, too large or something else."""
    try:
        if path.stat().st_size > MAX_JSON:
            return None
        parsed = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return cast("Json", parsed) if isinstance(parsed, dict) else None


def _read_part(path: Path, first: int, last: int) -> bytes:
    with path.open("rb") as file:
        file.seek(first)
        return file.read(last - first + 1)


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Result of inspecting the files of a commit."""

    listing: dict[str, ModelFile]
    configs: dict[str, Json]
    choice: FileSelection
    tensors: Tensors | None
    modules: SentenceTransformersModel | None
    pickle: PickleWeights | None
    onnx: OnnxFile | None
    engines: list[EngineName]
    gguf: GgufModel | None = None
    needs_code: bool
    is_tiktoken: bool
    tokenizers: set[str] | None = None
    has_chat_template: bool | None = None
    handler_imports: list[str] | None = None
    adapter: PeftAdapter | None = None


async def inspect_repository(
    reader: Reader, listing: dict[str, ModelFile], allowed: Allowed
) -> Inspection:
    """Read configs, index and headers. Raises CorruptModel, UnsafeRepository, MissingFiles."""
    if INDEX in listing and weight_files.layout_of(listing) is None:
        return await _pipeline(reader, listing)
    if HANDLER in listing and (allowed.engine == "handler" or _has_nothing_else(listing)):
        return await _handler(reader, listing)
    if (found := _gguf_variants(listing, allowed)) is not None:
        return await _gguf(reader, listing, found, allowed)
    modules = await inspect_modules(reader, listing)
    configs = await _configs(reader, listing, modules)
    modules = modules or await inspect_colbert(reader, listing, configs.get("config.json", {}))
    onnx, engines = _engines(listing, allowed, modules)
    weighed = without_weights(listing) if onnx else listing
    index = weight_files.index_of(weighed)
    shards = await read_shards(reader, listing, index) if index else []
    needs = needs_code(configs, has_graph=onnx is not None)
    allowed = replace(allowed, remote_code=allowed.remote_code and needs)
    choice = file_selection.select_files(weighed, shards, allowed, modules)
    choice = with_languages(choice, listing, allowed.languages)
    if onnx:
        onnx = await inspect_onnx(reader, listing, onnx)
        choice = with_onnx(choice, listing, onnx)
    weights = choice.weights
    pickles = await inspect_pickles(reader, weights) if weights.converted else None
    tensors = pickles.tensors if pickles else None
    if weights.files and all(file.path.endswith(".safetensors") for file in weights.files):
        tensors = await read_all_tensors(reader, weights.files)
    return Inspection(
        listing=listing, configs=configs, choice=choice, tensors=tensors, modules=modules,
        pickle=pickles.weights if pickles else None, onnx=onnx, engines=engines, needs_code=needs,
        is_tiktoken=await _is_tiktoken(reader, listing),
        adapter=await inspect_adapter(reader, listing, weights.files),
    )  # fmt: skip


def _has_nothing_else(listing: dict[str, ModelFile]) -> bool:
    """Whether no other engine can run the model."""
    is_whole = weight_files.layout_of(listing) or weight_files.MODULES in listing
    return not (
        is_whole or weight_files.is_adapter(listing) or select_onnx(listing) or variants(listing)
    )


async def _handler(reader: Reader, listing: dict[str, ModelFile]) -> Inspection:
    engines: list[EngineName] = ["handler"]
    if not _has_nothing_else(listing):
        engines.append("torch")
    return Inspection(
        listing=listing, configs=await _configs(reader, listing, None),
        choice=handler_selection(listing), tensors=None, modules=None, pickle=None, onnx=None,
        engines=engines, needs_code=True, is_tiktoken=False, tokenizers=set(),
        handler_imports=await missing_imports(reader, listing),
    )  # fmt: skip


def _gguf_variants(listing: dict[str, ModelFile], allowed: Allowed) -> list[GgufVariant] | None:
    """The GGUF files, if they are to be loaded: there are no other weights, or they are requested.

    The engines of a repository with both start with torch.
    """
    found = variants(listing)
    wanted = allowed.engine == "llama.cpp" or weight_files.layout_of(listing) is None
    return found if found and wanted else None


async def _gguf(
    reader: Reader, listing: dict[str, ModelFile], found: list[GgufVariant], allowed: Allowed
) -> Inspection:
    variant = choose(found, allowed.quantization, allowed.memory_bytes)
    model, header = await inspect_gguf(reader, listing, variant)
    has_others = weight_files.layout_of(listing) is not None
    return Inspection(
        listing=listing, configs={"config.json": gguf_config(header)},
        choice=gguf_selection(listing, model),
        tensors=Tensors(header.types), modules=None, pickle=None, onnx=None, gguf=model,
        engines=["llama.cpp", "torch"] if has_others else ["llama.cpp"], needs_code=False,
        is_tiktoken=False, tokenizers=set(), has_chat_template=header.has_chat_template,
    )  # fmt: skip


async def _pipeline(reader: Reader, listing: dict[str, ModelFile]) -> Inspection:
    found = await inspect_pipeline(reader, listing)
    return Inspection(
        listing=listing, configs={"config.json": found.config}, tensors=found.tensors, modules=None,
        choice=FileSelection(weights=found.weights, files=found.files), pickle=found.pickle,
        onnx=None, needs_code=False, is_tiktoken=False, tokenizers=found.tokenizer_libraries,
        engines=["diffusers"],
    )  # fmt: skip


async def _configs(
    reader: Reader, listing: dict[str, ModelFile], modules: SentenceTransformersModel | None
) -> dict[str, Json]:
    """Configs by name, those of the folder with the transformer; none if there is no transformer.

    Raises CorruptModel.
    """
    transformer = modules.transformer if modules else None
    if modules and transformer is None:
        return {}
    folder = f"{transformer.folder}/" if transformer and transformer.folder else ""
    names = [name for name in file_selection.CONFIGS if folder + name in listing]
    read = await asyncio.gather(*(reader.json(folder + name) for name in names))
    configs = {name: config for name, config in zip(names, read, strict=True) if config is not None}
    if "config.json" in names and "config.json" not in configs:
        raise CorruptModel(f"{folder}config.json is not a JSON object.")
    if "config.json" in configs:
        configs["config.json"] = as_transformers(configs["config.json"])
    return configs


def _engines(
    listing: dict[str, ModelFile], allowed: Allowed, modules: SentenceTransformersModel | None
) -> tuple[OnnxFile | None, list[EngineName]]:
    """The ONNX file, if it is to be loaded, and the engines that can run the model, best first.

    Models of several transformers, of word vectors, or with embeddings that are sparse or one for
    each token have no ONNX form that adapters know.
    """
    onnx = select_onnx(listing, allowed.dtype)
    also: list[EngineName] = []
    if variants(listing):
        also.append("llama.cpp")
    if HANDLER in listing:
        also.append("handler")
    if onnx is None or (modules and not is_plain(modules) and not modules.is_scoring):
        return None, ["torch", *also]
    if weight_files.layout_of(listing) is None:
        return onnx, ["onnxruntime"]
    if allowed.engine == "onnxruntime":
        return onnx, ["onnxruntime", "torch", *also]
    return None, ["torch", "onnxruntime", *also]


async def _is_tiktoken(reader: Reader, listing: dict[str, ModelFile]) -> bool:
    """Whether tokenizer.model is a list of tokens in base64, not a SentencePiece model, whose
    protocol buffer starts with the tag of its first field."""
    name = "tokenizer.model"
    if "tokenizer.json" in listing or name not in listing or listing[name].bytes < 1:
        return False
    return await reader.part(name, 0, 0) != b"\n"

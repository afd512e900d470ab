"""The files of a pipeline of diffusers: model_index.json, and a folder for each component."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from backend.domain.model import ModelFile, PickleWeights
from backend.errors.model import CorruptModel, MissingFiles, UnsupportedFormat
from backend.hub.headers import Tensors, together
from backend.hub.pickled_weights import inspect_pickles
from backend.hub.weight_files import LAYOUTS, Weights, index_of, layout_of, layouts, select_weights
from backend.hub.weight_headers import Json, Reader, read_all_tensors, read_shards
from backend.tasks.library import tokenizer_libraries, tokenizer_of

INDEX = "model_index.json"
_LAYOUTS = {
    "diffusers": layouts("diffusion_pytorch_model", "diffusion_pytorch_model"),
    "transformers": LAYOUTS,
    # A module of diffusers: its safety checker is a model with the methods of transformers.
    "stable_diffusion": LAYOUTS,
}
# Endings of the classes of components without weights.
_WITHOUT_WEIGHTS = (
    "Scheduler", "Tokenizer", "TokenizerFast", "Processor", "ProcessorFast", "ProcessorPil",
    "Extractor",
)  # fmt: skip
_TEXTS = (".json", ".txt", ".model", ".spm", ".jinja")
# Where neither the denoiser nor the autoencoder states a size.
_DEFAULT_SIDE = 512


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component of a pipeline, in a folder of its name, and the class that loads it."""

    name: str
    library: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class PipelineInspection:
    """What the files of a pipeline say. `config` has its class and the pixels of its images."""

    config: Json
    weights: Weights
    files: list[ModelFile]
    tensors: Tensors | None
    pickle: PickleWeights | None
    tokenizer_libraries: set[str]


@dataclass(frozen=True)
class _Folder:
    """Reads the files of one folder."""

    reader: Reader
    name: str

    async def json(self, path: str) -> Json | None:
        """A small JSON file."""
        return await self.reader.json(f"{self.name}/{path}")

    async def part(self, path: str, first: int, last: int) -> bytes:
        """A byte range of a file."""
        return await self.reader.part(f"{self.name}/{path}", first, last)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The files of one component, with paths in its folder."""

    component: Component
    weights: Weights
    files: list[ModelFile]
    tensors: Tensors | None
    tokenizer_libraries: set[str]
    config: Json


async def inspect_pipeline(reader: Reader, listing: dict[str, ModelFile]) -> PipelineInspection:
    """Select the files of every component. Raises CorruptModel, MissingFiles, UnsupportedFormat."""
    index = await reader.json(INDEX)
    kind = (index or {}).get("_class_name")
    if index is None or not isinstance(kind, str):
        raise CorruptModel(f"{INDEX} does not name the class of a pipeline.")
    named = components(index)
    parts = await asyncio.gather(*(_inspect(reader, listing, one) for one in named))
    weights = Weights(
        files=[_moved(file, part) for part in parts for file in part.weights.files],
        modules=[],
        renamed=_joined(parts, [part.weights.renamed for part in parts]),
        converted=_joined(parts, [part.weights.converted for part in parts]),
    )
    pickles = await inspect_pickles(reader, weights) if weights.converted else None
    tensors = [part.tensors for part in parts if part.tensors]
    tensors += [pickles.tensors] if pickles and pickles.tensors else []
    return PipelineInspection(
        config={"architectures": [kind], "image_side": _side(parts)},
        weights=weights,
        files=[listing[INDEX], *(_moved(file, part) for part in parts for file in part.files)],
        tensors=together(tensors) if tensors else None,
        pickle=pickles.weights if pickles else None,
        tokenizer_libraries=set[str]().union(*(part.tokenizer_libraries for part in parts)),
    )


def components(index: Mapping[str, object]) -> list[Component]:
    """The components of a pipeline, without those that it lacks. Raises UnsupportedFormat."""
    found: list[Component] = []
    for name, value in index.items():
        match value:
            case [str(library), str(kind)] if not name.startswith("_"):
                if library not in _LAYOUTS:
                    raise _own_code(name, library)
                found.append(Component(name=name, library=library, kind=kind))
            case _:
                pass
    return found


def _own_code(name: str, library: str) -> UnsupportedFormat:
    reason = f"Its component {name!r} is code in the repository ({library!r})."
    return UnsupportedFormat(reason, instead="Use a pipeline whose classes diffusers has.")


async def _inspect(reader: Reader, listing: dict[str, ModelFile], one: Component) -> _Part:
    prefix = f"{one.name}/"
    inside = {
        path.removeprefix(prefix): file.model_copy(update={"path": path.removeprefix(prefix)})
        for path, file in listing.items()
        if path.startswith(prefix)
    }
    folder, among = _Folder(reader, one.name), _LAYOUTS[one.library]
    layout, index = layout_of(inside, among), index_of(inside, among)
    if layout is None and not one.kind.endswith(_WITHOUT_WEIGHTS):
        missing = f"{prefix}{among[0].single}"
        raise MissingFiles(f"The component {one.name!r} has no weights.", missing=missing)
    shards = await read_shards(folder, inside, index) if index else []
    weights = select_weights(inside, shards, among)
    is_safe = layout is not None and not layout.is_pickle
    beside = [
        file
        for path, file in inside.items()
        if "/" not in path and path.endswith(_TEXTS) and ".index." not in path
    ]
    beside += [inside[index]] if index and is_safe else []
    return _Part(
        component=one,
        weights=weights,
        files=[*beside, *weights.files],
        tensors=await read_all_tensors(folder, weights.files) if is_safe else None,
        tokenizer_libraries=await _libraries(folder, inside, one),
        config=await folder.json("config.json") or {} if "config.json" in inside else {},
    )


async def _libraries(folder: _Folder, inside: dict[str, ModelFile], one: Component) -> set[str]:
    if "Tokenizer" not in one.kind:
        return set()
    tokenizer = tokenizer_of({}, {"tokenizer_class": one.kind})
    return tokenizer_libraries(list(inside), tokenizer, is_tiktoken=False)


def _moved(file: ModelFile, part: _Part) -> ModelFile:
    return file.model_copy(update={"path": f"{part.component.name}/{file.path}"})


def _joined(parts: list[_Part], tables: list[dict[str, str]]) -> dict[str, str]:
    return {
        f"{part.component.name}/{name}": f"{part.component.name}/{target}"
        for part, table in zip(parts, tables, strict=True)
        for name, target in table.items()
    }


def _side(parts: list[_Part]) -> int:
    """Side of the images that the pipeline generates by default, in pixels."""
    configs = {part.component.name: part.config for part in parts}
    denoiser = configs.get("unet") or configs.get("transformer") or {}
    blocks = configs.get("vae", {}).get("block_out_channels")
    scale = 2 ** (len(cast("list[object]", blocks)) - 1) if isinstance(blocks, list) else 8
    side = denoiser.get("sample_size")
    return side * scale if isinstance(side, int) and 0 < side < 1024 else _DEFAULT_SIDE

"""Find the weights of a model among its files, in every layout that transformers writes."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from backend.domain.model import ModelFile

SAFETENSORS = "model.safetensors"
SAFETENSORS_INDEX = "model.safetensors.index.json"
PICKLE = "pytorch_model.bin"
PICKLE_INDEX = "pytorch_model.bin.index.json"
MODULES = "modules.json"
ADAPTER_CONFIG = "adapter_config.json"
# sentence-transformers stores its modules in directories such as `1_Dense`, and those of a Router
# in directories such as `query_0_StaticEmbedding`.
_MODULE_PICKLE = re.compile(r"(?:\w+_)?\d+_[A-Za-z]+/pytorch_model\.bin")
_SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Names of the file with all weights, and of the index of weights in several files."""

    single: str
    index: str
    is_pickle: bool = False


Layouts = tuple[Layout, ...]


def layouts(safe: str, pickle: str) -> Layouts:
    """The layouts of weights with these stems, in order of preference.

    `fp16` is the variant that transformers and diffusers write with `variant="fp16"`.
    """
    return (
        Layout(single=f"{safe}.safetensors", index=f"{safe}.safetensors.index.json"),
        Layout(single=f"{pickle}.bin", index=f"{pickle}.bin.index.json", is_pickle=True),
        Layout(single=f"{safe}.fp16.safetensors", index=f"{safe}.safetensors.index.fp16.json"),
        Layout(single=f"{pickle}.fp16.bin", index=f"{pickle}.bin.index.fp16.json", is_pickle=True),
    )


LAYOUTS = layouts("model", "pytorch_model")
# A PEFT adapter is one file.
ADAPTER_LAYOUTS = layouts("adapter_model", "adapter_model")[:2]
NAMES = frozenset(name for layout in LAYOUTS for name in (layout.single, layout.index))


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The files with the weights, and the file that each becomes before it is loaded.

    `modules` are pickled weights of sentence-transformers modules. `renamed` are files with another
    name than transformers expects; `converted` are pickle files, for which a safetensors file is
    written.
    """

    files: list[ModelFile]
    modules: list[ModelFile]
    renamed: dict[str, str]
    converted: dict[str, str]


def layout_of(paths: Iterable[str], among: Layouts = LAYOUTS) -> Layout | None:
    """The layout to load, None without weights in any of them."""
    present = set(paths)
    return next((one for one in among if present & {one.single, one.index}), None)


def is_adapter(paths: Iterable[str]) -> bool:
    """Whether the weights are those of a PEFT adapter: there are none of a whole model."""
    present = set(paths)
    singles = {layout.single for layout in ADAPTER_LAYOUTS}
    return ADAPTER_CONFIG in present and bool(singles & present) and layout_of(present) is None


def index_of(paths: Iterable[str], among: Layouts = LAYOUTS) -> str | None:
    """The index that must be read before the weights can be selected; None if there is none."""
    present = set(paths)
    layout = layout_of(present, among)
    return layout.index if layout and layout.single not in present else None


def select_weights(
    listing: dict[str, ModelFile],
    shards: Iterable[str],
    among: Layouts = LAYOUTS,
    folders: Collection[str] = ("",),
) -> Weights:
    """The weights in the preferred layout, and pickled weights of sentence-transformers modules.

    `shards` are the files in the index, empty without an index. `folders` are those of the models
    and tables of word vectors; the top folder is the empty string.
    """
    layout = layout_of(listing, among) if "" in folders else None
    usual = among[0]
    files = _files(listing, layout, shards) if layout else []
    files += [file for folder in sorted(folders) if folder for file in _in_folder(listing, folder)]
    modules = [file for file in _pickled_modules(listing) if file not in files]
    converted = {
        file.path: f"{file.path.rpartition('/')[0]}/{SAFETENSORS}"
        for file in (*modules, *files)
        if "/" in file.path and file.path.endswith(".bin")
    }
    renamed: dict[str, str] = {}
    if layout and layout.is_pickle:
        converted = _converted([file for file in files if "/" not in file.path], usual) | converted
    elif layout and layout is not usual:
        # The files that an index names keep their names.
        is_single = layout.single in listing
        renamed = {layout.single: usual.single} if is_single else {layout.index: usual.index}
    return Weights(files=files, modules=modules, renamed=renamed, converted=converted)


def has_safetensors(paths: Iterable[str]) -> bool:
    """Whether transformers finds safetensors among these paths."""
    return not {SAFETENSORS, SAFETENSORS_INDEX}.isdisjoint(paths)


def _files(listing: dict[str, ModelFile], layout: Layout, shards: Iterable[str]) -> list[ModelFile]:
    if layout.single in listing:
        return [listing[layout.single]]
    return [listing[path] for path in sorted(set(shards)) if path in listing]


def _in_folder(listing: dict[str, ModelFile], folder: str) -> list[ModelFile]:
    """Weights of a model in a folder of its own: safetensors, else one pickle file."""
    inside = {
        path: path.removeprefix(f"{folder}/") for path in listing if path.startswith(f"{folder}/")
    }
    for wanted in (
        [path for path, name in inside.items() if name == SAFETENSORS],
        [path for path, name in inside.items() if _SHARD.fullmatch(name)],
        [path for path, name in inside.items() if name == PICKLE],
    ):
        if wanted:
            return [listing[path] for path in sorted(wanted)]
    return []


def _converted(files: list[ModelFile], usual: Layout) -> dict[str, str]:
    """The name that the library expects for each pickle file, in safetensors."""
    if len(files) == 1:
        return {files[0].path: usual.single}
    total, stem = len(files), usual.single.removesuffix(".safetensors")
    return {
        file.path: f"{stem}-{number:05}-of-{total:05}.safetensors"
        for number, file in enumerate(files, 1)
    }


def _pickled_modules(listing: dict[str, ModelFile]) -> list[ModelFile]:
    """Weights of sentence-transformers modules that exist only as pickle files."""
    return [
        file
        for path, file in listing.items()
        if MODULES in listing
        and _MODULE_PICKLE.fullmatch(path)
        and f"{path.rpartition('/')[0]}/{SAFETENSORS}" not in listing
    ]

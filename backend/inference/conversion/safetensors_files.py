"""Write tensors to safetensors files, and compare what was written with what was read."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import TensorSpec, safe_open, serialize_file
from torch import Tensor

from backend.domain.conversion import SHARED
from backend.errors.model import ConversionFailed

# transformers loads only files that name their framework.
_FRAMEWORK = {"format": "pt"}
_INDEX = ".index.json"


def split_shared(tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors without those that are the same memory, and for these the name that is kept.

    The format has no names for the same data; a loader ties the weights of a model again.
    """
    kept: dict[str, Tensor] = {}
    shared: dict[str, str] = {}
    first: dict[object, str] = {}
    for name, tensor in tensors.items():
        place = (tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        same = first.setdefault(place, name) if tensor.nelement() else name
        if same == name:
            kept[name] = tensor
        else:
            shared[name] = same
    return kept, shared


def write(tensors: dict[str, Tensor], shared: dict[str, str], path: Path, limit: int) -> None:
    """Write all tensors to one file, without copying those that are contiguous.

    `shared` becomes its metadata. Raises ConversionFailed above `limit` bytes: a view can be larger
    than the memory it shows.
    """
    size = sum(tensor.nelement() * tensor.element_size() for tensor in tensors.values())
    if size > limit:
        detail = f"The tensors for {path.name} are larger than the file that they come from."
        raise ConversionFailed(detail)
    # Kept until the file is written: the library is given addresses only.
    solid = {name: tensor.contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(exist_ok=True)
    metadata = _FRAMEWORK | ({SHARED: json.dumps(shared)} if shared else {})
    serialize_file({name: _described(tensor) for name, tensor in solid.items()}, path, metadata)


def differences(tensors: dict[str, Tensor], path: Path) -> Iterator[str | None]:
    """For each tensor, after comparing it byte by byte: None if it is the same, else its name."""
    with safe_open(path, "pt") as file:
        names = set(file.keys())
        for name, tensor in tensors.items():
            yield None if name in names and _is_same(tensor, file.get_tensor(name)) else name


def write_index(tables: dict[Path, dict[str, Tensor]]) -> None:
    """Write the index of a model in several files, beside them, as transformers names it."""
    first = next(iter(tables))
    stem = first.name.split("-")[0]
    sizes = [t.nelement() * t.element_size() for table in tables.values() for t in table.values()]
    content = {
        "metadata": {"total_size": sum(sizes)},
        "weight_map": {name: path.name for path, table in tables.items() for name in table},
    }
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    first.with_name(f"{stem}.safetensors{_INDEX}").write_text(text)


def _described(tensor: Tensor) -> TensorSpec:
    return TensorSpec(
        dtype=str(tensor.dtype).rpartition(".")[2],
        shape=list(tensor.shape),
        data_ptr=tensor.data_ptr(),
        data_len=tensor.nelement() * tensor.element_size(),
    )


def _is_same(first: Tensor, second: Tensor) -> bool:
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return torch.equal(_bytes(first), _bytes(second))


def _bytes(tensor: Tensor) -> Tensor:
    # As bytes: comparing numbers would find a NaN different from itself.
    return tensor.contiguous().reshape(-1).view(torch.uint8)

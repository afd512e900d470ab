"""Load tensors from a pickle file with torch's restricted unpickler."""

import pickle
import re
import zipfile
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from backend.errors.model import ConversionFailed, UnsafeFormat

_GLOBAL = re.compile(r"GLOBAL ([\w.]+)|Unsupported (operand \d+)")


def tensors_of(path: Path, *, runs_code: bool) -> dict[str, Tensor]:
    """The tensors of a state dict by name, mapped from the file where its format allows it.

    Raises UnsafeFormat for what the restricted unpickler refuses (unless `runs_code`), and
    ConversionFailed.
    """
    content = _load(path, runs_code=runs_code)
    if isinstance(content, nn.Module):
        content = content.state_dict()
    if not isinstance(content, dict):
        raise ConversionFailed(f"{path.name} has no table of tensors.")
    table = cast("dict[object, object]", content)
    found = {str(name): value for name, value in table.items() if isinstance(value, Tensor)}
    if not found:
        raise ConversionFailed(f"{path.name} has no tensors at its top level.")
    return {name: _plain(name, value, path.name) for name, value in found.items()}


def _load(path: Path, *, runs_code: bool) -> Any:
    # Only zip files, which torch writes since 1.6, can be mapped.
    can_map = zipfile.is_zipfile(path)
    try:
        return torch.load(path, map_location="cpu", weights_only=not runs_code, mmap=can_map)
    except pickle.UnpicklingError as error:
        named = _GLOBAL.search(str(error))
        what = next(filter(None, named.groups()), "") if named else "its structure"
        detail = f"The restricted unpickler of torch refuses {what} in {path.name}."
        raise UnsafeFormat(detail, alternative="") from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever torch raises for such a file
        if "alloc" in str(error).lower():
            raise MemoryError from None
        detail = f"torch could not read {path.name} ({type(error).__name__})."
        raise ConversionFailed(detail) from None


def _plain(name: str, tensor: Tensor, file: str) -> Tensor:
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        raise ConversionFailed(f"{name!r} in {file} is not a dense tensor.")
    return tensor.detach()

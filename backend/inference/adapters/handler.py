"""Any task, by a handler of the repository: bodies and results are those of its own code."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from PIL import Image

from backend.errors.inference import GenerationFailed, InvalidInput
from backend.inference.adapters.base import Prepared
from backend.inference.media import write_png
from backend.inference.responses import MediaFile

# What code raises for an input that it does not take.
_ABOUT_INPUT = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError)
_DEEPEST = 64


class CustomHandler:
    """Calls the handler for one request after the other, in the model thread."""

    encode_threads = 1
    max_group = 1

    def __init__(self, handler: Callable[[dict[str, Any]], Any]) -> None:
        self._handler = handler

    def encode(self, item: object, parameters: Any) -> Prepared:
        """The item is the whole body."""
        del parameters
        return Prepared(size=1, rows=(item,))

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """Call the handler. Raises InvalidInput and GenerationFailed with its own message."""
        return [self._called(prepared.rows[0]) for prepared in group]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        """JSON, or a file for an image or bytes. Raises GenerationFailed for anything else."""
        del prepared, parameters
        if isinstance(raw, Image.Image):
            return MediaFile(body=write_png(raw), content_type="image/png")
        if isinstance(raw, bytes):
            return MediaFile(body=raw, content_type="application/octet-stream")
        return _plain(raw, _DEEPEST)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"handler": type(self._handler).__name__}

    def _called(self, body: dict[str, Any]) -> Any:
        try:
            return self._handler(body)
        except _ABOUT_INPUT as error:
            raise InvalidInput(_said(error)) from error
        except Exception as error:
            raise GenerationFailed(_said(error)) from error


def _said(error: Exception) -> str:
    return f"handler.py raised {type(error).__name__}: {str(error)[:300]}"


def _plain(value: Any, depth: int) -> Any:
    """Plain values of what handlers return: numpy, tensors, tuples, objects with `tolist`."""
    if depth == 0:
        raise GenerationFailed("handler.py returned a value that is too deep for JSON.")
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        table = cast("Mapping[Any, Any]", value)
        return {str(key): _plain(one, depth - 1) for key, one in table.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(one, depth - 1) for one in cast("list[Any]", value)]
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise GenerationFailed(
        f"handler.py returned a value that is not JSON ({type(value).__name__})."
    )

"""Isolation of third-party code: an exception in a model or tokenizer fails one request only."""

import asyncio
import logging
from traceback import format_tb
from types import TracebackType

from backend.errors.base import PlatformError
from backend.errors.inference import GenerationFailed

log = logging.getLogger(__name__)

_PASSED_ON = (
    PlatformError, asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit,
)  # fmt: skip


class guarded:  # noqa: N801 - used like the context managers of contextlib, at a quarter of their cost
    """Converts any exception in `part` (such as "The tokenizer") to GenerationFailed.

    A panic in Rust code is a BaseException. The log contains type and location, never the
    message, which may quote the input.
    """

    def __init__(self, part: str) -> None:
        self._part = part

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, _PASSED_ON):
            return
        place = "".join(format_tb(traceback)[-4:])
        log.warning("%s failed with %s\n%s", self._part, type(error).__name__, place)
        raise GenerationFailed(
            f"{self._part} failed on this input ({type(error).__name__})."
        ) from None

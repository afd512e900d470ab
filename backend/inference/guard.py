"""Isolation of third-party code: an exception in a model or tokenizer fails one request only."""

import asyncio
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from backend.errors.base import PlatformError
from backend.errors.inference import GenerationFailed

log = logging.getLogger(__name__)


@contextmanager
def guarded(part: str) -> Iterator[None]:
    """Convert any exception in `part` (such as "The tokenizer") to GenerationFailed.

    A panic in Rust code is a BaseException. The log contains type and location, never the
    message, which may quote the input.
    """
    try:
        yield
    except (PlatformError, asyncio.CancelledError, GeneratorExit):
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a Rust panic is one
        place = "".join(traceback.format_tb(error.__traceback__)[-4:])
        log.warning("%s failed with %s\n%s", part, type(error).__name__, place)
        raise GenerationFailed(f"{part} failed on this input ({type(error).__name__}).") from None

"""The border to other people's code: what a model or tokenizer raises fails one request only."""

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
    """Turn any failure of `part` (for people: "The tokenizer") into GenerationFailed.

    A panic in Rust code arrives as a BaseException. The log gets type and place, never the message,
    which may quote the input.
    """
    try:
        yield
    except (PlatformError, asyncio.CancelledError, GeneratorExit):
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of Rust code is one
        place = "".join(traceback.format_tb(error.__traceback__)[-4:])
        log.warning("%s failed with %s\n%s", part, type(error).__name__, place)
        raise GenerationFailed(f"{part} failed on this input ({type(error).__name__}).") from None

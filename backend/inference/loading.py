"""Load a model from local files with the engine of its specification."""

import logging

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.model import MissingLibrary
from backend.errors.server import LoadFailed, OutOfMemory
from backend.inference.adapters.base import Adapter
from backend.inference.engines.table import load_with

log = logging.getLogger(__name__)

_EXTRAS = (
    "torchvision",
    "timm",
    "sentencepiece",
    "protobuf",
    "tiktoken",
    "accelerate",
    "pandas",
    "rapidocr",
    "scipy",
    "onnxruntime",
    "peft",
    "xllamacpp",
)
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "cannot allocate memory")


def load(spec: ServerSpec) -> Adapter:
    """Return the adapter of the task with its model and processor. Takes seconds; run in a thread.

    Raises catalogue errors only: LoadFailed, MissingLibrary, OutOfMemory, UnsafeFormat,
    TaskNotServed.
    """
    try:
        return load_with(spec.engine)(spec)
    except PlatformError:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        log.exception("loading failed")
        raise classify(error) from None


def classify(error: BaseException) -> PlatformError:
    """Return the catalogue error for a library's exception, whose message is only logged."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(words in text for words in _MEMORY_WORDS):
        return OutOfMemory("Not enough memory to load the weights.")
    if isinstance(error, ImportError):
        extra = next((name for name in _EXTRAS if name in text), "that the log names")
        return MissingLibrary(f"The model requires a library: {extra}.", extra=extra)
    return LoadFailed(
        f"transformers could not load the model from these files ({type(error).__name__})."
    )

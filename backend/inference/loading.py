"""Loads a model from local files. The only module that calls `from_pretrained` of a model."""

import logging
from pathlib import Path
from typing import Any

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.model import MissingLibrary, TaskNotServed, UnsafeFormat
from backend.errors.server import LoadFailed, OutOfMemory
from backend.tasks import cannot_serve

log = logging.getLogger(__name__)

_EXTRAS = ("torchvision", "timm", "sentencepiece", "protobuf", "tiktoken", "accelerate", "pandas")
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "cannot allocate memory")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")


def load(spec: ServerSpec) -> Any:
    """Return the adapter of the task with its model and processor. Takes seconds; run in a thread.

    Raises catalogue errors only: LoadFailed, MissingLibrary, OutOfMemory, UnsafeFormat,
    TaskNotServed.
    """
    try:
        return _load(spec)
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


def _load(spec: ServerSpec) -> Any:
    import torch  # noqa: PLC0415 - the control socket must respond before this slow import
    import transformers  # noqa: PLC0415

    from backend.inference.adapters.base import LoadedModel  # noqa: PLC0415
    from backend.inference.adapters.table import family_for  # noqa: PLC0415

    torch.set_num_threads(spec.threads)
    transformers.utils.logging.disable_progress_bar()
    folder = Path(spec.model_dir)
    options = {"local_files_only": True, "trust_remote_code": spec.allow_remote_code}
    config = transformers.AutoConfig.from_pretrained(folder, **options)
    architectures, settings = config.architectures or [], config.to_dict()
    reason = cannot_serve(spec.task, architectures, settings)
    if reason:
        raise TaskNotServed(reason)
    family = family_for(spec.task, architectures, settings)
    processors = [
        (getattr(transformers, kind) if isinstance(kind, str) else kind).from_pretrained(
            folder, **options
        )
        for kind in family.processors
    ]
    _check_format(folder, spec)
    loader = family.loader or getattr(transformers, family.model)
    model, facts = loader.from_pretrained(
        folder, dtype=getattr(torch, spec.dtype), use_safetensors=not spec.allow_pickle or None,
        output_loading_info=True, **options,
    )  # fmt: skip
    _check_complete(spec, facts, family.optional)
    processor = processors[0] if len(processors) == 1 else tuple(processors)
    return family.adapter(
        LoadedModel(spec=spec, model=model.to(spec.device).eval(), processor=processor)
    )


def _check_format(folder: Path, spec: ServerSpec) -> None:
    has_safe = any(folder.glob("*.safetensors"))
    has_pickle = any(file for pattern in _PICKLES for file in folder.glob(pattern))
    if has_pickle and not has_safe and not spec.allow_pickle:
        raise UnsafeFormat("The snapshot has pickle weights only.", alternative="")


def _check_complete(spec: ServerSpec, facts: Any, optional: tuple[str, ...]) -> None:
    """Reject missing weights, which transformers would initialize at random."""
    missing = [
        name
        for name in sorted(facts["missing_keys"])
        if not any(part in name.split(".") for part in optional)
    ]
    if missing:
        raise LoadFailed(
            f"The files have no weights for {len(missing)} parts of the model, for example "
            f"{missing[0]!r}; this model was not trained for {spec.task}."
        )

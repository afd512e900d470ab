"""Check the format of the weights: safetensors, or pickle files that are converted."""

from collections.abc import Collection

from backend.domain.model import ModelFacts
from backend.domain.plan import PreflightItem
from backend.errors.model import UnsafeFormat
from backend.pipeline.findings import Case, Finding, gigabytes, not_ok, ok


def check_format(case: Case) -> Finding:
    """Whether the weights are safe to load, or are made so."""
    model = case.model
    if model.engines[0] == "handler":
        detail = f"{gigabytes(model.weight_bytes)}, read by handler.py of the repository itself."
        return ok("format", "Weights of a custom handler", detail)
    pickled = [one for one in model.repositories if one.pickle]
    if not pickled:
        revision = model.weights_revision
        detail = gigabytes(model.weight_bytes)
        detail += f", from the Hub's own conversion ({revision})." if revision else "."
        kind = "ONNX" if model.onnx else "GGUF" if model.gguf else "safetensors"
        return ok("format", f"Safe weight format ({kind})", detail + _quantized(model))
    for one in pickled:
        if one.pickle and one.pickle.refused:
            return _unsafe(case, one, ", ".join(one.pickle.refused))
    if case.is_converted:
        return ok("format", "Safe weight format (safetensors)", "Converted from pickle weights.")
    detail = f"Those of {pickled[0].id}. " if model.companion else ""
    detail += "They are converted to safetensors once, before the server starts, and every tensor "
    detail += f"is compared. {sealing(case.seal_kinds)}"
    item = PreflightItem(
        code="format", verdict="warn", title="Pickle weights will be converted", detail=detail
    )
    return item, None


def _quantized(model: ModelFacts) -> str:
    """What happens to quantized weights, as a sentence; nothing if they are not."""
    found = model.quantization
    if found is None or found.loads is None:
        return ""
    if found.loads == "quantized":
        return f" Quantized ({found.title}); they stay quantized in memory."
    return (
        f" Quantized ({found.title}); they are converted to full precision while they are loaded."
    )


def _unsafe(case: Case, model: ModelFacts, names: str) -> Finding:
    """The pickle weights contain something else than tensors."""
    revision = model.safetensors_revision
    alternative = f" (revision {revision} has safetensors)" if revision else ""
    detail = f"The restricted unpickler of torch refuses {names} in the pickle weights"
    detail += f" of {model.id}." if case.model.companion else "."
    if case.request.allow.pickle:
        detail += f" You allowed to load them without restrictions. {sealing(case.seal_kinds)}"
    error = UnsafeFormat(detail, alternative=alternative)
    return not_ok("format", error, "warn" if case.request.allow.pickle else "block")


def sealing(kinds: Collection[str], does: str = "does it") -> str:
    """What seals the process that runs code or reads pickle files, as a sentence."""
    without = {
        "system calls": "network access and other programs",
        "files": "access to other files",
    }
    if not kinds:
        return f"The process that {does} is not sealed: only Linux can do it."
    missing = ", without ".join(without[kind] for kind in kinds)
    return f"The process that {does} is without {missing}."

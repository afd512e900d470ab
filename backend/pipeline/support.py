"""Whether the installed libraries can run a model for a task, told from facts before a download."""

from importlib.metadata import version
from typing import cast

from backend.domain.model import ModelFacts
from backend.errors.model import ModelNotSupported
from backend.tasks import cannot_serve
from backend.tasks.library import has_model_type

_ANOTHER = "Choose another model for this task."
_UNQUANTIZED = "Choose the same model without quantization, usually the base model on its page."


def unsupported(model: ModelFacts, task: str) -> ModelNotSupported | None:
    """The reason why this model cannot run, or None."""
    kind = model.config.get("model_type")
    if kind and not model.needs_remote_code and not has_model_type(kind):
        detail = f"transformers {version('transformers')} has no model type {str(kind)[:60]!r}."
        return ModelNotSupported(detail, instead=_ANOTHER)
    if reason := cannot_serve(task, model.architectures, model.config, model.layers):
        revision = model.timm_free_revision
        instead = f"Use revision {revision}, which does not require timm." if revision else _ANOTHER
        return ModelNotSupported(reason, instead=instead)
    if method := quantization(model.config):
        detail = f"The weights are quantized with {method}, which Slipway does not support yet."
        return ModelNotSupported(detail, instead=_UNQUANTIZED)
    return None


def missing_libraries(names: list[str]) -> ModelNotSupported:
    """The error for libraries that no extra provides."""
    detail = f"The tokenizer of this model requires {', '.join(names)}, which no extra provides."
    return ModelNotSupported(detail, instead=_ANOTHER)


def quantization(config: dict[str, object]) -> str | None:
    """The method that a checkpoint was quantized with, such as `gptq`, from its config.json.

    Composite models may have it in the config of their language model.
    """
    text = config.get("text_config")
    for one in (config, cast("dict[str, object]", text) if isinstance(text, dict) else {}):
        found = one.get("quantization_config") or one.get("compression_config")
        if isinstance(found, dict):
            method = cast("dict[str, object]", found).get("quant_method")
            return str(method)[:40] if method else "an unknown method"
    return None

"""Whether the installed libraries can run a model for a task, told from facts before a download."""

from importlib.metadata import version

from backend.domain.model import ModelFacts
from backend.domain.quantization import Quantization
from backend.errors.model import ModelNotSupported
from backend.pipeline.adapter_check import cannot_merge
from backend.pipeline.engine_check import source_of
from backend.tasks import cannot_serve
from backend.tasks.custom_code import code_repositories
from backend.tasks.gguf import cannot_run
from backend.tasks.library import has_model_type

_ANOTHER = "Choose another model for this task."
_OTHER_TORCH = (
    "Set TORCH_INDEX_URL to the package index that torch was installed from, or choose another "
    "model for this task."
)
_SETFIT = (
    "Deploy it with the task feature-extraction for its embeddings, and apply the classifier in "
    "your own program; or fine-tune a model for text-classification, which needs no pickle file."
)
_UNQUANTIZED = "Choose the same model without quantization, usually the base model on its page."


def unsupported(model: ModelFacts, task: str) -> ModelNotSupported | None:
    """The reason why this model cannot run, or None."""
    if model.engines[0] == "handler":
        return None
    if model.gguf:
        reason = cannot_run(model.gguf.architecture)
        return ModelNotSupported(reason, instead=source_of(model, "GGUF")) if reason else None
    return (
        _unknown_class(model)
        or _pickled_head(model, task)
        or _unfit(model, task)
        or cannot_merge(model)
        or _quantized(model)
    )


def _unknown_class(model: ModelFacts) -> ModelNotSupported | None:
    """Whether neither transformers nor the repository has a class for the model."""
    if model.needs_remote_code:
        if others := code_repositories(model.config):
            detail = f"Its Python code is in another repository ({', '.join(others)[:200]}), "
            detail += "which Slipway does not download."
            return ModelNotSupported(detail, instead=_ANOTHER)
        return None
    kind = model.config.get("model_type")
    if kind and not has_model_type(kind):
        detail = f"transformers {version('transformers')} has no model type {str(kind)[:60]!r}."
        return ModelNotSupported(detail, instead=_ANOTHER)
    if not kind and _reads_config(model):
        detail = "config.json has no model_type, by which transformers finds the classes."
        return ModelNotSupported(detail, instead=_ANOTHER)
    return None


def _reads_config(model: ModelFacts) -> bool:
    """Whether transformers loads config.json: not for pipelines and word vectors.

    Of ONNX files, the check of the engine tells it.
    """
    is_static = model.modules is not None and model.modules.transformer is None
    return model.engines[0] == "torch" and not is_static


def _pickled_head(model: ModelFacts, task: str) -> ModelNotSupported | None:
    if not model.pickled_head or task != "text-classification":
        return None
    detail = (
        f"This is a SetFit model, whose classifier is the pickle file {model.pickled_head!r}. "
        "Loading it can run any code, so that Slipway does not load it."
    )
    return ModelNotSupported(detail, instead=_SETFIT)


def _unfit(model: ModelFacts, task: str) -> ModelNotSupported | None:
    reason = cannot_serve(task, model.architectures, model.config, model.modules)
    if reason is None:
        return None
    return ModelNotSupported(reason, instead=_ANOTHER)


def unusable_extra(model: ModelFacts, reason: str) -> ModelNotSupported:
    """The error for an extra that is required, and that this machine cannot have."""
    revision = model.timm_free_revision
    instead = f"Use revision {revision}, which does not require timm." if revision else _OTHER_TORCH
    return ModelNotSupported(reason, instead=instead)


def _quantized(model: ModelFacts) -> ModelNotSupported | None:
    found = model.quantization
    return _not_loadable(model, found) if found and found.loads is None else None


def missing_libraries(model: ModelFacts, names: list[str]) -> ModelNotSupported:
    """The error for libraries that no extra provides."""
    if model.handler_imports:
        detail = f"handler.py imports {', '.join(names)}, which is not installed and no extra."
        return ModelNotSupported(detail, instead=_ANOTHER)
    detail = f"The tokenizer of this model requires {', '.join(names)}, which no extra provides."
    return ModelNotSupported(detail, instead=_ANOTHER)


def _not_loadable(model: ModelFacts, found: Quantization) -> ModelNotSupported:
    detail = f"The weights are quantized ({found.title}), and {found.reason}."
    base = f"Choose {model.base_model}, its base model." if model.base_model else _UNQUANTIZED
    if model.gguf_sibling:
        base += f" Or choose {model.gguf_sibling}, which has it in GGUF files."
    return ModelNotSupported(detail, instead=base)

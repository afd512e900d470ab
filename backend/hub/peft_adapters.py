"""PEFT adapters: find the base model that an adapter was trained on, and join the facts of both."""

from backend.domain.model import ModelFacts
from backend.domain.peft_adapter import PeftAdapter
from backend.errors import PlatformError
from backend.errors.hub import HubOffline, HubUnreachable, ModelNotFound
from backend.errors.model import UnsupportedFormat
from backend.hub.reference import Find, Reference, found
from backend.hub.weight_files import ADAPTER_CONFIG
from backend.tasks import task_for
from backend.tasks.library import vocabulary_files
from backend.tasks.peft_adapters import loaded_as, with_head
from backend.tasks.unquantized import is_quantized, same_model, unquantized

KIND = "PEFT adapter"
TOKENIZER_CONFIG = "tokenizer_config.json"
MERGE_FIRST = (
    "Merge the adapter into its base model with merge_and_unload of PEFT, save the result with "
    "save_pretrained, and deploy that folder."
)


async def with_base(model: ModelFacts, find: Find) -> ModelFacts:
    """The facts of an adapter joined with those of its base model; other models unchanged.

    Raises UnsupportedFormat without a base model, and the errors of looking it up, which name it.
    """
    if model.adapter is None:
        return model
    if model.adapter.refused:
        raise _rejected(model, model.adapter.refused, "Choose another adapter or model.")
    base = await _first(model, model.adapter, find)
    if base.adapter is not None:
        raise _rejected(model, f"Its base model {base.id} is a PEFT adapter itself.", MERGE_FIRST)
    plain = await _unquantized(base, find)
    stated = model.adapter.stated_base
    is_sibling = plain.id == unquantized(stated)
    adapter = model.adapter.model_copy(update={"quantized_base": stated if is_sibling else None})
    return joined(model, adapter, plain)


async def _first(model: ModelFacts, adapter: PeftAdapter, find: Find) -> ModelFacts:
    """The first of the stated base models that exists."""
    references = references_of(model, adapter)
    if not references:
        raise _rejected(model, _unnamed(adapter), _NAME_IT)
    because = f"{model.id} is a {KIND} of "
    for reference in references[:-1]:
        try:
            return await found(reference, find, because)
        except (ModelNotFound, HubOffline, HubUnreachable):
            continue
    return await found(references[-1], find, because)


def _unnamed(adapter: PeftAdapter) -> str:
    if not adapter.stated_base:
        return "adapter_config.json and the model card do not name its base model."
    return (
        f"base_model_name_or_path in adapter_config.json is {adapter.stated_base[:80]!r}, a path "
        "on another machine, and the model card names no base_model."
    )


async def _unquantized(base: ModelFacts, find: Find) -> ModelFacts:
    """The same model without quantization, if its name tells and it has the same shape."""
    sibling = unquantized(base.id) if is_quantized(base.config) else None
    if sibling is None:
        return base
    try:
        other = await find(Reference(sibling))
    except PlatformError:
        return base
    usable = not is_quantized(other.config) and other.adapter is None
    return other if usable and same_model(base.config, other.config) else base


def references_of(model: ModelFacts, adapter: PeftAdapter) -> list[Reference]:
    """The base model as adapter_config.json states it, then as the model card does."""
    stated = [
        Reference(adapter.stated_base, adapter.stated_revision or "main"),
        Reference(model.base_model or ""),
    ]
    # Both become parts of paths in the cache.
    valid = [one for one in stated if one.is_valid()]
    return valid[:1] if len({one.id for one in valid}) == 1 else valid


def joined(model: ModelFacts, adapter: PeftAdapter, base: ModelFacts) -> ModelFacts:
    """The merged model. Identity, files and pickle weights are those of the adapter."""
    architectures = loaded_as(adapter, base.architectures)
    config = with_head(base.config, architectures, adapter.outputs, model.config)
    own_tokenizer = has_tokenizer(model)
    return model.model_copy(
        update={
            "adapter": adapter,
            "base": base,
            "base_model": base.id,
            "architectures": architectures,
            "config": config,
            "task": task_for(architectures, model.task, config),
            "engines": ["torch"],
            "parameters": base.parameters,
            "weight_bytes": base.weight_bytes + model.weight_bytes,
            "weight_dtype": base.weight_dtype,
            "download_bytes": base.download_bytes + model.download_bytes,
            "gated": model.gated or base.gated,
            "needs_remote_code": base.needs_remote_code,
            "has_code": model.has_code or base.has_code,
            "modules": model.modules or base.modules,
            "tokenizer_libraries": (model if own_tokenizer else base).tokenizer_libraries,
            "has_chat_template": (model if own_tokenizer else base).has_chat_template,
        }
    )


def has_tokenizer(model: ModelFacts) -> bool:
    """Whether the adapter's repository has a tokenizer, which PEFT then uses."""
    paths = {file.path for file in model.files}
    return TOKENIZER_CONFIG in paths and not vocabulary_files().isdisjoint(paths)


_NAME_IT = (
    f"Set base_model_name_or_path in {ADAPTER_CONFIG}, or base_model in the model card, to the id "
    "of the base model."
)


def _rejected(model: ModelFacts, reason: str, instead: str) -> UnsupportedFormat:
    detail = f"{model.id}: {KIND}. {reason}"
    return UnsupportedFormat(detail, kind=KIND, reason=reason, instead=instead)

"""Check that a PEFT adapter can be merged into its base model, before anything is downloaded."""

from backend.domain.deployment import Merge
from backend.domain.model import ModelFacts
from backend.errors.model import ModelNotSupported
from backend.hub.peft_adapters import MERGE_FIRST
from backend.tasks.peft_adapters import MERGED, needs_head
from backend.tasks.unquantized import is_quantized


def merge_of(model: ModelFacts) -> Merge | None:
    """The record of the merge; None for a model that is not an adapter."""
    adapter, base = model.adapter, model.base
    if adapter is None or base is None:
        return None
    return Merge(
        kind=MERGED[adapter.kind],
        base=base.id,
        commit=base.commit,
        trained_on=adapter.quantized_base,
    )


def described(model: ModelFacts) -> str:
    """What is merged into what, as a sentence after another one; empty for other models."""
    merge = merge_of(model)
    if merge is None:
        return ""
    text = f" {merge.kind} adapter, merged into {merge.base} at commit {merge.commit[:7]}"
    return f"{text}; it was trained on {merge.trained_on}." if merge.trained_on else f"{text}."


def cannot_merge(model: ModelFacts) -> ModelNotSupported | None:
    """The reason why the adapter cannot be served, or None."""
    adapter, base = model.adapter, model.base
    if adapter is None or base is None:
        return None
    if base.onnx is not None:
        detail = f"The base model {base.id} has ONNX files only, which adapters cannot change."
        return ModelNotSupported(detail, instead=MERGE_FIRST)
    if is_quantized(base.config):
        detail = (
            f"The base model {base.id} is quantized; an adapter is merged into weights without "
            "quantization."
        )
        instead = (
            "Copy the adapter into the local folder, and set base_model_name_or_path in its "
            "adapter_config.json to the same model without quantization."
        )
        return ModelNotSupported(detail, instead=instead)
    if needs_head(adapter, base.architectures) and not adapter.has_head:
        detail = (
            f"The task {adapter.task_type} needs a head, whose weights neither the adapter nor its "
            f"base model {base.id} has."
        )
        return ModelNotSupported(detail, instead="Choose another adapter or model.")
    return None

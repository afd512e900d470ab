"""What a model would need that is not part of Slipway, told from its config.json."""

from collections.abc import Mapping
from typing import cast

from backend.tasks.architectures import needs_torchvision

Config = Mapping[str, object]

# They take their backbone from timm unless the config says otherwise.
_TIMM_BY_DEFAULT = frozenset(
    {
        "conditional_detr", "dab-detr", "deformable_detr", "detr", "maskformer", "omdet-turbo",
        "table-transformer",
    }
)  # fmt: skip

# Their processors want more than their image processors do.
_BY_PROCESSOR = {
    "mistral3": "torchvision", "mistral_large4": "torchvision", "smolvlm": "num2words",
}  # fmt: skip


def missing_for_images(config: Config) -> str | None:
    """What is missing to read images, for people; None: nothing."""
    if needs_torchvision(config):
        return "torchvision"
    if _needs_timm(config):
        return "timm"
    if config.get("model_type") == "oneformer":
        return "a list of classes from another repository"
    return _BY_PROCESSOR.get(str(config.get("model_type")))


def _needs_timm(config: Config) -> bool:
    kind = config.get("model_type")
    if kind == "timm_wrapper":
        return True
    backbone = config.get("backbone_config")
    if isinstance(backbone, dict):
        return cast("Config", backbone).get("model_type") == "timm_backbone"
    return bool(config.get("use_timm_backbone", kind in _TIMM_BY_DEFAULT))

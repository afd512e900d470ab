"""Libraries that a model requires but Slipway does not include, detected from config.json."""

from collections.abc import Mapping
from typing import cast

from backend.tasks.architectures import needs_torchvision

Config = Mapping[str, object]

# These load their backbone from timm unless the config states otherwise.
_TIMM_BY_DEFAULT = frozenset(
    {
        "conditional_detr", "dab-detr", "deformable_detr", "detr", "maskformer", "omdet-turbo",
        "table-transformer",
    }
)  # fmt: skip

# Their processors require more than their image processors.
_BY_PROCESSOR = {
    "mistral3": "torchvision", "mistral_large4": "torchvision", "smolvlm": "num2words",
}  # fmt: skip


def missing_for_images(config: Config) -> str | None:
    """Name of what is missing to process images, for users; None if nothing is missing."""
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

"""Libraries that a model requires to process images, detected from config.json."""

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
_TORCHVISION_BY_PROCESSOR = frozenset({"mistral3", "mistral_large4"})
# Models whose image processors require torchvision and that were run with it.
_RUN_WITH_TORCHVISION = frozenset(
    {"dinov3_vit", "rf_detr", "vivit", "depth_pro", "mistral3", "lfm2_vl"}
)
_MISSING = {
    "smolvlm": "num2words", "oneformer": "a list of classes from another repository",
}  # fmt: skip


def missing_for_images(config: Config) -> str | None:
    """Name of what no extra provides, for users; None if nothing is missing."""
    kind = config.get("model_type")
    if needs_torchvision(config) and kind not in _RUN_WITH_TORCHVISION:
        return "an image or video processor with torchvision that is not supported"
    return _MISSING.get(str(kind))


def needs_vision_libraries(config: Config) -> bool:
    """Whether the model requires torchvision, or timm, which requires torchvision."""
    by_processor = config.get("model_type") in _TORCHVISION_BY_PROCESSOR
    return by_processor or needs_torchvision(config) or needs_timm(config)


def needs_timm(config: Config) -> bool:
    """Whether the model, or its backbone, is one of timm."""
    kind = config.get("model_type")
    if kind == "timm_wrapper":
        return True
    backbone = config.get("backbone_config")
    if isinstance(backbone, dict):
        return cast("Config", backbone).get("model_type") == "timm_backbone"
    return bool(config.get("use_timm_backbone", kind in _TIMM_BY_DEFAULT))

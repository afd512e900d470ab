"""config.json of a repository of timm, whose fields transformers reads with its TimmWrapper."""

from backend.hub.weight_headers import Json

# Its classifier, and its encoder without one.
_CLASSIFIER, _ENCODER = "TimmWrapperForImageClassification", "TimmWrapperModel"


def is_timm(config: Json) -> bool:
    """Whether a config is one of timm: it names an architecture, and no class of transformers."""
    is_usual = bool(config.get("model_type") or config.get("architectures"))
    return isinstance(config.get("architecture"), str) and not is_usual


def as_transformers(config: Json) -> Json:
    """The config with the classes that load the model; unchanged if it is not one of timm."""
    if not is_timm(config):
        return config
    classes = [_ENCODER] if config.get("num_classes") == 0 else [_CLASSIFIER, _ENCODER]
    return {**config, "model_type": "timm_wrapper", "architectures": classes}

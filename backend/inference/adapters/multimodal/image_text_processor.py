"""Processors of image and text, without their video processor, which requires torchvision."""

from pathlib import Path
from typing import Any

import transformers
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING


class ImageTextProcessor:
    """Replaces `AutoProcessor`."""

    @staticmethod
    def from_pretrained(folder: Path, **options: Any) -> Any:
        """Load a processor for images and text; a custom one of the repository is not changed."""
        config = transformers.AutoConfig.from_pretrained(folder, **options)
        kind: Any = PROCESSOR_MAPPING.get(type(config), None)
        if kind is None or "video_processor" not in kind.get_attributes():
            return transformers.AutoProcessor.from_pretrained(folder, **options)
        return _without_video(kind, folder, options)


def _without_video(kind: Any, folder: Path, options: dict[str, Any]) -> Any:
    class WithoutVideo(kind):
        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            return argument is None or super().check_argument_for_proper_class(
                argument_name, argument
            )

    loaders = {
        "image_processor": transformers.AutoImageProcessor,
        "feature_extractor": transformers.AutoFeatureExtractor,
        "tokenizer": transformers.AutoTokenizer,
    }
    settings, _ = kind.get_processor_dict(folder, **options)
    parts = [
        loaders[name].from_pretrained(folder, **options) if name in loaders else None
        for name in kind.get_attributes()
    ]
    return WithoutVideo.from_args_and_dict(parts, settings)

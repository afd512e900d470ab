"""keypoint-matching: matching points of two images, from one model."""

from collections.abc import Sequence
from typing import Any, cast

import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.adapters.vision.image_model import one_of
from backend.inference.media import bytes_of, read_image

_NAMES = ("image_0", "image_1")
_FIELDS = ("keypoints", "mask", "matches", "matching_scores")


class KeypointMatching:
    """Pairs of images to matching points (SuperGlue, LightGlue, EfficientLoFTR)."""

    encode_threads = 2

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Input: an object with both images."""
        del parameters
        if not isinstance(item, dict) or set(cast("dict[str, object]", item)) != set(_NAMES):
            raise InvalidInput("Send exactly two images, image_0 and image_1.")
        images = [read_image(bytes_of(item[name])) for name in _NAMES]
        sizes = tuple((image.height, image.width) for image in images)
        return prepared(self._loaded.processor(images=images, return_tensors="pt"), keep=sizes)

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """The outputs for each pair, in the model's own output class."""
        with torch.inference_mode():
            outputs = self._loaded.model(**stacked(group, self._loaded))
        return [one_of(outputs, i, _FIELDS) for i in range(len(group))]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> list[dict[str, object]]:
        """Matches, best first; coordinates in whole pixels of the original images."""
        [found] = self._loaded.processor.post_process_keypoint_matching(
            raw, target_sizes=[prepared.keep], threshold=parameters.threshold
        )
        rows = zip(
            found["keypoints0"].tolist(),
            found["keypoints1"].tolist(),
            found["matching_scores"].tolist(),
            strict=True,
        )
        return [
            {"keypoint_image_0": _point(a), "keypoint_image_1": _point(b), "score": score}
            for a, b, score in sorted(rows, key=lambda row: -row[2])
        ]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {}


def _point(place: list[int]) -> dict[str, int]:
    return {"x": place[0], "y": place[1]}

"""object-detection: boxes with a label and a score."""

from typing import Any

import torch

from backend.inference.adapters.base import Loaded
from backend.inference.adapters.picture_model import PictureModel, Size


def object_detection(loaded: Loaded) -> PictureModel:
    """For models whose image processor turns outputs into boxes."""
    names = loaded.model.config.id2label

    def answer(outputs: Any, size: Size, parameters: Any) -> list[dict[str, object]]:
        [found] = loaded.processor.post_process_object_detection(
            outputs, threshold=parameters.threshold, target_sizes=torch.tensor([size])
        )
        labels = [names[int(label)] for label in found["labels"]]
        return best_first(labels, found["scores"], found["boxes"])

    return PictureModel(loaded, ("logits", "pred_boxes"), answer)


def best_first(
    labels: list[str], scores: torch.Tensor, boxes: torch.Tensor
) -> list[dict[str, object]]:
    """Detections as the Hub writes them; corners in whole pixels of the picture."""
    found = [
        {"label": label, "score": score, "box": dict(zip(_CORNERS, box, strict=True))}
        for label, score, box in zip(labels, scores.tolist(), boxes.int().tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: -one["score"])


_CORNERS = ("xmin", "ymin", "xmax", "ymax")

"""object-detection: bounding boxes with labels and scores."""

from typing import Any

import torch

from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.scores import labels_of
from backend.inference.adapters.vision.image_model import ImageModel, Size


def object_detection(loaded: LoadedModel) -> ImageModel:
    """Adapter for models whose image processor converts outputs to boxes (DETR, YOLOS, …)."""
    names = loaded.model.config.id2label

    def answer(outputs: Any, size: Size, parameters: Any) -> list[dict[str, object]]:
        [found] = loaded.processor.post_process_object_detection(
            outputs, threshold=parameters.threshold, target_sizes=torch.tensor([size])
        )
        labels = [names[int(label)] for label in found["labels"]]
        return best_first(labels, found["scores"], found["boxes"])

    facts: dict[str, object] = {"labels": labels_of(loaded.model.config)}
    return ImageModel(loaded, ("logits", "pred_boxes"), answer, facts)


def best_first(
    labels: list[str], scores: torch.Tensor, boxes: torch.Tensor
) -> list[dict[str, object]]:
    """Detections in the format of the Hub, best first; corners in whole pixels of the image."""
    order = scores.argsort(descending=True, stable=True).tolist()
    corners = boxes.int().tolist()
    return [
        {
            "label": labels[i],
            "score": float(scores[i]),
            "box": dict(zip(_CORNERS, corners[i], strict=True)),
        }
        for i in order
    ]


_CORNERS = ("xmin", "ymin", "xmax", "ymax")

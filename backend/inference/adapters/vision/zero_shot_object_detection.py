"""zero-shot-object-detection: bounding boxes for labels in the request."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.tensors import place, prepared, stacked
from backend.inference.adapters.vision.image_model import one_of
from backend.inference.adapters.vision.object_detection import best_first
from backend.inference.adapters.vision.prompt_tokenizer import PromptTokenizer
from backend.inference.media import bytes_of, read_image

Tensors = dict[str, torch.Tensor]
# Returns outputs for each label, for each image of a batch.
Detect = Callable[[Any, Sequence[Prepared], Tensors, Tensors], list[list[Any]]]


class ZeroShotObjectDetection:
    """Detects each label separately, so that a box may have several labels."""

    # One thread, since the tokenizer keeps settings between calls.
    encode_threads = 1

    def __init__(self, loaded: LoadedModel, detect: Detect, *, is_full: bool) -> None:
        self._loaded = loaded
        self._detect = detect
        self._images, tokenizer = loaded.processor
        self._sentences = PromptTokenizer(loaded.model, tokenizer, is_full=is_full)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an image; images with the same labels share a batch."""
        image = read_image(bytes_of(item))
        features = self._images(images=image, return_tensors="pt")
        labels = tuple(parameters.candidate_labels)
        keep = ((image.height, image.width), self._sentences.encode(labels))
        return prepared(features, keep=keep, key=labels)

    def forward(self, group: Sequence[Prepared]) -> list[list[Any]]:
        """The model's outputs: for each image, for each label."""
        texts = {name: place(value, self._loaded) for name, value in group[0].keep[1].items()}
        with torch.inference_mode():
            return self._detect(self._loaded.model, group, stacked(group, self._loaded), texts)

    def decode(self, raw: list[Any], prepared: Prepared, parameters: Any) -> object:
        """Boxes of all labels, best score first."""
        size, _ = prepared.keep
        found = [
            self._images.post_process_object_detection(
                outputs=outputs, threshold=parameters.threshold, target_sizes=torch.tensor([size])
            )[0]
            for outputs in raw
        ]
        labels = [
            label
            for label, boxes in zip(parameters.candidate_labels, found, strict=True)
            for _ in boxes["scores"]
        ]
        scores = torch.cat([boxes["scores"] for boxes in found])
        boxes = torch.cat([boxes["boxes"] for boxes in found])
        return best_first(labels, scores, boxes)[: parameters.top_k]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_label_tokens": self._sentences.limit}


_FIELDS = ("logits", "pred_boxes")


def _all_labels_at_once(
    model: Any, group: Sequence[Prepared], images: Tensors, texts: Tensors
) -> list[list[Any]]:
    """OWL: one forward pass, which scores all labels for each of its boxes."""
    count = len(group)
    outputs = model(**images, **{name: rows.repeat(count, 1) for name, rows in texts.items()})
    found = [one_of(outputs, i, _FIELDS) for i in range(count)]
    return [
        [
            type(one)(logits=one.logits[..., i : i + 1], pred_boxes=one.pred_boxes)
            for i in range(one.logits.shape[-1])
        ]
        for one in found
    ]


def _label_by_label(
    model: Any, group: Sequence[Prepared], images: Tensors, texts: Tensors
) -> list[list[Any]]:
    """Grounding DINO: one forward pass per label, since the text influences the boxes."""
    count = len(group)
    found: list[list[Any]] = [[] for _ in group]
    for i, length in enumerate(texts["attention_mask"].sum(1).tolist()):
        check_client_waiting(group)
        one = {name: rows[i : i + 1, :length].repeat(count, 1) for name, rows in texts.items()}
        outputs = model(**images, **one)
        for row, detections in enumerate(found):
            detections.append(one_of(outputs, row, _FIELDS))
    return found


def owl(loaded: LoadedModel) -> ZeroShotObjectDetection:
    """Adapter for OWL-ViT and OWLv2."""
    return ZeroShotObjectDetection(loaded, _all_labels_at_once, is_full=True)


def grounding_dino(loaded: LoadedModel) -> ZeroShotObjectDetection:
    """Adapter for Grounding DINO and similar models."""
    return ZeroShotObjectDetection(loaded, _label_by_label, is_full=False)

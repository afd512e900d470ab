"""mask-generation: masks for the prompts of a request, or the best ones of a grid of points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from backend.errors.inference import ClientGone
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import check_finite, to_numpy
from backend.inference.adapters.tensors import place
from backend.inference.adapters.vision.image_model import Size
from backend.inference.adapters.vision.image_segmentation import check_masks, mask_text, within
from backend.inference.adapters.vision.mask_prompts import prompts_of
from backend.inference.media import bytes_of, read_image

# Index of a prompted object, score, packed mask, and the size of the mask.
Found = tuple[int | None, float, np.ndarray, Size]

# Points per forward pass, each with three masks. This many float32 values of masks are in memory;
# for larger images the masks are computed at a smaller size.
_POINTS = 32
_MOST_NUMBERS = 1 << 27


@dataclass(frozen=True, kw_only=True)
class _Prompted:
    size: Size
    parameters: Any


class MaskGeneration:
    """For Segment Anything models (SAM)."""

    encode_threads = 2
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._side = loaded.processor.size["longest_edge"]

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode an image and place the prompts or the grid on the model's input size."""
        image = read_image(bytes_of(item))
        prompts = prompts_of(parameters, (image.height, image.width))
        if prompts:
            row = self._loaded.processor(images=image, return_tensors="pt")
            prompted = _Prompted(size=(image.height, image.width), parameters=parameters)
            rows = ({**row, "prompts": prompts},)
            return Prepared(size=row["pixel_values"].numel(), rows=rows, keep=prompted)
        _, points, _, labels = self._loaded.processor.generate_crop_boxes(
            image, self._side, points_per_crop=parameters.points_per_crop
        )
        row = self._loaded.processor(images=image, return_tensors="pt")
        prompted = _Prompted(size=(image.height, image.width), parameters=parameters)
        return Prepared(
            size=row["pixel_values"].numel(), rows=({**row, "points": points, "labels": labels},),
            keep=prompted,
        )  # fmt: skip

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """Of each image (object, score, mask, (height, width) of the mask), best first.

        `object` is the index of a prompted object, else None. A mask is bits packed to uint8, row
        by row. Segment Anything (Kirillov et al. 2023).
        """
        with torch.inference_mode():
            return [
                self._prompted(prepared) if "prompts" in prepared.rows[0] else self._found(prepared)
                for prepared in group
            ]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> list[dict[str, object]]:
        """Masks at the size of the image. Raises PayloadTooLarge."""
        del parameters
        check_masks(len(raw), prepared.keep.size)
        return [
            ({} if index is None else {"object": index})
            | {"score": score, "mask": mask_text(_unpacked(bits, small), prepared.keep.size)}
            for index, score, bits, small in raw
        ]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {}

    def _prompted(self, prepared: Prepared) -> list[Found]:
        """The masks of each prompted object, best first."""
        row, keep = prepared.rows[0], prepared.keep
        small = within(keep.size, _MOST_NUMBERS // 3)
        views = self._views(row)
        found: list[Found] = []
        for index, prompt in enumerate(row["prompts"]):
            if prepared.stop():
                raise ClientGone("The request was cancelled.")
            outputs = self._loaded.model(
                **prompt.tensors(row, self._loaded.device),
                **views,
                multimask_output=keep.parameters.multimask_output,
            )
            masks, guessed = self._at_size(outputs, row, small)
            marks = check_finite(to_numpy(guessed))
            bits = (masks > keep.parameters.mask_threshold).cpu().numpy()
            found += [
                (index, float(marks[i]), np.packbits(bits[i]), small)
                for i in np.argsort(-marks, kind="stable")
            ]
        return found

    def _found(self, prepared: Prepared) -> list[Found]:
        prompted, small = prepared.keep, within(prepared.keep.size, _MOST_NUMBERS // (3 * _POINTS))
        scores, boxes, kept = [], [], []
        for masks, guessed in self._predict_at_points(prepared, small):
            good = _good(masks, guessed, prompted.parameters)
            found = masks[good] > prompted.parameters.mask_threshold
            scores.append(to_numpy(guessed[good]))
            boxes.append(_boxes(found))
            kept.extend(np.packbits(mask) for mask in found.cpu().numpy())
        marks = check_finite(np.concatenate(scores))
        best = non_maximum_suppression(
            np.concatenate(boxes), marks, prompted.parameters.crops_nms_thresh
        )
        return [(None, float(marks[i]), kept[i], small) for i in best]

    def _views(self, row: dict[str, Any]) -> dict[str, Any]:
        """What the image encoder returns, as arguments of the model."""
        seen = self._loaded.model.get_image_embeddings(place(row["pixel_values"], self._loaded))
        # Models with high-resolution features need intermediate embeddings of the encoder, too.
        names = ("image_embeddings", "intermediate_embeddings")
        return dict(zip(names, seen if isinstance(seen, tuple) else (seen,), strict=False))

    def _at_size(
        self, outputs: Any, row: dict[str, Any], small: Size
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Mask logits `[masks, height, width]` and predicted IoU `[masks]`."""
        [masks] = self._loaded.processor.post_process_masks(
            outputs.pred_masks.float(), [small], row["reshaped_input_sizes"], binarize=False
        )
        return masks.flatten(0, 1), outputs.iou_scores[0].flatten().float()

    def _predict_at_points(
        self, prepared: Prepared, small: Size
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield mask logits `[masks, height, width]` and predicted IoU `[masks]` by points."""
        row, model = prepared.rows[0], self._loaded.model
        views = self._views(row)
        for begin in range(0, row["points"].shape[1], _POINTS):
            if prepared.stop():
                raise ClientGone("The request was cancelled.")
            part = slice(begin, begin + _POINTS)
            outputs = model(
                input_points=place(row["points"][:, part], self._loaded),
                input_labels=place(row["labels"][:, part], self._loaded),
                **views,
            )
            yield self._at_size(outputs, row, small)


def _good(masks: torch.Tensor, scores: torch.Tensor, parameters: Any) -> torch.Tensor:
    """Bool `[masks]`: predicted IoU and stability are above their thresholds; 0 disables one."""
    good = torch.ones_like(scores, dtype=torch.bool)
    if parameters.pred_iou_thresh > 0:
        good &= scores > parameters.pred_iou_thresh
    if parameters.stability_score_thresh > 0:
        middle, offset = parameters.mask_threshold, parameters.stability_score_offset
        strict = (masks > middle + offset).sum((-2, -1))
        lax = (masks > middle - offset).sum((-2, -1))
        good &= strict / lax > parameters.stability_score_thresh
    return good


def _boxes(masks: torch.Tensor) -> np.ndarray:
    """Bounding boxes `[masks, 4]` as left, top, right, bottom; zeros for an empty mask."""
    edges: list[np.ndarray] = []
    for axis in (-2, -1):
        is_there = masks.any(axis).cpu().numpy()
        last = np.where(is_there.any(-1), is_there.shape[-1] - 1 - is_there[:, ::-1].argmax(-1), 0)
        edges += [is_there.argmax(-1), last]
    return np.stack([edges[i] for i in (0, 2, 1, 3)], axis=-1).astype(np.float32)


def non_maximum_suppression(boxes: np.ndarray, scores: np.ndarray, most: float) -> list[int]:
    """Greedy non-maximum suppression: indices of the kept boxes, best score first.

    `boxes` is float32 `[n, 4]` as left, top, right, bottom; `scores` is float32 `[n]`. A box is
    dropped if its IoU with a kept box is above `most` (0 to 1); equal to it is kept.
    """
    left, top, right, bottom = boxes.T
    areas = (right - left) * (bottom - top)
    waiting, kept = np.argsort(-scores, kind="stable"), []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        width = np.minimum(right[best], right[waiting]) - np.maximum(left[best], left[waiting])
        height = np.minimum(bottom[best], bottom[waiting]) - np.maximum(top[best], top[waiting])
        common = width.clip(0) * height.clip(0)
        waiting = waiting[common <= most * (areas[best] + areas[waiting] - common)]
    return kept


def _unpacked(bits: np.ndarray, size: Size) -> np.ndarray:
    return np.unpackbits(bits, count=size[0] * size[1]).reshape(size).astype(bool)

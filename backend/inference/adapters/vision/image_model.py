"""Base of tasks with one image as input, which differ in how they convert the model's outputs."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from backend.errors.inference import GenerationFailed
from backend.errors.request import PayloadTooLarge
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.config import MAX_PIXELS
from backend.inference.media import bytes_of, read_image

Size = tuple[int, int]
Answer = Callable[[Any, Size, Any], Any]


class ImageModel:
    """A model with an image processor.

    `answer(outputs, size, parameters)` converts the outputs to the response. It gets the
    `fields` that the model has, for one image, on the CPU in float32; `size` is (height, width)
    of the original image.
    """

    encode_threads = 2

    def __init__(
        self,
        loaded: LoadedModel,
        fields: tuple[str, ...],
        answer: Answer,
        facts: dict[str, object] | None = None,
        *,
        most_pixels: int = MAX_PIXELS,
    ) -> None:
        self._loaded = loaded
        self._fields = fields
        self._answer = answer
        self._facts = facts or {}
        self._most_pixels = most_pixels
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an image: bytes, base64 or a `data:` URL."""
        del parameters
        image = read_image(bytes_of(item))
        pixels = image.width * image.height
        if pixels > self._most_pixels:
            raise PayloadTooLarge(
                f"The image has {pixels:,} pixels; this model takes at most {self._most_pixels:,}."
            )
        features = self._loaded.processor(images=image, return_tensors="pt")
        return prepared(features, keep=(image.height, image.width))

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """The outputs for each image, in the model's own output class with a batch axis of 1."""
        with torch.inference_mode():
            outputs = self._loaded.model(**stacked(group, self._loaded))
        return [one_of(outputs, i, self._fields) for i in range(len(group))]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        """Convert the outputs with `answer`."""
        with torch.inference_mode():
            return self._answer(raw, prepared.keep, parameters)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return self._facts


def one_of(outputs: Any, index: int, fields: tuple[str, ...]) -> Any:
    """Outputs of one member of a batch. Raises GenerationFailed for NaN or infinity."""
    found = {
        name: _on_cpu(outputs[name][index : index + 1])
        for name in fields
        if outputs.get(name) is not None
    }
    if any(bool(torch.isnan(tensor).any()) for tensor in found.values()):
        raise GenerationFailed("The model produced a number that is not finite.")
    return type(outputs)(**found)


def _on_cpu(tensor: torch.Tensor) -> torch.Tensor:
    """Copy to the CPU; floating-point tensors as float32, which post-processing requires."""
    return tensor.cpu().float() if tensor.is_floating_point() else tensor.cpu()

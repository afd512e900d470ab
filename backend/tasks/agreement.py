"""What of a task's results shows that a lower precision gives the same ones."""

from typing import Literal

Compared = Literal["labels", "vectors"]

# Other results, such as boxes, masks and generated texts, have no measure that holds for every
# model: their tasks keep the precision that they have.
COMPARED: dict[str, Compared] = {
    "audio-classification": "labels",
    "fill-mask": "labels",
    "image-classification": "labels",
    "question-answering": "labels",
    "text-classification": "labels",
    "token-classification": "labels",
    "video-classification": "labels",
    "zero-shot-classification": "labels",
    "zero-shot-image-classification": "labels",
    "feature-extraction": "vectors",
    "image-feature-extraction": "vectors",
    "sentence-similarity": "vectors",
    "text-ranking": "vectors",
}

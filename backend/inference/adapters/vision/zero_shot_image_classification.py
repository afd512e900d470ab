"""zero-shot-image-classification: similarity of an image and a sentence for each label."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import check_finite, sigmoid, softmax, to_numpy
from backend.inference.adapters.tensors import place, prepared, stacked
from backend.inference.adapters.vision.prompt_tokenizer import PromptTokenizer
from backend.inference.media import bytes_of, read_image


class ZeroShotImageClassification:
    """For CLIP and SigLIP models.

    SigLIP, recognized by its logit bias, scores labels independently, and its texts are padded to
    the maximum length as in training.
    """

    # One thread, since the tokenizer keeps settings between calls.
    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._images, tokenizer = loaded.processor
        is_siglip = any(name == "logit_bias" for name, _ in loaded.model.named_parameters())
        self._score = sigmoid if is_siglip else softmax
        self._sentences = PromptTokenizer(loaded.model, tokenizer, is_full=is_siglip)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an image; images with the same labels share a batch."""
        image = read_image(bytes_of(item))
        template = parameters.hypothesis_template
        # Not str.format, which would let a template read attributes.
        texts = tuple(template.replace("{}", label) for label in parameters.candidate_labels)
        features = self._images(images=image, return_tensors="pt")
        return prepared(features, keep=self._sentences.encode(texts), key=texts)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Similarity logits of each image, float32 `[candidate labels]` (CLIP, SigLIP)."""
        texts = {name: place(value, self._loaded) for name, value in group[0].keep.items()}
        with torch.inference_mode():
            outputs = self._loaded.model(**texts, **stacked(group, self._loaded))
        return list(to_numpy(outputs.logits_per_image))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Labels with scores, best first."""
        del prepared
        scores = check_finite(self._score(raw.reshape(-1)))
        labels = parameters.candidate_labels
        order = np.argsort(-scores, kind="stable")
        return [{"label": labels[int(i)], "score": float(scores[i])} for i in order]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_label_tokens": self._sentences.limit}

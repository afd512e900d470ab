"""Which class loads a task's model, what prepares its input, and the adapter that drives it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.inference.adapters.base import Adapter, Loaded
from backend.inference.adapters.feature_extraction import FeatureExtraction
from backend.inference.adapters.fill_mask import FillMask
from backend.inference.adapters.media_classification import (
    audio_classification,
    image_classification,
)
from backend.inference.adapters.text_classification import TextClassification
from backend.inference.adapters.text_generation import TextGeneration
from backend.inference.adapters.token_classification import TokenClassification


@dataclass(frozen=True)
class Family:
    """How one task is loaded and driven; names are classes of transformers."""

    model: str
    processor: Literal["AutoTokenizer", "AutoImageProcessor", "AutoFeatureExtractor"]
    adapter: Callable[[Loaded], Adapter]


FAMILIES: dict[str, Family] = {
    "text-classification": Family(
        "AutoModelForSequenceClassification", "AutoTokenizer", TextClassification
    ),
    "token-classification": Family(
        "AutoModelForTokenClassification", "AutoTokenizer", TokenClassification
    ),
    "feature-extraction": Family("AutoModel", "AutoTokenizer", FeatureExtraction),
    "fill-mask": Family("AutoModelForMaskedLM", "AutoTokenizer", FillMask),
    "text-generation": Family("AutoModelForCausalLM", "AutoTokenizer", TextGeneration),
    "image-classification": Family(
        "AutoModelForImageClassification", "AutoImageProcessor", image_classification
    ),
    "audio-classification": Family(
        "AutoModelForAudioClassification", "AutoFeatureExtractor", audio_classification
    ),
}

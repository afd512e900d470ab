"""Model families of embedding, similarity and ranking tasks."""

from collections.abc import Callable

from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.embeddings.feature_extraction import FeatureExtraction
from backend.inference.adapters.embeddings.sentence_similarity import SentenceSimilarity
from backend.inference.adapters.embeddings.text_ranking import TextRanking
from backend.inference.adapters.family import Family

_TOKENIZER = ("AutoTokenizer",)


def _encoders(adapter: Callable[[LoadedModel], Adapter]) -> tuple[Family, ...]:
    """Encoders without a head; encoder-decoder models have a separate class for their encoder."""
    return tuple(
        Family(model=model, processors=_TOKENIZER, adapter=adapter, optional=("pooler",))
        for model in ("AutoModelForTextEncoding", "AutoModel")
    )


EMBEDDINGS: dict[str, tuple[Family, ...]] = {
    "feature-extraction": _encoders(FeatureExtraction),
    "sentence-similarity": _encoders(SentenceSimilarity),
    "text-ranking": (
        Family(
            model="AutoModelForSequenceClassification", processors=_TOKENIZER, adapter=TextRanking
        ),
    ),
}

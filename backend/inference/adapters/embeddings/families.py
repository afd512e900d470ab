"""Model families of embedding, similarity and ranking tasks."""

from collections.abc import Callable
from pathlib import Path

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.domain.server import ServerSpec
from backend.errors.model import ModelNotSupported
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.embeddings.causal_ranking import CausalRanking
from backend.inference.adapters.embeddings.feature_extraction import FeatureExtraction
from backend.inference.adapters.embeddings.model_files import read_model
from backend.inference.adapters.embeddings.multi_vector import (
    MultiVectorExtraction,
    MultiVectorRanking,
)
from backend.inference.adapters.embeddings.sentence_similarity import SentenceSimilarity
from backend.inference.adapters.embeddings.text_ranking import TextRanking
from backend.inference.adapters.family import Family
from backend.tasks.architectures import has_class
from backend.tasks.module_rules import embeds, is_causal_ranker, is_masked_model, is_plain
from backend.tasks.multi_vector import SERVED_AS, is_multi_vector

_TOKENIZER = ("AutoTokenizer",)
_EMBEDDING_TASKS = frozenset({"feature-extraction", "sentence-similarity"})


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


def modules_of(spec: ServerSpec) -> SentenceTransformersModel | None:
    """The modules to load one by one; None if transformers loads the whole folder as one model.

    Raises ModelNotSupported.
    """
    if spec.task not in _EMBEDDING_TASKS:
        return None
    found = read_model(Path(spec.model_dir))
    if found is None or is_plain(found) or is_multi_vector(found):
        return None
    if reason := embeds(found):
        raise ModelNotSupported(reason, instead="Choose another model for this task.")
    return found


def family_by_modules(spec: ServerSpec, model_type: str) -> Family | None:
    """The family of a model that its modules tell, not its architecture: a cross-encoder with a
    causal language model, and a multi-vector encoder; `model_type` is that of its transformer."""
    found = read_model(Path(spec.model_dir)) if spec.task in SERVED_AS else None
    if found is None:
        return None
    if spec.task == "text-ranking" and is_causal_ranker(found):
        return Family(model="AutoModelForCausalLM", processors=_TOKENIZER, adapter=CausalRanking)
    if not is_multi_vector(found):
        return None
    is_ranking = spec.task == "text-ranking"
    adapter = MultiVectorRanking if is_ranking else MultiVectorExtraction
    # Of encoder-decoder models the encoder only; code of the repository has an AutoModel at most.
    kind = "AutoModelForTextEncoding"
    has_kind = not spec.allow_remote_code and has_class(kind, model_type)
    model = kind if has_kind else "AutoModel"
    return Family(model=model, processors=_TOKENIZER, adapter=adapter, optional=("pooler",))


def input_family(module: EmbeddingModule) -> Family:
    """How transformers loads the transformer of a route; the adapter is that of the whole model."""
    model = "AutoModelForMaskedLM" if is_masked_model(module) else "AutoModel"
    return Family(
        model=model, processors=_TOKENIZER, adapter=FeatureExtraction, optional=("pooler",)
    )

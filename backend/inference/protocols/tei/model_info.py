"""The fields of TEI's `GET /info`, which are added to those of Slipway."""

from typing import Any

from backend.domain.server import ServerSpec
from backend.inference.config import MAX_ITEMS
from backend.inference.engine import Engine


def tei_info(spec: ServerSpec, engine: Engine) -> dict[str, Any]:
    """Limits and kind of the model by TEI's names; empty for tasks that TEI does not have."""
    facts = engine.adapter.facts()
    kinds: dict[str, dict[str, Any]] = {
        "feature-extraction": {"embedding": {"pooling": facts.get("pooling")}},
        "sentence-similarity": {"embedding": {"pooling": facts.get("pooling")}},
        "text-ranking": {"reranker": {"id2label": {}, "label2id": {}}},
        "text-classification": {"classifier": _labels(facts.get("labels"))},
    }
    if spec.task not in kinds:
        return {}
    return {
        "model_sha": spec.commit,
        "model_dtype": spec.dtype,
        "served_model_name": spec.name,
        "model_type": kinds[spec.task],
        "max_concurrent_requests": spec.max_queue + 1,
        "max_input_length": facts.get("max_input_tokens"),
        "max_client_batch_size": MAX_ITEMS,
        "auto_truncate": True,
    }


def _labels(labels: Any) -> dict[str, Any]:
    names = list(labels or [])
    return {
        "id2label": {str(place): name for place, name in enumerate(names)},
        "label2id": {name: place for place, name in enumerate(names)},
    }

"""Generated tokens in the format of the Hub's stream (Text Generation Inference)."""

from typing import Any

from backend.inference.engine import Outcome


def hub_event(
    index: int, piece: Any, outcome: Outcome | None = None, *, with_details: bool = False
) -> dict[str, Any]:
    """Return one event; the last one has the whole text, and details if requested."""
    text = details = None
    if outcome is not None:
        [[made]] = outcome.outputs
        text = made["generated_text"]
        reported = made.get("details") or {}
        details = {k: v for k, v in reported.items() if k not in {"tokens", "prefill"}}
    return {
        "index": index,
        "token": {
            "id": piece.id, "text": piece.text, "logprob": piece.logprob or 0.0,
            "special": piece.special,
        },
        "generated_text": text,
        "details": details if with_details else None,
    }  # fmt: skip

"""feature-extraction: one vector for each text, pooled as the model's own files say."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Loaded, Prepared
from backend.inference.adapters.scores import check_finite, text_item, to_numpy
from backend.inference.adapters.texts import Cut, Texts, tokens_of
from backend.inference.config import MAX_CHARACTERS

_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What sentence-transformers files say of a model."""

    pooling: str = "mean"
    normalize: bool = False
    max_tokens: int | None = None
    prompts: dict[str, str]
    prompt: str | None = None


class FeatureExtraction:
    """Texts to vectors."""

    encode_threads = 1

    def __init__(self, loaded: Loaded) -> None:
        model = loaded.model
        self._model = model.get_encoder() if model.config.is_encoder_decoder else model
        self._recipe = read_recipe(loaded.directory)
        self._texts = Texts(loaded, self._recipe.max_tokens)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """A text, with the prompt that was asked for before it."""
        text = self._prompt(parameters.prompt_name) + text_item(item, MAX_CHARACTERS)
        side = parameters.truncation_direction or "right"
        rows = self._texts.encode(text, cut=Cut(allowed=parameters.truncate, side=side))
        return Prepared(size=tokens_of(rows), rows=rows)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """One pooled vector for each text."""
        batch = self._texts.collate([prepared.rows[0] for prepared in group])
        with torch.inference_mode():
            states = self._model(**batch).last_hidden_state.to(torch.float32)
            pooled = POOL[self._recipe.pooling](states, batch["attention_mask"].unsqueeze(-1))
        return list(to_numpy(pooled))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> np.ndarray:
        """Cut to `dimensions`, then brought to length one where that is wanted."""
        del prepared
        if parameters.dimensions and parameters.dimensions > len(raw):
            raise InvalidInput(
                f"dimensions is {parameters.dimensions}; this model has {len(raw)} at most."
            )
        vector = check_finite(raw[: parameters.dimensions])
        wanted = parameters.normalize
        if wanted if wanted is not None else self._recipe.normalize:
            vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return np.ascontiguousarray(vector)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_input_tokens": self._texts.limit,
            "dimensions": self._model.config.get_text_config().hidden_size,
            "pooling": self._recipe.pooling,
            "normalized": self._recipe.normalize,
            "prompts": sorted(self._recipe.prompts),
        }

    def _prompt(self, name: str | None) -> str:
        prompts = self._recipe.prompts
        if name is None:
            return prompts.get(self._recipe.prompt or "", "")
        if name not in prompts:
            known = ", ".join(sorted(prompts)) or "none"
            raise InvalidInput(f"prompt_name is not one of this model's prompts: {known}.")
        return prompts[name]


def _mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (states * mask).sum(1) / mask.sum(1).clamp(min=1)


def _largest(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return states.masked_fill(mask == 0, -torch.inf).max(1).values


def _first(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    del mask
    return states[:, 0]


def _last(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    place = mask.sum(1).squeeze(-1) - 1
    return states[torch.arange(len(states), device=states.device), place]


POOL = {"mean": _mean, "max": _largest, "cls": _first, "last": _last}


def read_recipe(folder: Path) -> Recipe:
    """From modules.json and its folders; a model without them is mean-pooled."""
    modules = [
        str(m.get("type", "")).rsplit(".", 1)[-1] for m in _read(folder / "modules.json", [])
    ]
    if extra := set(modules) - {"Transformer", "Pooling", "Normalize"}:
        raise LoadFailed(
            f"The model has layers that are not served yet: {', '.join(sorted(extra))}."
        )
    pooling = _read(folder / "1_Pooling" / "config.json", {})
    chosen = [name for key, name in _POOLING.items() if pooling.get(key)]
    if len(chosen) > 1:
        raise LoadFailed("The model joins several poolings, which is not served yet.")
    settings = _read(folder / "config_sentence_transformers.json", {})
    return Recipe(
        pooling=chosen[0] if chosen else "mean",
        normalize="Normalize" in modules,
        max_tokens=_read(folder / "sentence_bert_config.json", {}).get("max_seq_length"),
        prompts={name: text for name, text in (settings.get("prompts") or {}).items() if text},
        prompt=settings.get("default_prompt_name"),
    )


def _read(path: Path, default: Any) -> Any:
    return json.loads(path.read_text()) if path.is_file() else default

"""What is sent: 160 mixed texts for the encoders, images, audio, and prompts for generation."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.tasks.samples import png, wav
from backend.transport.http_connection import post
from benchmarks.models.catalogue import folder_of
from benchmarks.settings import Settings
from benchmarks.texts import lengths, texts, words

TEXTS, PROMPT_TOKENS = 160, 65


@dataclass(frozen=True)
class Workload:
    """Inputs of one model; the same for the product, the peers and the limits."""

    model: str
    items: list[Any]
    content_type: str = "application/json"

    def requests(self) -> list[bytes]:
        """One request to `/predict` per item."""
        if self.content_type == "application/json":
            bodies = [json.dumps({"inputs": item}).encode() for item in self.items]
        else:
            bodies = self.items
        return [post("/predict", body, self.content_type) for body in bodies]


def mixed_texts(settings: Settings, model: str) -> Workload:
    """Texts of 5 to 199 tokens, log-uniform (mean 53), in random order."""
    wanted = lengths(settings.pick(TEXTS, 12))
    return Workload(model, _texts(folder_of(model, settings.cache), tuple(wanted)))


def images(settings: Settings) -> Workload:
    """Images of 64 x 64 pixels, which the processor enlarges to 224 x 224."""
    count = settings.pick(48, 4)
    return Workload("vit-base", [png(seed) for seed in range(count)], "image/png")


def audio(settings: Settings) -> Workload:
    """Short recordings at 16 kHz."""
    count = settings.pick(48, 4)
    return Workload("wav2vec2-base", [wav(seed) for seed in range(count)], "audio/wav")


def prompts(settings: Settings, count: int) -> list[str]:
    """Prompts of about 65 tokens."""
    folder = folder_of("llama-135m", settings.cache)
    return _texts(folder, (PROMPT_TOKENS,) * count)


@functools.cache
def _texts(folder: Path, wanted: tuple[int, ...]) -> list[str]:
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where texts are made

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return texts(wanted, lambda text: len(tokenizer.encode(text).ids), words(20_000))

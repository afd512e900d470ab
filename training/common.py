"""Shared code of the four training scripts: seeding, batches, schedule, arguments, model cards."""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import nn

STARTERS = Path("backend/starters")
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scikit-learn", "pillow")
CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: {task}
tags:
- slipway-starter
---

# {title}

{what}

| | |
|---|---|
| score | **{score:.4f}**: {score_of} |
| parameters | {parameters:,} (float32, safetensors) |
| seed | {seed} |
| trained with | {versions} |

## Training

{how}

To reproduce the training, run `python -m training.{name} --out backend/starters/{name}`; to
reproduce the score, run `python -m training.evaluate`. The same seed gives the same data. Weights
can differ in the last digits between machines and library versions, and the score slightly.

## Limitations

{limits}
"""


@dataclass(frozen=True, kw_only=True)
class Card:
    """Fields of a model card; `score` is between 0 and 1."""

    name: str
    title: str
    task: str
    what: str
    how: str
    limits: str
    score: float
    score_of: str
    seed: int


def prepare(seed: int) -> torch.Generator:
    """Seed all random generators, limit torch to one thread, return a generator for shuffling."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    return torch.Generator().manual_seed(seed)


def parse_out(name: str) -> Path:
    """Parse `--out` and create the output folder."""
    parser = argparse.ArgumentParser(description=f"Train the starter model {name!r} from scratch.")
    parser.add_argument("--out", type=Path, default=STARTERS / name)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    return out


def shuffled(count: int, size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """One epoch of index batches [size], int64; an incomplete last batch is dropped."""
    order = torch.randperm(count, generator=generator)
    yield from (order[at : at + size] for at in range(0, count - size + 1, size))


def by_length(
    lengths: torch.Tensor, size: int, generator: torch.Generator
) -> Iterator[torch.Tensor]:
    """One epoch of index batches of similar length, in random order, to reduce padding."""
    jitter = torch.rand(lengths.shape, generator=generator)
    order = (lengths + jitter).argsort()
    for batch in shuffled(len(order) // size, 1, generator):
        yield order[int(batch) * size : (int(batch) + 1) * size]


def optimizer(
    model: nn.Module, steps: int, rate: float
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.OneCycleLR]:
    """AdamW with a one-cycle schedule: warm-up, then cosine decay, over `steps` updates."""
    chosen = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(chosen, rate, total_steps=steps, pct_start=0.1)
    return chosen, schedule


def parameters_of(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())


def write_card(out: Path, card: Card, model: nn.Module) -> None:
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    text = CARD.format(**vars(card), parameters=parameters_of(model), versions=versions)
    (out / "README.md").write_text(text, encoding="utf-8")

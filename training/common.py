"""What the four training scripts share: seeding, batches, schedule, arguments, model cards."""

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
| made with | {versions} |

## How it was trained

{how}

Made again by `python -m training.{name} --out backend/starters/{name}`, measured again by
`python -m training.evaluate`. The same seed gives the same data; weights can differ in the last
digits between machines and library versions, and the score with them by a little.

## Limits

{limits}
"""


@dataclass(frozen=True, kw_only=True)
class Card:
    """The facts of a model card; `score` is between 0 and 1."""

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
    """Seeds every generator in use, and keeps to one thread; returns one for shuffling."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    return torch.Generator().manual_seed(seed)


def parse_out(name: str) -> Path:
    """The folder to write, from `--out`."""
    parser = argparse.ArgumentParser(description=f"Train the starter model {name!r} from scratch.")
    parser.add_argument("--out", type=Path, default=STARTERS / name)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    return out


def shuffled(count: int, size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """One epoch of index batches; a last short batch is left out."""
    order = torch.randperm(count, generator=generator)
    yield from (order[at : at + size] for at in range(0, count - size + 1, size))


def by_length(
    lengths: torch.Tensor, size: int, generator: torch.Generator
) -> Iterator[torch.Tensor]:
    """One epoch of batches of like lengths, in random order: less padding, so less to compute."""
    jitter = torch.rand(lengths.shape, generator=generator)
    order = (lengths + jitter).argsort()
    for batch in shuffled(len(order) // size, 1, generator):
        yield order[int(batch) * size : (int(batch) + 1) * size]


def optimizer(
    model: nn.Module, steps: int, rate: float
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.OneCycleLR]:
    """AdamW with one warm-up and one cosine decay over `steps` updates."""
    chosen = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(chosen, rate, total_steps=steps, pct_start=0.1)
    return chosen, schedule


def parameters_of(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())


def write_card(out: Path, card: Card, model: nn.Module) -> None:
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    text = CARD.format(**vars(card), parameters=parameters_of(model), versions=versions)
    (out / "README.md").write_text(text, encoding="utf-8")

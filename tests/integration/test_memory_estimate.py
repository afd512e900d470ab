"""The memory estimate against what a loaded model really takes, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from backend.host.memory import estimate_memory
from backend.tasks import TASKS
from tests.fakes import models as builders
from tests.fakes.hub.world import facts_of, models_at

# Prints the resident bytes of a process that has loaded the model and answered once.
LOAD = """
import asyncio, sys, psutil, uvicorn
import backend.inference.app
from backend.domain.server import ServerSpec
from backend.inference import loading
from backend.inference.engine import Engine
from backend.inference.metrics import Metrics

folder, task, dtype = sys.argv[1:]
spec = ServerSpec(
    deployment_id="d", name="n", version=1, generation=1, model_id="m", commit="c",
    model_dir=folder, task=task, dtype=dtype, threads=1, python=sys.executable,
)
engine = Engine(spec, loading.load(spec), Metrics(spec))
asyncio.run(engine.warm_up())
print(psutil.Process().memory_info().rss)
engine.close()
"""


def measured(folder: Path, task: str, dtype: str) -> int:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD, str(folder), task, dtype],
        capture_output=True, text=True, check=True, timeout=110,
    )  # fmt: skip
    return int(ran.stdout.splitlines()[-1])


def build(folder: Path, task: str, size: int) -> Path:
    return builders.big_llama(folder, size) if size else builders.BUILDERS[task](folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "size", "dtype"),
    [
        ("text-classification", 0, "float32"),
        ("image-classification", 0, "float32"),
        ("audio-classification", 0, "float32"),
        ("text-generation", 0, "float32"),
        ("text-generation", 200_000_000, "float32"),
        ("text-generation", 200_000_000, "bfloat16"),
    ],
)
async def test_the_estimate_is_near_what_a_server_takes(
    tmp_path: Path, task: str, size: int, dtype: str
) -> None:
    folder = build(tmp_path / "local" / "mine", task, size)
    async with models_at("http://127.0.0.1:9", tmp_path) as models:
        facts = await facts_of(models, "mine", source="local")
    assert facts.task in TASKS
    taken = measured(folder, task, dtype)
    estimate = estimate_memory(facts, dtype, task)
    # A tiny model is nearly all interpreter, whose size varies with what its libraries import.
    slack = 0.15 if size else 0.25
    within = (1 - slack) * taken < estimate < (1 + slack) * taken
    assert within, f"{estimate:,} estimated, {taken:,} taken"

"""The memory estimate against what a large model really takes, in a process of its own.

The small ones are compared in test_deploy_starter.py.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from backend.host.memory import estimate_memory
from tests.fakes.hub.world import facts_of, models_at
from tests.fakes.models import big_llama

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


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_the_estimate_is_near_what_a_server_takes(
    tmp_path: Path, model: Path, dtype: str
) -> None:
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=model.parent) as models:
        facts = await facts_of(models, model.name, source="local")
    taken = measured(model, "text-generation", dtype)
    estimate = estimate_memory(facts, dtype, "text-generation")
    assert 0.85 * taken < estimate < 1.15 * taken, f"{estimate:,} estimated, {taken:,} taken"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 MB of weights."""
    return big_llama(tmp_path_factory.mktemp("local") / "mine", 200_000_000)

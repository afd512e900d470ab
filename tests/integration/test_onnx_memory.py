"""The memory estimate of an ONNX model against what its server really takes."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.domain.model import ModelFacts
from backend.host.memory import estimate_memory
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.launch import ROOT, spec

LOCK = ROOT / "requirements" / "extras" / "onnxruntime.txt"
TASK = "text-classification"
# Prints the most resident bytes of a process that loads the model and serves one request.
LOAD = """
import asyncio, resource, sys, uvicorn
import backend.inference.app
from backend.domain.server import ServerSpec
from backend.inference import loading
from backend.inference.engine import Engine
from backend.inference.metrics import Metrics

spec = ServerSpec.model_validate_json(sys.argv[1])
engine = Engine(spec, loading.load(spec), Metrics(spec))
asyncio.run(engine.warm_up())
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
engine.close()
"""


async def facts_in(folder: Path, shape: str, state: Path) -> ModelFacts:
    async with models_at("http://127.0.0.1:9", state, local_models=folder) as models:
        return await facts_of(models, shape, source="local")


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["large", "large_data_file"])
def test_estimate_is_close_to_measured_memory(shape: str, tmp_path: Path) -> None:
    extra, root = tmp_path / "extra", tmp_path / "models"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(extra)]
    subprocess.run([*pip, "-r", str(LOCK)], check=True)
    build = ["-W", "ignore", "-m", "tests.fakes.onnx_models", str(root), shape]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True)
    facts = asyncio.run(facts_in(root / "acme", shape, tmp_path))
    assert facts.onnx is not None
    made = spec(TASK, root / "acme" / shape, engine="onnxruntime", onnx_file=facts.onnx.path)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD, made.model_dump_json()], cwd=ROOT, check=True,
        env=os.environ | {"PYTHONPATH": str(extra)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    taken = int(ran.stdout.splitlines()[-1])
    estimate = estimate_memory(facts, "float32", TASK)
    assert 0.85 * taken < estimate < 1.15 * taken, f"{estimate:,} estimated, {taken:,} taken"

"""The memory estimate of an ONNX model against what its server really takes."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from backend.domain.model import ModelFacts
from backend.host.memory import estimate_memory
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.launch import ROOT, spec
from tests.fakes.locked_extras import installed
from tests.fakes.peak import measured

TASK = "text-classification"


async def facts_in(folder: Path, shape: str, state: Path) -> ModelFacts:
    async with models_at("http://127.0.0.1:9", state, local_models=folder) as models:
        return await facts_of(models, shape, source="local")


@pytest.mark.long
@pytest.mark.parametrize("shape", ["large", "large_data_file"])
def test_estimate_is_close_to_measured_memory(shape: str, tmp_path: Path) -> None:
    extra, root = installed("onnxruntime"), tmp_path / "models"
    build = ["-W", "ignore", "-m", "tests.fakes.onnx_models", str(root), shape]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True)
    facts = asyncio.run(facts_in(root / "acme", shape, tmp_path))
    assert facts.onnx is not None
    made = spec(TASK, root / "acme" / shape, engine="onnxruntime", onnx_file=facts.onnx.path)
    taken = measured(made.model_dump(mode="json"), extra)["taken"]
    estimate = estimate_memory(facts, "float32", TASK)
    assert 0.85 * taken < estimate < 1.15 * taken, f"{estimate:,} estimated, {taken:,} taken"

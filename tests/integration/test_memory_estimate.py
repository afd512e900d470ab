"""The memory estimate against what a large model really takes, in a process of its own.

The small ones are compared in test_deploy_starter.py.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from backend.domain.conversion import ConversionJob
from backend.host.memory import conversion_bytes, estimate_memory
from tests.fakes import packing, quantized
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.launch import spec
from tests.fakes.models import big_llama
from tests.fakes.peak import ROOT, anonymous_bytes, measured

TASK = "text-generation"


def spec_of(folder: Path, dtype: str) -> dict[str, Any]:
    made = spec(TASK, folder, dtype=dtype, threads=1)
    return made.model_dump(mode="json")


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", pytest.param("bfloat16", marks=pytest.mark.long)])
async def test_estimate_is_close_to_measured_memory(
    tmp_path: Path, model: Path, dtype: str
) -> None:
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=model.parent) as models:
        facts = await facts_of(models, model.name, source="local")
    taken = measured(spec_of(model, dtype))["taken"]
    estimate = estimate_memory(facts, dtype, TASK)
    assert 0.85 * taken < estimate < 1.15 * taken, f"{estimate:,} estimated, {taken:,} taken"


def conversion_peak(folder: Path, output: Path) -> int:
    """The most anonymous bytes of the conversion worker, from its own /proc file."""
    job = ConversionJob(
        source=str(folder), output=str(output), runs_code=False, memory_bytes=4 * 10**9,
        files={"pytorch_model.bin": "model.safetensors"},
    )  # fmt: skip
    command = [sys.executable, "-m", "backend.inference.conversion"]
    pipe, peak = subprocess.PIPE, 0
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(job.model_dump_json().encode() + b"\n")
        worker.stdin.flush()
        while worker.poll() is None:
            peak = max(peak, anonymous_bytes(worker.pid))
        assert worker.stdout.read().splitlines()[-1].startswith(b'{"kind":"done"')
    return peak


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_estimate_covers_loading_peak(tmp_path: Path, model: Path, dtype: str) -> None:
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=model.parent) as models:
        facts = await facts_of(models, model.name, source="local")
    peak = measured(spec_of(model, dtype))["peak"]
    estimate = estimate_memory(facts, dtype, TASK)
    assert peak < 1.05 * estimate, f"{estimate:,} estimated, {peak:,} at the peak"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("kind", ["zip", pytest.param("legacy", marks=pytest.mark.long)])
async def test_estimate_covers_conversion_peak(tmp_path: Path, model: Path, kind: str) -> None:
    folder = tmp_path / "local" / kind
    shutil.copytree(model, folder)
    [weights] = folder.glob("*.safetensors")
    torch.save(
        safetensors.torch.load_file(weights),
        folder / "pytorch_model.bin",
        _use_new_zipfile_serialization=kind == "zip",
    )
    weights.unlink()
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=folder.parent) as models:
        facts = await facts_of(models, kind, source="local")
    assert facts.pickle is not None
    assert (facts.pickle.unmapped_bytes > 0) == (kind == "legacy")
    output = tmp_path / "output"
    output.mkdir()
    peak = conversion_peak(folder, output)
    estimate = conversion_bytes(facts)
    assert peak < 1.05 * estimate, f"{estimate:,} estimated, {peak:,} at the peak"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
async def test_estimate_covers_unpacking_of_quantized_weights(tmp_path: Path, model: Path) -> None:
    folder = tmp_path / "local" / "packed"
    shutil.copytree(model, folder)
    quantized.pack(folder, packing.gptq, {"quant_method": "gptq", "group_size": packing.GROUP})
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=folder.parent) as models:
        facts = await facts_of(models, "packed", source="local")
    assert facts.parameters is not None
    assert facts.weight_bytes < facts.parameters
    found = measured(spec_of(folder, "float32"))
    taken, peak = found["taken"], found["peak"]
    estimate = estimate_memory(facts, "float32", TASK)
    # The files are counted in addition, which are dropped from memory when they are unpacked.
    assert 0.85 * taken < estimate < 1.25 * taken, f"{estimate:,} estimated, {taken:,} taken"
    assert peak < 1.05 * estimate, f"{estimate:,} estimated, {peak:,} at the peak"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 MB of weights."""
    return big_llama(tmp_path_factory.mktemp("local") / "mine", 200_000_000)

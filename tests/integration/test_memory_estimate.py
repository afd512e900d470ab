"""The memory estimate against what a large model really takes, in a process of its own.

The small ones are compared in test_deploy_starter.py.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from backend.host.memory import conversion_bytes, estimate_memory
from tests.fakes import packing, quantized
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.models import big_llama

TASK = "text-generation"
# Prints the resident bytes of a process after it loaded the model and served one request.
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


def measured(folder: Path, task: str, dtype: str, script: str = LOAD) -> int:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(folder), task, dtype],
        capture_output=True, text=True, check=True, timeout=110,
    )  # fmt: skip
    return int(ran.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_estimate_is_close_to_measured_memory(
    tmp_path: Path, model: Path, dtype: str
) -> None:
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=model.parent) as models:
        facts = await facts_of(models, model.name, source="local")
    taken = measured(model, "text-generation", dtype)
    estimate = estimate_memory(facts, dtype, "text-generation")
    assert 0.85 * taken < estimate < 1.15 * taken, f"{estimate:,} estimated, {taken:,} taken"


# Prints the anonymous bytes at the peak of loading; pages of mapped files can be dropped any time.
PEAK = """
import re, sys, threading, time
import backend.inference.app
from backend.domain.server import ServerSpec
from backend.inference import loading

def anonymous():
    return int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024

peak, done = 0, threading.Event()

def watch():
    global peak
    while not done.wait(0.003):
        peak = max(peak, anonymous())

folder, task, dtype = sys.argv[1:]
watching = threading.Thread(target=watch)
watching.start()
adapter = loading.load(ServerSpec(
    deployment_id="d", name="n", version=1, generation=1, model_id="m", commit="c",
    model_dir=folder, task=task, dtype=dtype, threads=1, python=sys.executable,
))
done.set()
watching.join()
print(peak)
"""


# Prints the anonymous bytes at the peak of the conversion worker, from its own /proc file.
CONVERT = """
import re, subprocess, sys
from backend.domain.conversion import ConversionJob

folder, output, _ = sys.argv[1:]
job = ConversionJob(source=folder, output=output, runs_code=False, memory_bytes=4 * 10**9,
                    files={"pytorch_model.bin": "model.safetensors"})
worker = subprocess.Popen([sys.executable, "-m", "backend.inference.conversion"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)
worker.stdin.write(job.model_dump_json().encode() + b"\\n")
worker.stdin.flush()
peak = 0
while worker.poll() is None:
    found = re.search(r"RssAnon:\\s+(\\d+)", open(f"/proc/{worker.pid}/status").read())
    peak = max(peak, int(found[1]) * 1024 if found else 0)
assert worker.stdout.read().splitlines()[-1].startswith(b'{"kind":"done"')
print(peak)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_estimate_covers_loading_peak(tmp_path: Path, model: Path, dtype: str) -> None:
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=model.parent) as models:
        facts = await facts_of(models, model.name, source="local")
    peak = measured(model, TASK, dtype, PEAK)
    estimate = estimate_memory(facts, dtype, TASK)
    assert peak < 1.05 * estimate, f"{estimate:,} estimated, {peak:,} at the peak"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("kind", ["zip", "legacy"])
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
    peak = measured(folder, str(output), "", CONVERT)
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
    taken = measured(folder, TASK, "float32")
    peak = measured(folder, TASK, "float32", PEAK)
    estimate = estimate_memory(facts, "float32", TASK)
    # The files are counted in addition, which are dropped from memory when they are unpacked.
    assert 0.85 * taken < estimate < 1.25 * taken, f"{estimate:,} estimated, {taken:,} taken"
    assert peak < 1.05 * estimate, f"{estimate:,} estimated, {peak:,} at the peak"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 MB of weights."""
    return big_llama(tmp_path_factory.mktemp("local") / "mine", 200_000_000)

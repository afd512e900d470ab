"""The memory estimate of an adapter covers the peak while it is merged."""

import sys
from pathlib import Path

import pytest

from backend.conversion.facade import Conversions
from backend.domain.peft_adapter import FOLDER
from backend.host.memory import estimate_memory
from tests.fakes.hub.client import RecordingReport, facts_of, models_at
from tests.fakes.launch import spec
from tests.fakes.locked_extras import installed, run_with
from tests.fakes.models import big_llama
from tests.fakes.peak import measured

TASK = "text-generation"
# A large adapter: rank 64 on every layer.
ADAPT = """
import json, sys
from pathlib import Path
import peft, transformers

root = Path(sys.argv[1])
model = transformers.AutoModelForCausalLM.from_pretrained(root / "base")
config = peft.LoraConfig(task_type="CAUSAL_LM", r=64, target_modules="all-linear")
peft.get_peft_model(model, config).save_pretrained(root / "adapter")
path = root / "adapter" / "adapter_config.json"
stated = json.loads(path.read_text()) | {"base_model_name_or_path": "base"}
path.write_text(json.dumps(stated))
"""


@pytest.fixture(scope="module")
def extra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed("peft")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, extra: Path) -> Path:
    """A folder with a base model of 300 MB and an adapter of it."""
    root = tmp_path_factory.mktemp("local")
    big_llama(root / "base", 300_000_000)
    run_with(extra, "-W", "ignore", "-c", ADAPT, str(root))
    return root


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_estimate_covers_the_peak_of_merging(
    dtype: str, tmp_path: Path, local: Path, extra: Path
) -> None:
    report = RecordingReport()
    conversions = Conversions(tmp_path, python=sys.executable, source=".", environment={})
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=local) as models:
        facts = await facts_of(models, "adapter", source="local")
        files = await models.download(facts, report)
    folder, _ = await conversions.joined(facts, files, report, runs_code=False)
    made = spec(TASK, folder, adapter_dir=str(folder / FOLDER), dtype=dtype, threads=1)
    peak = measured(made.model_dump(mode="json"), extra)["peak"]
    estimate = estimate_memory(facts, dtype, TASK)
    assert 0.6 * estimate < peak < 1.05 * estimate, f"{estimate:,} estimated, {peak:,} at the peak"

"""The memory estimate of a GGUF model against what its server really takes."""

from pathlib import Path

import pytest

from backend.host.memory import estimate_memory
from backend.pipeline.steps.prepare import gguf_of
from tests.fakes.gguf_models import big_gguf
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.launch import spec
from tests.fakes.locked_extras import installed
from tests.fakes.peak import measured

TASK = "text-generation"


@pytest.fixture(scope="module")
def extra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed("gguf")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("kind", [pytest.param("Q8_0", marks=pytest.mark.long), "Q4_0"])
async def test_estimate_is_close_to_measured_memory(kind: str, tmp_path: Path, extra: Path) -> None:
    folder = tmp_path / "local" / "model"
    big_gguf(folder / f"model-{kind}.gguf", kind, 1024, 6)
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=folder.parent) as models:
        facts = await facts_of(models, "model", source="local")
    made = spec(TASK, folder, engine="llama.cpp", max_batch_size=4, gguf=gguf_of(facts))
    found = measured(made.model_dump(mode="json"), extra)
    estimate = estimate_memory(facts, kind, TASK)
    # Of files of 4 bits llama.cpp makes a copy in another order; the pages of the file, which
    # can be dropped then, are not counted.
    taken = found["taken"] - (facts.weight_bytes if kind == "Q4_0" else 0)
    assert 0.85 * taken < estimate < 1.2 * taken, f"{estimate:,} estimated, {taken:,} taken"
    assert found["peak"] < estimate

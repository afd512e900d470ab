"""How many tokens the cache of a running batch may hold, by memory."""

from pathlib import Path

import pytest
import torch

from backend.inference.adapters.generation import slot_limits
from backend.inference.adapters.generation.slot_limits import LEAST_TOKENS, token_budget
from tests.fakes.launch import spec

MODEL = torch.nn.Module()
MODEL.device = torch.device("cpu")  # type: ignore[assignment]


def budget(limit: int | None) -> int:
    """With a million bytes for each token."""
    made = spec("text-generation", Path("none"), memory_limit_bytes=limit)
    return token_budget(made, MODEL, 1_000_000)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    memory, process = tmp_path / "meminfo", tmp_path / "statm"
    memory.write_text("MemTotal: 64000000 kB\nMemAvailable:   40000000 kB\n")
    process.write_text("900000 250000 5000 1 0 700000 0")
    monkeypatch.setattr(slot_limits, "_MACHINE", memory)
    monkeypatch.setattr(slot_limits, "_PROCESS", process)
    return memory


def test_a_quarter_of_what_the_machine_or_the_limit_leaves(machine: Path) -> None:
    assert budget(None) == 40_000_000 * 1024 // 4_000_000
    resident = 250_000 * 4096
    assert budget(resident + 20_000_000_000) == 5000
    assert budget(10**15) == budget(None)


def test_a_server_without_memory_to_spare_has_room_for_the_tokens_of_the_preflight(
    machine: Path,
) -> None:
    assert budget(1) == LEAST_TOKENS


def test_files_that_may_not_be_read_are_not_required(machine: Path) -> None:
    machine.unlink()
    assert budget(None) > 0

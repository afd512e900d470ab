"""Table: exit of a server → error that the user sees."""

import pytest

from backend.errors import PlatformError
from backend.errors.model import CorruptModel, MissingLibrary
from backend.errors.server import OutOfMemory, ServerDied
from backend.runtimes.classify_exit import Exit, cause, classify_exit

GB = 10**9
TRACE = ["Traceback (most recent call last):", "  File …"]
OWN = CorruptModel("weights.safetensors is cut off.").problem()

TABLE = [
    (Exit(signal=9), ServerDied, "killed by signal 9 (SIGKILL)"),
    (Exit(signal=9, oom_kills=1, limit_bytes=GB, peak_bytes=GB), OutOfMemory, "1.0 GB of 1.0 GB"),
    (Exit(signal=9, limit_bytes=GB, peak_bytes=GB * 98 // 100), OutOfMemory, "signal 9"),
    (Exit(signal=9, limit_bytes=GB, peak_bytes=GB // 2), ServerDied, "killed by signal 9"),
    (Exit(signal=9, log_tail=["CUDA out of memory"]), ServerDied, "killed by signal 9"),
    (Exit(signal=11), ServerDied, "killed by signal 11 (SIGSEGV)"),
    (Exit(signal=64), ServerDied, "killed by signal 64"),
    (Exit(signal=6, log_tail=["terminate: std::bad_alloc"]), OutOfMemory, "more than its limit"),
    (Exit(exit_code=1), ServerDied, "exited with code 1"),
    (Exit(exit_code=0), ServerDied, "exited"),
    (Exit(), ServerDied, "unknown reason"),
    (Exit(exit_code=1, log_tail=[*TRACE, "MemoryError"]), OutOfMemory, "exited with code 1"),
    (
        Exit(exit_code=1, log_tail=["RuntimeError: DefaultCPUAllocator: can't allocate memory"]),
        OutOfMemory, "exited with code 1",
    ),
    (
        Exit(exit_code=1, log_tail=["torch.cuda.OutOfMemoryError: CUDA out of memory."]),
        OutOfMemory, "exited with code 1",
    ),
    (
        Exit(exit_code=1, log_tail=["ModuleNotFoundError: No module named 'mamba_ssm.ops'"]),
        MissingLibrary, "'mamba_ssm'",
    ),
    (Exit(exit_code=3, problem=OWN, log_tail=["MemoryError"]), PlatformError, OWN.detail),
    (Exit(exit_code=0, log_tail=["warned of out of memory long ago"]), ServerDied, "server exited"),
]  # fmt: skip


@pytest.mark.parametrize(("end", "kind", "reason"), TABLE)
def test_exit_maps_to_specific_error(end: Exit, kind: type[PlatformError], reason: str) -> None:
    error = classify_exit(end)
    assert isinstance(error, kind)
    problem = error.problem("start")
    assert reason in problem.detail
    assert problem.step == "start"


def test_problem_written_by_server_is_passed_on() -> None:
    end = Exit(exit_code=3, problem=OWN)
    assert classify_exit(end).problem() == OWN


def test_cause_is_short_text() -> None:
    assert cause(Exit(signal=9)) == "killed by signal 9 (SIGKILL)"

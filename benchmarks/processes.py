"""Processes of the bench: every one is started here, ended by its pid, and measured."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import psutil

from benchmarks.cores import on_core

ROOT = Path(__file__).resolve().parents[1]
END_SECONDS = 10.0
# What a process may see of our environment; proxies would send loopback elsewhere.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
}


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process with one thread and without access to the Hub."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | ONE_THREAD | more


@contextlib.contextmanager
def process(
    command: Sequence[str | Path],
    core: int,
    log: Path,
    env: Mapping[str, str],
    fd: int | None = None,
) -> Generator[subprocess.Popen[bytes]]:
    """Run a process on one core until the block ends; then it and all its children are ended."""
    with log.open("ab") as output, on_core(core):
        started = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=() if fd is None else (fd,),
            start_new_session=True,
        )
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen[bytes]) -> None:
    """End a process of ours with its children: SIGTERM first, SIGKILL for what remains."""
    family = family_of([started.pid])
    for number in (signal.SIGTERM, signal.SIGKILL):
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.send_signal(number)
        _, family = psutil.wait_procs(family, END_SECONDS)
    started.wait()


def family_of(pids: Sequence[int]) -> list[psutil.Process]:
    """Return these processes and all their descendants."""
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(pid)
            for one in (top, *top.children(recursive=True)):
                found[one.pid] = one
    return list(found.values())


def pss_bytes(processes: Sequence[psutil.Process]) -> int:
    """Return the proportional set size of these processes: shared pages count once among sharers.

    Where the system does not tell it (not Linux), the resident size, which counts them each time.
    """
    total = 0
    for one in processes:
        with contextlib.suppress(psutil.Error):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total


def free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    return log.read_text(errors="replace")[-1500:] if log.exists() else ""


def wait_until_up(port: int, started: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Wait until the port accepts connections. Raises RuntimeError with the end of the log."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        if started.poll() is not None:
            message = f"exited with status {started.returncode}: {tail(log)}"
            raise RuntimeError(message)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    message = f"not ready after {seconds:.0f} s: {tail(log)}"
    raise RuntimeError(message)

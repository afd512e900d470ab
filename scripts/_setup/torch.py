"""Install torch first and alone; download the CUDA build only if requested or if a GPU exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .phases import SetupFailed, phase, run
from .places import Places
from .venv import Installed

Choice = Literal["auto", "cpu", "cuda", "keep"]
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CUDA_FAMILIES = ("nvidia-", "cuda-", "triton")
BECAUSE_OF_GPU = "about 3 GB, because a GPU was detected"


@dataclass(frozen=True)
class Keep:
    """Keep the installed version."""

    version: str


@dataclass(frozen=True)
class Take:
    """Install the build that pip selects from its configured index."""

    why: str


@dataclass(frozen=True)
class TakeCpu:
    """pip offers a CUDA build that was not requested: use PyTorch's CPU index instead."""


@dataclass(frozen=True)
class Ask:
    """The decision requires a dry run of pip."""


def pinned(constraints: Path) -> str:
    found = re.search(r"^torch==(\S+)", constraints.read_text(), re.MULTILINE)
    if not found:
        raise SetupFailed(f"{constraints} does not pin torch")
    return found[1]


def satisfies(version: str | None, pin: str) -> bool:
    """`2.13.0+cpu` satisfies the pin `2.13.0`."""
    return version is not None and version.partition("+")[0] == pin


def before_asking(choice: Choice, installed: Installed, pin: str) -> Keep | Ask:
    """Decide from the installed version only."""
    version = installed.torch
    if choice == "keep":
        if version is None:
            raise SetupFailed(
                "TORCH=keep, but .venv has no torch. Install the build you want, for example\n\n"
                f"    .venv/bin/python -m pip install torch=={pin}\n\n"
                "and run the same command again."
            )
        return Keep(version)
    is_wanted = {
        "auto": True,
        "cpu": not installed.has_cuda_packages,
        "cuda": installed.has_cuda_packages,
    }
    if version is not None and satisfies(version, pin) and is_wanted[choice]:
        return Keep(version)
    return Ask()


def offers_cuda(report: dict[str, Any]) -> bool:
    names = [entry["metadata"]["name"].lower() for entry in report["install"]]
    return any(name.startswith(CUDA_FAMILIES) for name in names)


def after_asking(choice: Choice, report: dict[str, Any], *, has_driver: bool) -> Take | TakeCpu:
    """Decide what to install, from pip's report (`--dry-run --report -`)."""
    if choice == "cuda":
        if not offers_cuda(report):
            raise SetupFailed(
                "TORCH=cuda, but pip offers a build without CUDA (a local wheel, another index, or "
                "macOS).\nInstall the build you want into .venv and set TORCH=keep, or do not set "
                "TORCH."
            )
        return Take("with CUDA, about 3 GB, because TORCH=cuda")
    if not offers_cuda(report):
        return Take("a build without CUDA")
    if choice == "auto" and has_driver:
        return Take(BECAUSE_OF_GPU)
    return TakeCpu()


def has_nvidia_driver() -> bool:
    if Path("/proc/driver/nvidia/version").exists():
        return True
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    try:
        done = subprocess.run([tool, "-L"], capture_output=True, check=False, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0 and b"GPU" in done.stdout


def plan(places: Places, choice: Choice, installed: Installed) -> Keep | Take | TakeCpu:
    """Do everything that can fail without network access; changes nothing."""
    pin = pinned(places.constraints)
    decided = before_asking(choice, installed, pin)
    if isinstance(decided, Keep):
        return decided
    with phase("torch", "resolving with pip (dry run)") as line:
        offer = would_take(places, ["--ignore-installed", f"torch=={pin}"])
        wanted = after_asking(choice, offer, has_driver=has_nvidia_driver())
        if isinstance(wanted, TakeCpu):
            check_cpu_index(places, pin)
        line.text = f"pip offers {pin} {'with' if offers_cuda(offer) else 'without'} CUDA"
    return wanted


def needs_new_venv(planned: Keep | Take | TakeCpu, installed: Installed, pin: str) -> bool:
    """Return whether the build changes but not the version.

    To pip `2.13.0` and `2.13.0+cpu` are the same version, and it would not remove CUDA's packages.
    """
    return not isinstance(planned, Keep) and satisfies(installed.torch, pin)


def install(places: Places, planned: Keep | Take | TakeCpu) -> None:
    pin = pinned(places.constraints)
    with phase("torch", f"installing {pin}", grows=places.venv) as line:
        if isinstance(planned, Keep):
            other = "" if satisfies(planned.version, pin) else f"; only {pin} is tested"
            line.text = f"{planned.version}, already installed{other}"
        elif isinstance(planned, TakeCpu):
            pip_install(places, ["--quiet", *from_cpu_index(pin)])
            places.torch_index.write_text(CPU_INDEX)
            line.text = f"{pin}, CPU build from PyTorch's index"
        else:
            if "3 GB" in planned.why:
                print(f"\n  downloading torch {pin}, {planned.why}", flush=True)
            pip_install(places, ["--quiet", f"torch=={pin}"])
            places.torch_index.unlink(missing_ok=True)
            line.text = f"{pin}, {planned.why}"


def would_take(places: Places, words: Sequence[str]) -> dict[str, Any]:
    """pip's report of a dry run. The locked version of pip downloads metadata only, no wheels."""
    asked = [*pip_words(places), "--dry-run", "--report", "-", "--quiet", *words]
    return json.loads(run(asked, places.log, places.root))


def from_cpu_index(pin: str) -> list[str]:
    return [f"torch=={pin}", "--index-url", CPU_INDEX, "--retries", "1", "--timeout", "20"]


def check_cpu_index(places: Places, pin: str) -> None:
    try:
        if offers_cuda(would_take(places, ["--ignore-installed", *from_cpu_index(pin)])):
            raise SetupFailed("another index in pip's configuration offers the CUDA build")
    except SetupFailed as error:
        raise SetupFailed(
            f"pip offers torch {pin} only with CUDA (about 3 GB), which was not requested, and "
            f"PyTorch's CPU index\n({CPU_INDEX}) cannot be reached. Nothing was downloaded. "
            "Do one of these:\n\n"
            "  - make the index reachable (for a proxy set HTTPS_PROXY) and run the same command\n"
            "    again;\n"
            f"  - put a CPU wheel of torch {pin} into a folder:\n"
            "        PIP_FIND_LINKS=/that/folder make run\n"
            "  - install your own build of torch and keep it:\n"
            "        .venv/bin/python -m pip install YOUR_WHEEL && make run TORCH=keep\n"
            "  - install the CUDA build, about 3 GB: make run TORCH=cuda\n\n"
            f"See {places.log} for the output of pip."
        ) from error


def pip_words(places: Places) -> list[str | Path]:
    """The start of every install command; the constraints keep torch at its pinned version."""
    return [places.python, "-m", "pip", "install", "-c", places.constraints]


def pip_install(places: Places, words: Sequence[str | Path]) -> None:
    """Run `pip install`, with .venv marked as unfinished so that the next setup detects a kill."""
    places.unfinished.touch()
    try:
        run([*pip_words(places), *words], places.log, places.root)
    except SetupFailed:
        places.unfinished.unlink()  # pip exited normally and rolled back: .venv is consistent
        raise
    places.unfinished.unlink()

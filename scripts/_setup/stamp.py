"""What lets a second set-up end at once: the lock and the interpreter are what they were."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .places import Places
from .torch import Choice
from .venv import Installed

LOCKS = {"run": ("constraints.txt", "pip.txt", "run.txt"), "dev": ("dev.txt",)}


def digest(places: Places, names: tuple[str, ...]) -> str:
    whole = hashlib.sha256()
    for name in names:
        whole.update((places.requirements / name).read_bytes())
    return whole.hexdigest()


def describe(places: Places, installed: Installed, *, dev: bool) -> dict[str, Any]:
    return {
        "folder": str(places.venv),
        "python": f"{installed.python[0]}.{installed.python[1]}",
        "torch": installed.torch,
        "cuda": installed.has_cuda_packages,
        "run": digest(places, LOCKS["run"]),
        "dev": digest(places, LOCKS["dev"]) if dev else None,
    }


def write(places: Places, installed: Installed, *, dev: bool) -> None:
    places.stamp.write_text(json.dumps(describe(places, installed, dev=dev), indent=1))


def read(places: Places) -> dict[str, Any]:
    try:
        known = json.loads(places.stamp.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def is_current(
    known: dict[str, Any], places: Places, installed: Installed, choice: Choice, *, dev: bool
) -> bool:
    """Whether .venv, as the interpreter in it describes itself now, is what was stamped."""
    wanted = describe(places, installed, dev=dev)
    if not dev:
        wanted["dev"] = known.get("dev")  # tests' packages do no harm to a run
    fits_choice = {
        "auto": True,
        "keep": True,
        "cpu": not installed.has_cuda_packages,
        "cuda": installed.has_cuda_packages,
    }
    return known == wanted and installed.torch is not None and fits_choice[choice]

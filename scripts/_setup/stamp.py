"""Stamp of the last setup: if lock files and interpreter are unchanged, there is nothing to do."""

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
    """Return whether the stamp matches .venv as its interpreter describes itself now."""
    wanted = describe(places, installed, dev=dev)
    if not dev:
        wanted["dev"] = known.get("dev")  # packages of the tests do not affect `make run`
    fits_choice = {
        "auto": True,
        "keep": True,
        "cpu": not installed.has_cuda_packages,
        "cuda": installed.has_cuda_packages,
    }
    return known == wanted and installed.torch is not None and fits_choice[choice]

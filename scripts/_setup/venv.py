"""The virtual environment: inspect it, decide whether to rebuild it, create it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from .phases import SetupFailed, phase, run
from .places import Places

LOWEST = (3, 11)
PROBE_SECONDS = 60

# Runs in the interpreter of .venv; imports no package, so that it takes about 50 ms.
PROBE = """
import importlib.metadata as m, json, os, sys, sysconfig
def version(name):
    try:
        return m.version(name)
    except m.PackageNotFoundError:
        return None
site = sysconfig.get_path("purelib")
cuda = any(n.startswith(("nvidia_", "cuda_")) for n in os.listdir(site))
print(json.dumps([sys.version_info[:2], version("pip"), version("torch"), cuda]))
"""


@dataclass(frozen=True)
class Installed:
    """Versions reported by the interpreter in .venv."""

    python: tuple[int, int]
    pip: str | None
    torch: str | None
    has_cuda_packages: bool


def probe(python: Path) -> Installed | None:
    """Versions in .venv, or None if its interpreter does not work."""
    try:
        answer = subprocess.run(
            [python, "-I", "-c", PROBE],
            capture_output=True,
            text=True,
            check=True,
            timeout=PROBE_SECONDS,
        ).stdout
        (major, minor), pip, torch, cuda = json.loads(answer)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Installed((major, minor), pip, torch, cuda)


def home_of(venv_folder: Path) -> Path | None:
    """Path at which .venv was created, from its activate script."""
    try:
        text = (venv_folder / "bin" / "activate").read_text()
    except OSError:
        return None
    found = re.search(r"""^\s*(?:export )?VIRTUAL_ENV=["']?(/[^"'\n]*)""", text, re.MULTILINE)
    return Path(found[1]) if found else None


def why_rebuild(places: Places, installed: Installed | None) -> str | None:
    """Reason to rebuild an existing .venv, or None."""
    if places.unfinished.exists():
        return "the last setup was interrupted"
    if installed is None:
        return "its Python does not run"
    if installed.python < LOWEST:
        return f"its Python is {installed.python[0]}.{installed.python[1]}"
    if installed.pip is None:
        return "it has no pip"
    home = home_of(places.venv)
    if home is None or home.resolve() != places.venv.resolve():
        return "the folder was moved or copied"
    return None


def ensure(places: Places) -> Installed:
    """Create .venv if necessary and install the locked version of pip."""
    installed = probe(places.python)
    exists = places.venv.is_symlink() or places.venv.exists()
    reason = why_rebuild(places, installed) if exists else "new"
    wanted = locked_pip(places.requirements / "pip.txt")
    if reason is None and installed and installed.pip == wanted:
        return installed
    with phase(".venv", "creating", grows=places.venv) as line:
        if reason is not None:
            remove(places.venv)
            create(places.venv)
        places.unfinished.touch()
        pip = [places.python, "-m", "pip", "install", "--quiet", "--require-hashes"]
        try:
            run([*pip, "-r", places.requirements / "pip.txt"], places.log, places.root)
        except SetupFailed:
            places.unfinished.unlink()
            raise
        places.unfinished.unlink()
        installed = probe(places.python)
        if installed is None:
            raise SetupFailed(f"{places.python} was created but does not run. See {places.log}.")
        again = f", rebuilt: {reason}" if reason and exists else ""
        line.text = f"Python {installed.python[0]}.{installed.python[1]}, pip {wanted}{again}"
    return installed


def create(folder: Path) -> None:
    try:
        venv.create(folder, with_pip=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupFailed(
            f"could not create a virtual environment with {sys.executable}: {error}\n"
            "On Debian and Ubuntu, run `apt install python3-venv` first."
        ) from error


def remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def locked_pip(lock: Path) -> str:
    found = re.search(r"^pip==(\S+)", lock.read_text(), re.MULTILINE)
    if not found:
        raise SetupFailed(f"{lock} does not pin pip. Run `make lock` to write it.")
    return found[1]

"""Clients' own packages: a folder each below .setup/clients, made again when its lock changes."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MADE = ROOT / ".setup" / "clients"


class Unavailable(Exception):
    """A client could not be set up; the text states the reason."""


def python_of(name: str) -> Path:
    """The interpreter that has what `tests/clients/NAME/requirements.txt` locks."""
    lock = HERE / name / "requirements.txt"
    folder = MADE / name
    python = folder / "bin" / "python"

    def install() -> None:
        venv.create(folder, with_pip=True, symlinks=True)
        _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)

    _ensure(folder, [lock], install)
    return python


def node_folder_of(name: str) -> Path:
    """The folder whose node_modules has what `tests/clients/NAME/package-lock.json` locks."""
    files = [HERE / name / file for file in ("package.json", "package-lock.json")]
    folder = MADE / name

    def install() -> None:
        folder.mkdir(parents=True)
        for file in files:
            shutil.copy(file, folder)
        _run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", folder)

    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Unavailable("Node is not installed")
    _ensure(folder, files, install)
    return folder


def _ensure(folder: Path, locks: list[Path], install: Callable[[], None]) -> None:
    """`install` into a new folder, unless what lies there was made from the same locks."""
    stamp = folder / "made-from"
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    wanted = f"{digest} {sys.version}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    install()
    stamp.write_text(wanted)


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PIP_RETRIES": "1"}
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Unavailable(f"its packages could not be installed: {' '.join(last)}")

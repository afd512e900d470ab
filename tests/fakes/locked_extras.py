"""Install an extra from its lock, as for a user: with pip, from the package registry."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The folder of extras that the control planes of tests have in common, with the names that they
# give; set by conftest.py.
SHARED: Path | None = None


def installed(name: str) -> Path:
    """The folder with the libraries of this extra: that of the control planes, if there is one."""
    assert SHARED is not None, "set by a fixture of the session"
    lock = ROOT / "requirements" / "extras" / f"{name}.txt"
    key = hashlib.sha256(lock.read_bytes() + sys.executable.encode()).hexdigest()[:16]
    folder = SHARED / key
    if not folder.exists():
        draft = folder.with_name(f"{key}.draft")
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(draft)]
        subprocess.run([*pip, "-r", str(lock)], check=True)
        draft.rename(folder)
    return folder


def run_with(extra: Path, *arguments: str) -> str:
    """What a Python process that has the libraries of this folder prints."""
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(extra)},
    )  # fmt: skip
    return ran.stdout

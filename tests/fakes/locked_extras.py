"""Install an extra from its lock, as for a user: with pip, from the package registry."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def installed(name: str, folder: Path) -> Path:
    """The folder, with the libraries of this extra."""
    lock = ROOT / "requirements" / "extras" / f"{name}.txt"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    subprocess.run([*pip, "-r", str(lock)], check=True)
    return folder


def run_with(extra: Path, *arguments: str) -> str:
    """What a Python process that has the libraries of this folder prints."""
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(extra)},
    )  # fmt: skip
    return ran.stdout

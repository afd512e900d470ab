"""Sets up what is missing: .venv, torch, the locked packages, .env and the built wizard.

Standard library only; the syntax of this file stays readable for old Pythons, so that one of them
can say what is needed. `python3 scripts/setup.py --help` tells the rest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

LOWEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def go_on_with_a_newer_python():
    """Replaces this process by a Python that is new enough, or says what to install."""
    test = "import sys; raise SystemExit(sys.version_info < (3, 11))"
    for name in NEWER:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", test], check=False).returncode == 0:
            os.execv(found, [found, *sys.argv])
    have = "{}.{}.{}".format(*sys.version_info[:3])
    sys.exit(
        f"Python 3.11 or newer is needed, and this is {have} ({sys.executable}).\n"
        "Install one (for example `apt install python3.11`, `brew install python@3.12`), "
        "or name it: `make run PYTHON=/path/to/python3.12`."
    )


def arguments():
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--no-wizard", action="store_true", help="leave the web page alone")
    parser.add_argument("--clean", action="store_true", help="remove what was set up, keep models")
    parser.add_argument(
        "--torch",
        choices=("auto", "cpu", "cuda", "keep"),
        default=os.environ.get("TORCH") or "auto",
        help="which build of torch (also TORCH=...): auto takes CUDA only where a GPU is",
    )
    chosen = parser.parse_args()
    if chosen.torch not in ("auto", "cpu", "cuda", "keep"):
        parser.error(f"TORCH={chosen.torch!r} is none of auto, cpu, cuda, keep")
    return chosen


if __name__ == "__main__":
    if sys.version_info < LOWEST:
        go_on_with_a_newer_python()
    from _setup.main import main

    sys.exit(main(arguments()))

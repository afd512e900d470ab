"""Install what is missing: .venv, torch, the locked packages, .env and the built wizard.

Standard library only. The syntax of this file must remain valid in old Python versions, so that
they can print which version is required. See `python3 scripts/setup.py --help` for the options.
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
    """Run this script again with Python 3.11 or newer, or exit with what to install."""
    test = "import sys; raise SystemExit(sys.version_info < (3, 11))"
    for name in NEWER:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", test], check=False).returncode == 0:
            os.execv(found, [found, *sys.argv])
    have = "{}.{}.{}".format(*sys.version_info[:3])
    sys.exit(
        f"Python 3.11 or newer is required, but this is Python {have} ({sys.executable}).\n"
        "Install a newer one (for example `apt install python3.11` or `brew install python@3.12`), "
        "or set its path: `make run PYTHON=/path/to/python3.12`."
    )


def arguments():
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also install packages for tests")
    parser.add_argument("--no-wizard", action="store_true", help="do not build the wizard")
    parser.add_argument("--clean", action="store_true", help="remove the installation, keep models")
    parser.add_argument(
        "--torch",
        choices=("auto", "cpu", "cuda", "keep"),
        default=os.environ.get("TORCH") or "auto",
        help="torch build (also TORCH=...): auto selects CUDA only if a GPU is present",
    )
    chosen = parser.parse_args()
    if chosen.torch not in ("auto", "cpu", "cuda", "keep"):
        parser.error(f"TORCH={chosen.torch!r} is invalid: must be auto, cpu, cuda or keep")
    return chosen


if __name__ == "__main__":
    if sys.version_info < LOWEST:
        go_on_with_a_newer_python()
    from _setup.main import main

    sys.exit(main(arguments()))

"""`make check`: run all checks, even after a failure, and print the output of failed checks."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
PYTHON = sys.executable
CHECKS: dict[str, list[str]] = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "--output-format", "concise", "."],
    "types": [PYTHON, "-m", "pyright"],
    "imports": [str(TOOLS / "lint-imports"), "--no-logo"],
    "sizes": [PYTHON, "scripts/check_sizes.py"],
}
WIZARD = {"wizard": ["npm", "run", "--silent", "check"]}


def passes(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    word = "failed" if done.returncode else "ok"
    output = f"\n{done.stdout}" if done.returncode else ""
    print(f"  {name:<9} {word:<7} {time.monotonic() - started:6.1f} s{output}", flush=True)
    return done.returncode == 0


def main() -> int:
    checks = CHECKS | (WIZARD if (ROOT / "package-lock.json").exists() else {})
    # The types take longer than all others together, and one core.
    ordered = sorted(checks.items(), key=lambda check: check[0] != "types")
    with ThreadPoolExecutor(2) as threads:
        passed = list(threads.map(lambda check: passes(*check), ordered))
    failed = [name for (name, _), is_passed in zip(ordered, passed, strict=True) if not is_passed]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

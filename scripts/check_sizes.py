"""Check the maximum number of lines per file and per React hook."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = {"node_modules", "__pycache__", "migrations", "static"}
# (folder, pattern, maximum lines); the first match applies.
LIMITS = (
    ("tests", "*.py", 400),
    ("backend", "*.py", 300),
    ("benchmarks", "*.py", 300),
    ("scripts", "*.py", 300),
    ("training", "*.py", 300),
    ("frontend", "*.test.ts*", 400),
    ("frontend/src", "*.tsx", 200),
)
HOOK = re.compile(r"^(?:export )?function (?P<name>use[A-Z]\w*).*?^}", re.MULTILINE | re.DOTALL)
LONGEST_HOOK = 60
# At most five, each with its reason.
EXCEPTIONS: dict[str, int] = {}


def too_long() -> list[str]:
    seen: set[Path] = set()
    found = []
    for folder, pattern, most in LIMITS:
        for file in sorted((ROOT / folder).rglob(pattern)):
            if file in seen or SKIPPED & set(file.parts):
                continue
            seen.add(file)
            name = file.relative_to(ROOT).as_posix()
            lines = len(file.read_text().splitlines())
            if lines > EXCEPTIONS.get(name, most):
                limit = EXCEPTIONS.get(name, most)
                found.append(f"{name} has {lines} lines, the maximum is {limit}")
    return found


def long_hooks() -> list[str]:
    """Top-level functions named `use...`, counted to their closing brace."""
    found = []
    for file in sorted((ROOT / "frontend" / "src").rglob("*.ts*")):
        for hook in HOOK.finditer(file.read_text()):
            lines = hook[0].count("\n") + 1
            if lines > LONGEST_HOOK:
                name = file.relative_to(ROOT).as_posix()
                found.append(
                    f"{hook['name']} in {name} has {lines} lines, the maximum is {LONGEST_HOOK}"
                )
    return found


if __name__ == "__main__":
    problems = too_long() + long_hooks()
    print("\n".join(problems) or "all files and hooks are within their limits")
    sys.exit(bool(problems))

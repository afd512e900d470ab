"""Files stay small: the tail of long files is what makes a codebase hard to love."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = {"node_modules", "__pycache__", "migrations", "static"}
# (folder, pattern, most lines); the first that matches a file counts.
LIMITS = (
    ("tests", "*.py", 400),
    ("backend", "*.py", 300),
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
                found.append(f"{name} has {lines} lines, {EXCEPTIONS.get(name, most)} are allowed")
    return found


def long_hooks() -> list[str]:
    """Top-level functions called useSomething, counted to the brace that closes them."""
    found = []
    for file in sorted((ROOT / "frontend" / "src").rglob("*.ts*")):
        for hook in HOOK.finditer(file.read_text()):
            lines = hook[0].count("\n") + 1
            if lines > LONGEST_HOOK:
                name = file.relative_to(ROOT).as_posix()
                found.append(
                    f"{hook['name']} in {name} has {lines} lines, {LONGEST_HOOK} are allowed"
                )
    return found


if __name__ == "__main__":
    problems = too_long() + long_hooks()
    print("\n".join(problems) or "every file is within its size")
    sys.exit(bool(problems))

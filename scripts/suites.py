"""`make test` and CI: run the suites one after another, then print durations and failed tests.

The run fails if a folder of tests belongs to no suite, or if a suite runs no test.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from scripts.failures import summary

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
LIMIT_SECONDS = 40 * 60
FOLDERS: dict[str, tuple[str, ...]] = {
    "unit": ("unit", "setup"),
    "contract": ("contract", "integration"),
    "tasks": ("tasks",),
    "clients": ("clients",),
    "starters": ("starters",),
    "docs": ("docs",),
}
# Suites that wait for processes more than they compute: the tests of two files run at a time.
IN_TWO = ("contract", "tasks", "clients")
NPM_SUITES = {"wizard": "test", "browser": "e2e"}
HELPERS = {"fakes"}
# Threads of torch in different processes wait passively for each other, as in model servers.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "COLUMNS": "200", "GOMP_SPINCOUNT": "10000"}


@dataclass(frozen=True)
class Suite:
    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    name: str
    is_passed: bool
    seconds: float
    lines: tuple[str, ...] = ()


def with_tests(tests: Path) -> set[str]:
    """Folders in `tests` that contain a test file at any depth."""
    return {file.relative_to(tests).parts[0] for file in tests.rglob("test_*.py")}


def without_suite(tests: Path) -> list[str]:
    """Folders (or files) with tests that belong to no suite."""
    known = {folder for folders in FOLDERS.values() for folder in folders} | HELPERS
    return sorted(with_tests(tests) - known)


def python_suites(tests: Path) -> list[Suite]:
    there = with_tests(tests)
    suites = [Suite("check", (sys.executable, "-m", "scripts.check"))]
    for name, folders in FOLDERS.items():
        paths = tuple(f"tests/{folder}" for folder in folders if folder in there)
        if paths:
            two = ("-n", "2", "--dist", "loadfile") if name in IN_TWO else ()
            suites.append(Suite(name, (sys.executable, "-m", "pytest", "-q", *two, *paths)))
    return suites


def npm_suites(root: Path) -> list[Suite]:
    if not (root / "package-lock.json").exists():
        return []
    words = json.loads((root / "package.json").read_text()).get("scripts", {})
    return [
        Suite(name, ("npm", "run", "--silent", word))
        for name, word in NPM_SUITES.items()
        if word in words
    ]


def run(suite: Suite) -> Result:
    """Run one suite in its own session; its whole process group is terminated on timeout."""
    print(f"\n=== {suite.name}", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(
        suite.command,
        cwd=ROOT,
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    lines: list[str] = []
    ear = threading.Thread(target=pass_on, args=(process.stdout, lines), daemon=True)
    ear.start()
    try:
        status = process.wait(LIMIT_SECONDS)
    except BaseException as stopped:
        os.killpg(process.pid, signal.SIGTERM)
        if not isinstance(stopped, subprocess.TimeoutExpired):
            process.wait()
            raise
        lines.append(f"{suite.name} timed out after {LIMIT_SECONDS} s")
        print(lines[-1], flush=True)
        status = process.wait()
    # A process that the suite left running can keep the pipe open, so that EOF never arrives.
    ear.join(5)
    seconds = time.monotonic() - started
    print(
        f"=== {suite.name}: {'passed' if status == 0 else 'failed'} in {seconds:.0f} s", flush=True
    )
    return Result(suite.name, status == 0, seconds, tuple(lines))


def pass_on(stream: TextIO, lines: list[str]) -> None:
    with stream:
        for line in stream:
            print(line, end="", flush=True)
            lines.append(line)


def report(results: list[Result]) -> None:
    print("\nsuite        result    seconds")
    for result in results:
        word = "passed" if result.is_passed else "FAILED"
        print(f"{result.name:<12} {word:<9} {result.seconds:7.1f}")
    for result in results:
        if not result.is_passed:
            print(f"\nfailed in {result.name}:")
            print("\n".join(f"  {line}" for line in summary(result.lines)))
    passed = sum(result.is_passed for result in results)
    print(f"suites: {passed} passed, {len(results) - passed} failed", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="names of suites; default: all")
    chosen = parser.parse_args().names
    stray = without_suite(TESTS)
    if stray:
        print(
            f"tests/{', tests/'.join(stray)} belongs to no suite: add it to FOLDERS in {__file__}"
        )
        return 1
    suites = [*python_suites(TESTS), *npm_suites(ROOT)]
    unknown = set(chosen) - {suite.name for suite in suites}
    if unknown:
        available = ", ".join(suite.name for suite in suites)
        print(f"Unknown suite {', '.join(sorted(unknown))}. Available: {available}")
        return 2
    results = [run(suite) for suite in suites if not chosen or suite.name in chosen]
    report(results)
    return 0 if all(result.is_passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

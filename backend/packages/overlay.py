"""Library folders in addition to the base environment: one per set of parts, shared by models."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.domain.report import Report
from backend.errors.server import InstallFailed

LINES_SHOWN = 3
GRACE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One extra in a folder: its lock, and what else is installed after it.

    `requirement` and `index` are for libraries that no lock can contain. `check` is Python code,
    which must run with the folder on the path.
    """

    name: str
    lock: Path
    requirement: str | None = None
    index: str | None = None
    check: str | None = None

    @property
    def key(self) -> bytes:
        """Changes with what would be installed."""
        more = f"{self.requirement} {self.index} {self.check}" if self.requirement else ""
        return self.lock.read_bytes() + more.encode()


class Overlays:
    """Creates them with pip, from locks with hashes; wheels only, so that no package code runs."""

    def __init__(self, python: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._python = python
        self._folder = folder
        self._environment = environment
        self._busy: dict[Path, asyncio.Lock] = {}

    async def ready(self, parts: Sequence[Part], report: Report) -> Path:
        """Return the folder for these parts; created if it is missing. Raises InstallFailed.

        One deployment at a time installs a folder; others that require it wait.
        """
        content = b"".join(part.key for part in parts) + self._python.encode()
        folder = self._folder / hashlib.sha256(content).hexdigest()[:16]
        names = ", ".join(part.name for part in parts)
        lock = self._busy.setdefault(folder, asyncio.Lock())
        if lock.locked():
            report(f"waiting for another deployment that installs {names}")
        async with lock:
            if folder.is_dir():
                report(f"{names} is already installed", fraction=1.0)
            else:
                report(f"installing {names}")
                await self._install(folder, parts, report)
                report(f"{names} is installed", fraction=1.0)
        return folder

    async def _install(self, folder: Path, parts: Sequence[Part], report: Report) -> None:
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.parent.mkdir(parents=True, exist_ok=True)
        try:
            locks = [word for part in parts for word in ("-r", str(part.lock))]
            await self._pip(draft, ["--require-hashes", *locks], report)
            for part in parts:
                if part.requirement:
                    index = ["--index-url", part.index] if part.index else []
                    quick = ["--retries", "1", "--timeout", "20"]
                    await self._pip(draft, [*index, *quick, part.requirement], report)
                if part.check:
                    await self._check(draft, part.check, report)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    async def _pip(self, target: Path, words: Sequence[str], report: Report) -> None:
        arguments = [
            "-m", "pip", "install", "--quiet", "--no-input", "--no-deps",
            "--disable-pip-version-check", "--only-binary=:all:", "--target", str(target), *words,
        ]  # fmt: skip
        status, lines = await self._run(arguments, {}, report)
        if status != 0:
            last = " ".join(lines[-LINES_SHOWN:])
            raise InstallFailed(f"pip ended with status {status}: {last[:300]}")

    async def _check(self, folder: Path, code: str, report: Report) -> None:
        """Run code with the libraries of the folder. Raises InstallFailed with its last line."""
        status, lines = await self._run(["-c", code], {"PYTHONPATH": str(folder)}, report)
        if status != 0:
            raise InstallFailed(lines[-1][:300] if lines else f"status {status}")

    async def _run(
        self, arguments: Sequence[str], more: Mapping[str, str], report: Report
    ) -> tuple[int | None, list[str]]:
        process = await asyncio.create_subprocess_exec(
            self._python, *arguments,
            env={**self._environment, **more}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            await _end(process)
            raise
        lines = output.decode(errors="replace").strip().splitlines()
        for line in lines:
            report.line(line)
        return process.returncode, lines


async def _end(process: asyncio.subprocess.Process) -> None:
    """Send SIGTERM, then SIGKILL, to the whole process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
                return

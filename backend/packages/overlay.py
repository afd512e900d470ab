"""Library folders in addition to the base environment: one per set of locks, shared by models."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from backend.domain.report import Report
from backend.errors.server import InstallFailed

LINES_SHOWN = 3
GRACE_SECONDS = 2.0


class Overlays:
    """Creates them with pip, from locks with hashes; wheels only, so that no package code runs."""

    def __init__(self, python: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._python = python
        self._folder = folder
        self._environment = environment
        self._busy: dict[Path, asyncio.Lock] = {}

    async def ready(self, locks: list[Path], report: Report) -> Path:
        """Return the folder for these locks; created if it is missing. Raises InstallFailed.

        One deployment at a time installs a folder; others that require it wait.
        """
        content = b"".join(lock.read_bytes() for lock in locks) + self._python.encode()
        folder = self._folder / hashlib.sha256(content).hexdigest()[:16]
        names = ", ".join(lock.stem for lock in locks)
        lock = self._busy.setdefault(folder, asyncio.Lock())
        if lock.locked():
            report(f"waiting for another deployment that installs {names}")
        async with lock:
            if folder.is_dir():
                report(f"{names} is already installed", fraction=1.0)
            else:
                report(f"installing {names}")
                await self._install(folder, locks, report)
                report(f"{names} is installed", fraction=1.0)
        return folder

    async def _install(self, folder: Path, locks: list[Path], report: Report) -> None:
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        try:
            await self._pip(draft, locks, report)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    async def _pip(self, target: Path, locks: list[Path], report: Report) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        arguments = [part for lock in locks for part in ("-r", str(lock))]
        process = await asyncio.create_subprocess_exec(
            self._python, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps",
            "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:",
            "--target", str(target), *arguments,
            env=dict(self._environment), stdin=asyncio.subprocess.DEVNULL,
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
        if process.returncode != 0:
            last = " ".join(lines[-LINES_SHOWN:])
            detail = f"pip ended with status {process.returncode}: {last[:300]}"
            raise InstallFailed(detail)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Send SIGTERM, then SIGKILL, to the whole process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
                return

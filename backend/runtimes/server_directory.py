"""`run/<server>/`: the input and output files of one server, found again after any restart."""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from backend.domain.server import Enforcement, ServerSpec
from backend.errors import Problem
from backend.keeper.processes import lock_is_held
from backend.runtimes.classify_exit import Exit
from backend.runtimes.server_logs import last_lines

KEPT_PER_DEPLOYMENT = 3
TAIL_LINES = 50


@dataclass(frozen=True)
class ServerDirectory:
    """One server, identified by its directory; its lock, not a pid, shows whether it is alive."""

    path: Path

    @property
    def server(self) -> str:
        """The server's id, `srv_…`."""
        return self.path.name

    @property
    def log(self) -> Path:
        """stdout and stderr of the server."""
        return self.path / "server.log"

    @property
    def has_record(self) -> bool:
        """Whether the keeper has written `exit.json`, after it killed all left processes."""
        return (self.path / "exit.json").exists()

    @property
    def has_ended(self) -> bool:
        """Whether the server is gone. Also true before its start, when the directory exists."""
        return self.has_record or not lock_is_held(self.path / "lock")

    @property
    def is_alive(self) -> bool:
        """Whether a process holds the lock."""
        return not self.has_ended

    def spec(self) -> ServerSpec | None:
        """The server's configuration; None if it cannot be read."""
        try:
            return ServerSpec.model_validate_json((self.path / "spec.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def nonce(self) -> str:
        """The secret with which the server proves its identity; empty if it cannot be read."""
        try:
            return (self.path / "nonce").read_text().strip()
        except OSError:
            return ""

    def enforcement(self) -> Enforcement | None:
        """What enforces the memory limit, as recorded by the keeper before `start` returned."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            return json.loads((self.path / "held.json").read_text())["enforcement"]
        return None

    def problem(self) -> Problem | None:
        """The problem that the server wrote before it exited; None if there is none."""
        try:
            return Problem.model_validate_json((self.path / "problem.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def exit(self) -> Exit:
        """How the server ended, from `exit.json`, its own problem and the end of its log."""
        record: dict[str, object] = {}
        with contextlib.suppress(OSError, ValueError):
            loaded = json.loads((self.path / "exit.json").read_text())
            record = cast("dict[str, object]", loaded)
        kept = {name: record.get(name) for name in ("exit_code", "signal", "peak_bytes")}
        spec = self.spec()
        return Exit.model_validate(
            {
                **kept,
                "oom_kills": record.get("oom_kills", 0),
                "limit_bytes": spec.memory_limit_bytes if spec else None,
                "problem": self.problem(),
                "log_tail": last_lines(self.log, TAIL_LINES),
            }
        )

    def remove(self) -> None:
        """Delete the directory of a dead server."""
        shutil.rmtree(self.path, ignore_errors=True)


def create(run_dir: Path, spec: ServerSpec) -> ServerDirectory:
    """Create the directory of a new server, readable only by this user."""
    path = run_dir / f"srv_{secrets.token_hex(16)}"
    path.mkdir(mode=0o700, parents=True)
    for name, text in (("spec.json", spec.model_dump_json()), ("nonce", secrets.token_hex(16))):
        descriptor = os.open(path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
    return ServerDirectory(path)


def find(
    run_dir: Path, deployment_id: str | None = None
) -> Iterator[tuple[ServerDirectory, ServerSpec]]:
    """Every server with a readable spec, of one deployment or all, newest first."""
    folders = [ServerDirectory(path) for path in run_dir.glob("srv_*")]
    for folder in sorted(folders, key=_age, reverse=True):
        spec = folder.spec()
        if spec is not None and deployment_id in {None, spec.deployment_id}:
            yield folder, spec


def prune(run_dir: Path, deployment_id: str, keep: int = KEPT_PER_DEPLOYMENT) -> None:
    """Remove all but the `keep` newest dead servers of a deployment, with their logs."""
    dead = [folder for folder, _ in find(run_dir, deployment_id) if not folder.is_alive]
    for folder in dead[keep:]:
        folder.remove()


def _age(folder: ServerDirectory) -> float:
    try:
        return (folder.path / "spec.json").stat().st_mtime
    except OSError:
        return 0.0

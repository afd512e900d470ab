"""Which servers are forked from the warm parent of the keeper, and how that is started."""

import asyncio
import contextlib
import functools
import sys
from dataclasses import dataclass
from importlib import metadata

from backend.domain.server import ServerSpec
from backend.errors.server import KeeperLost
from backend.runtimes.environment import warm_environment
from backend.runtimes.keeper_client import ROOT, KeeperClient, Refused
from backend.runtimes.program import ServerProgram

PARENT = "backend.keeper.warm_parent"
# Variable of the warm parent that changes with the code that it imports.
CODE = "SLIPWAY_CODE"
IDLE_SECONDS = 600.0
# Longer than imports take on a busy machine; after that the server is started without it.
PATIENCE_SECONDS = 90.0
_POLL_SECONDS = 0.05


@functools.cache
def _code() -> str:
    """What the warm parent imports: another version of it is not to be forked any more."""
    versions = [metadata.version(name) for name in ("torch", "transformers")]
    newest = max(path.stat().st_mtime_ns for path in (ROOT / "backend").rglob("*.py"))
    return f"{' '.join(versions)} {newest}"


@dataclass(frozen=True)
class WarmStart:
    """The warm parent of a program; `module` has `preload` and `run`."""

    keeper: KeeperClient
    program: ServerProgram
    module: str
    run_dir: str

    def suits(self, spec: ServerSpec) -> bool:
        """Whether this server needs nothing that is decided before Python starts.

        Not for an environment or libraries of its own, its own variables, and for the code of a
        repository, whose process is confined from the start. Only Linux forks safely.
        """
        is_own = spec.overlay is not None or bool(spec.env) or spec.allow_remote_code
        is_torch = spec.engine in {"torch", "openvino"} and spec.python == self.program.python
        return sys.platform == "linux" and is_torch and not is_own

    async def begin(self) -> str:
        """Start it if there is none; return its state: starting, ready or failed."""
        reply = await self.keeper.request(
            "warm",
            argv=[self.program.python, "-m", PARENT, self.module, self.run_dir],
            env={**warm_environment(self.program.environment), CODE: _code()},
            cwd=str(ROOT),
            idle_seconds=IDLE_SECONDS,
        )
        return str(reply["state"])

    async def is_ready(self) -> bool:
        """Wait until it can fork; false if it failed or takes too long.

        Waiting costs no more than the same imports in a server of its own.
        """
        # A keeper of an older version does not know the verb.
        with contextlib.suppress(Refused, KeeperLost):
            for _ in range(int(PATIENCE_SECONDS / _POLL_SECONDS)):
                if (state := await self.begin()) != "starting":
                    return state == "ready"
                await asyncio.sleep(_POLL_SECONDS)
        return False

"""Client side of download tests on the fake Hub: a Models instance and a recording Report."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.domain.model import ModelFacts
from backend.domain.request import Allow, DeploymentRequest
from backend.hub.base import HubOptions
from backend.hub.models import Models


@dataclass
class RecordingReport:
    """A Report that records every message."""

    progress: list[dict[str, Any]] = field(default_factory=list)
    stalls: list[str] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    at_fraction: Callable[[float], None] | None = None

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        self.progress.append({"message": message, "fraction": fraction, **details})
        if self.at_fraction and fraction is not None:
            self.at_fraction(fraction)

    def stalled(self, message: str, **details: object) -> None:
        del details
        self.stalls.append(message)

    def retrying(self, message: str, **details: object) -> None:
        del details
        self.retries.append(message)

    def line(self, text: str) -> None:
        self.lines.append(text)


def options(url: str, folder: Path, **changes: Any) -> HubOptions:
    """Options of a Slipway that lives in this folder."""
    given: dict[str, Any] = {
        "endpoint": url, "cache": folder / "hub", "temp": folder / "tmp", "state": folder,
        "local_models": folder / "local", "starters": folder / "starters", "stall_seconds": 1.0,
        "retries": 3, "reserve_bytes": 1,
    }  # fmt: skip
    return HubOptions(**(given | changes))


@asynccontextmanager
async def models_at(url: str, folder: Path, **changes: Any) -> AsyncGenerator[Models]:
    """A Models that is closed in the end."""
    models = Models(options(url, folder, **changes))
    try:
        yield models
    finally:
        await models.close()


async def facts_of(models: Models, model_id: str, **changes: Any) -> ModelFacts:
    """The facts of a request for this model; `remote_code` goes into `allow`."""
    risks = {name: changes.pop(name) for name in ("remote_code",) if name in changes}
    request = DeploymentRequest(model_id=model_id, allow=Allow(**risks), **changes)
    return await models.facts(request)


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to become true; fails when it does not."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


def content(folder: str | Path) -> dict[str, bytes]:
    """All files below a folder, through links."""
    root = Path(folder)
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}

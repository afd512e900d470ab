"""What Slipway's rules decide about a recorded repository: the same code as of a real request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from backend.config import Settings
from backend.domain.decide import GB
from backend.domain.machine import Machine
from backend.domain.model import ModelFacts
from backend.domain.plan import Preflight, PreflightItem
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError
from backend.host.fit import fit
from backend.host.memory import estimate_memory
from backend.hub.facts import Identity, assemble
from backend.hub.file_selection import Allowed
from backend.hub.peft_adapters import Reference, with_base
from backend.hub.repository_inspection import inspect_repository
from backend.packages.extras import Extras, required
from backend.pipeline.dependencies import Limits
from backend.pipeline.findings import Case
from backend.pipeline.steps.validate import expected_dtype
from backend.pipeline.verdict import judge, resolve_task
from backend.tasks.missing import needs_timm
from scripts.census.entry import Entry, entries
from scripts.census.repository import repository

Outcome = Literal["served", "converted", "consent", "rejected"]
_ROOM = 10**13
# The checks that depend on the machine and on settings; the others depend on the model only.
_LIMITS = {"size": "MAX_MODEL_SIZE_GB", "memory": "MAX_MEMORY_PER_MODEL_GB"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome with its reason, and what the model needs.

    `settings` are those whose default values would reject it for its size.
    """

    outcome: Outcome
    task: str | None
    reason: str = ""
    remedy: str = ""
    extras: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    model: ModelFacts | None = None


def verdict(entry: Entry) -> Verdict:
    """Look the entry up, and check a request for it with default settings."""
    return asyncio.run(_verdict(entry))


async def _verdict(entry: Entry) -> Verdict:
    try:
        model = await with_base(await facts(entry), _find)
    except PlatformError as error:
        problem = error.problem()
        return Verdict(
            outcome="rejected", task=entry.task, remedy=problem.remedy,
            reason=(problem.detail or "").removeprefix(f"{entry.id}: "),
        )  # fmt: skip
    preflight, _ = judge(case(model))
    return _outcome(model, preflight)


async def facts(entry: Entry) -> ModelFacts:
    """The facts that a look-up on the Hub would find. Raises the errors of `Hub.facts`."""
    found = repository(entry)
    allowed = Allowed(memory_bytes=_limits().max_memory_bytes)
    seen = await inspect_repository(found, found.listing, allowed)
    is_timm = needs_timm(seen.configs.get("config.json", {}))
    identity = Identity(
        id=entry.id, source="hub", revision="main", commit="0" * 40, pipeline_tag=entry.task,
        library=entry.library, license=entry.license, gated=entry.gated is True,
        tags=(f"base_model:{entry.base_model}",) if entry.base_model else (),
        timm_free_revision=entry.timm_free_revision if is_timm else None,
    )  # fmt: skip
    return assemble(identity, seen)


async def _find(reference: Reference) -> ModelFacts:
    """Another recorded repository, by its id."""
    for entry in entries():
        if entry.id == reference.id:
            return await facts(entry)
    message = f"the census needs the facts of {reference.id}, the base model of an adapter"
    raise LookupError(message)


def case(model: ModelFacts) -> Case:
    """A request with default settings, on a CPU with room for every model and no extras."""
    request = DeploymentRequest(model_id=model.id)
    task = resolve_task(request, model) or "unknown"
    needed = estimate_memory(model, expected_dtype(request, model, _MACHINE), task)
    limits = _limits()
    return Case(
        request=request, model=model, machine=_MACHINE, limits=limits, needed_bytes=needed,
        fit=fit(needed, _MACHINE, limits.max_memory_bytes), cached=False, is_converted=False,
        seal_kinds=[], unknown_extras=[], missing_extras=required(model, task),
        unavailable_libraries=Extras("", Path(), Path(), {}).unavailable(model), speed=None,
    )  # fmt: skip


def _outcome(model: ModelFacts, preflight: Preflight) -> Verdict:
    task = resolve_task(DeploymentRequest(model_id=model.id), model)
    blocked = {item.code: item for item in preflight.items if item.verdict == "block"}
    settings = tuple(_LIMITS[code] for code in _LIMITS if code in blocked)
    others = [item for code, item in blocked.items() if code not in _LIMITS]
    extras = () if others else tuple(required(model, task or ""))
    first: PreflightItem | None = others[0] if others else None
    return Verdict(
        outcome=_kind(model, first), task=task, extras=extras, settings=settings, model=model,
        reason=first.detail if first else "", remedy=(first.remedy if first else None) or "",
    )  # fmt: skip


def _kind(model: ModelFacts, blocked: PreflightItem | None) -> Outcome:
    if blocked is not None:
        return "consent" if blocked.code == "code" else "rejected"
    return "converted" if any(one.pickle for one in model.repositories) else "served"


_MACHINE = Machine(
    platform="Linux", cpu="CPU", cores=8, memory_bytes=_ROOM, memory_free_bytes=_ROOM,
    disk_bytes=_ROOM, disk_free_bytes=_ROOM, has_bfloat16=True, accelerators=[],
)  # fmt: skip


@cache
def _limits() -> Limits:
    default = Settings.model_construct()
    return Limits(
        steps={}, max_model_bytes=int(default.max_model_size_gb * GB),
        max_memory_bytes=int(default.max_memory_per_model_gb * GB), ports=range(8100, 8101),
        own_ports={}, serve_host="127.0.0.1", inference_timeout=1.0, api_key_sha256=None,
        key_by_default=False, allowed_hosts=[], cors_origins=[], trusted_proxies=[],
        public_url=None, wizard_url="", cache=Path(),
    )  # fmt: skip

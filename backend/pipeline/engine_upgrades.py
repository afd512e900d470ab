"""Switches running deployments to a faster way to run the model, once it was measured.

To export a graph for OpenVINO takes longer than a user should wait, and on a busy machine so does
measuring: the deployment serves with torch meanwhile. One model at a time, since each export needs
a core and several times the model's memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from backend.domain.choice import LEAST_SPEEDUP, choose, receipt_of, speedup_of
from backend.domain.deployment import Candidate, Receipt, State
from backend.domain.graph import ExportFailed
from backend.domain.measurement import spec_of
from backend.domain.plan import Plan
from backend.domain.prepared import Prepared
from backend.domain.report import Unheard, Watch
from backend.domain.server import ServerSpec
from backend.errors import PlatformError
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.graph_candidates import ordered, refused
from backend.store import Store
from backend.store.records import DeploymentRecord, VersionRecord

log = structlog.get_logger(__name__)

# Starts a server of another specification and hands the port over; false if it did not start.
Replace = Callable[[DeploymentRecord, Prepared, str], Awaitable[bool]]


class EngineUpgrades:
    """Works through the deployments that were offered, from `open` to `close`."""

    def __init__(self, store: Store, use: PipelineDependencies, replace: Replace) -> None:
        self._store = store
        self._use = use
        self._replace = replace
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start to consider deployments, one after the other."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; an export in progress is repeated by the next process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def offer(self, deployment_id: str) -> None:
        """Consider a deployment that has started to run."""
        self._waiting.put_nowait(deployment_id)

    async def _run(self) -> None:
        while True:
            deployment_id = await self._waiting.get()
            try:
                await self._consider(deployment_id)
            except PlatformError as error:
                log.warning("engine_not_upgraded", deployment_id=deployment_id, why=error.detail)
            except Exception:
                log.exception("engine_upgrade_crashed", deployment_id=deployment_id)

    async def _consider(self, deployment_id: str) -> None:
        deployment = await self._store.deployments.get(deployment_id)
        version = await self._store.versions.get(deployment_id, deployment.version)
        plan, prepared = version.plan, version.prepared
        if deployment.state != State.RUNNING or plan is None or prepared is None:
            return
        if not any(one.is_pending for one in prepared.receipt.candidates):
            return
        changed, message = await self._measured(plan, prepared)
        if not await self._is_unchanged(version):
            return  # it is offered again when it runs
        if changed.spec == prepared.spec:
            await self._store.versions.keep(deployment_id, version.n, prepared=changed)
            log.info("engine_kept", deployment_id=deployment_id)
        elif await self._replace(deployment, changed, message):
            log.info("engine_upgraded", deployment_id=deployment_id)
        elif await self._is_unchanged(version):
            kept = _kept(prepared, changed.receipt.candidates, "a server with it did not start")
            await self._store.versions.keep(deployment_id, version.n, prepared=kept)

    async def _measured(self, plan: Plan, prepared: Prepared) -> tuple[Prepared, str]:
        """What to run from now on, with the receipt, and what is better about it."""
        candidates = ordered(prepared.receipt.candidates)
        spec = spec_of(prepared.spec, candidates[0])
        without: list[Candidate] = []
        try:
            spec = await self._with_graph(plan, spec, candidates)
        except ExportFailed as error:
            without = [refused(one, str(error)) for one in candidates if one.engine == "openvino"]
            candidates = [one for one in candidates if one.engine != "openvino"]
            if not any(one.is_pending for one in candidates):
                listing = _listing(prepared, [*candidates, *without])
                return prepared.model_copy(update={"receipt": listing}), ""
        fresh = [_fresh(one) for one in candidates]
        watch = Watch(Unheard(), asyncio.Event())
        machine = self._use.host.machine()
        found = await self._use.measure(spec, fresh, machine, watch, nobody_waits=True)
        measured = [*choose(found), *without]
        best = next(one for one in measured if one.chosen)
        now = next(one for one in measured if one.configuration == _running(prepared))
        gain = speedup_of(best, now)
        if best is now or gain is None or gain < LEAST_SPEEDUP:
            return _kept(prepared, measured, "not much faster than what runs"), ""
        if plan.estimated_memory_bytes > machine.memory_free_bytes:
            return _kept(
                prepared, measured, "there is no memory for a second server; restart it to use it"
            ), ""
        changed = Prepared(spec=spec_of(spec, best), receipt=receipt_of(prepared.receipt, measured))
        return changed, f"Running on {_name(best)} now, {gain:.1f} times as fast as before."

    async def _with_graph(
        self, plan: Plan, spec: ServerSpec, candidates: Sequence[Candidate]
    ) -> ServerSpec:
        """The server with the graph of its model, if a candidate needs it. Raises ExportFailed."""
        if all(one.engine != "openvino" for one in candidates):
            return spec
        free = self._use.host.machine().memory_free_bytes
        folder = await self._use.exporter.export(plan.model, spec, free, Unheard())
        return spec.model_copy(update={"graph_dir": str(folder)})

    async def _is_unchanged(self, version: VersionRecord) -> bool:
        """Whether the deployment runs as before; it may have been restarted meanwhile."""
        now = await self._store.deployments.get(version.deployment_id)
        current = await self._store.versions.get(version.deployment_id, now.version)
        is_same = (current.n, current.prepared) == (version.n, version.prepared)
        return now.state == State.RUNNING and is_same


def _name(one: Candidate) -> str:
    if one.engine == "openvino":
        return "OpenVINO"
    return "PyTorch with packed weights" if one.packs_weights else "PyTorch"


def _running(prepared: Prepared) -> dict[str, object]:
    """The configuration of the server that runs."""
    return next(one.configuration for one in prepared.receipt.candidates if one.chosen)


def _fresh(one: Candidate) -> Candidate:
    """The candidate without what was found before, as prepare asks for it."""
    return Candidate(
        **one.configuration,  # pyright: ignore[reportArgumentType]
        memory_bytes=one.memory_bytes,
        chosen=False,
        reason="not measured",
    )


def _kept(prepared: Prepared, measured: Sequence[Candidate], why: str) -> Prepared:
    """The same server, with the new figures; `why` where another candidate was the best."""
    running = _running(prepared)
    shown = [
        one.model_copy(
            update={"chosen": one.configuration == running}
            | ({"reason": why} if one.chosen and one.configuration != running else {})
        )
        for one in measured
    ]
    return prepared.model_copy(update={"receipt": _listing(prepared, shown)})


def _listing(prepared: Prepared, candidates: Sequence[Candidate]) -> Receipt:
    return prepared.receipt.model_copy(update={"candidates": list(candidates)})

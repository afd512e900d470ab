"""States that change outside of an attempt, as events: stored first, then sent."""

from backend.domain.deployment import Progress, State
from backend.domain.events import Event, EventType
from backend.domain.ids import utc_now
from backend.errors import Problem
from backend.progress.journal import Journal
from backend.store import Store
from backend.store.events import Change
from backend.store.records import Wanted


class Teller:
    """Writes one state change with its event. Takes the newest generation unless one is given."""

    def __init__(self, store: Store, journal: Journal[Change]) -> None:
        self._store = store
        self._journal = journal

    async def state(
        self,
        deployment_id: str,
        state: State,
        message: str,
        *,
        kind: EventType = "state_changed",
        problem: Problem | None = None,
        progress: Progress | None = None,
    ) -> None:
        """The deployment is in this state now."""
        deployment = await self._store.deployments.get(deployment_id)
        shown = progress or deployment.progress
        details: dict[str, object] = {"state": str(state)}
        if problem is not None:
            details["problem"] = problem.model_dump(mode="json")
        event = Event(
            seq=None,
            at=utc_now(),
            type=kind,
            subject=deployment_id,
            deployment_id=deployment_id,
            current_step=shown.current_step,
            percent=shown.percent,
            completed_steps=shown.completed_steps,
            message=message,
            elapsed_seconds=shown.elapsed_seconds,
            details=details,
        )
        change = Change(
            generation=deployment.generation,
            state=state,
            message=message,
            progress=progress,
            problem=problem,
        )
        await self._journal.record(event, change)

    async def want(self, deployment_id: str, wanted: Wanted) -> int:
        """Take the deployment over with another aim; the new generation."""
        return await self._store.deployments.next_generation(deployment_id, wanted=wanted)

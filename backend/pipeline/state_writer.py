"""Records state changes outside of an attempt as events: stored first, then broadcast."""

from backend.domain.deployment import Progress, State
from backend.domain.events import EventType, new_event
from backend.errors import Problem
from backend.progress.journal import Journal
from backend.store import Store
from backend.store.events import Change
from backend.store.records import Wanted


class StateWriter:
    """Writes a state change with its event, as the current generation."""

    def __init__(self, store: Store, journal: Journal[Change]) -> None:
        self._store = store
        self._journal = journal

    async def record_state(
        self,
        deployment_id: str,
        state: State,
        message: str,
        *,
        kind: EventType = "state_changed",
        progress: Progress | None = None,
    ) -> None:
        """Set the deployment's state."""
        deployment = await self._store.deployments.get(deployment_id)
        shown = progress or deployment.progress
        change = Change(
            generation=deployment.generation, state=state, message=message, progress=progress
        )
        event = new_event(kind, deployment_id, shown, message, state=str(state))
        await self._journal.record(event, change)

    async def record_failure(
        self, deployment_id: str, problem: Problem, log_tail: list[str]
    ) -> None:
        """Set the state to failed; the event contains the last lines of the log."""
        deployment = await self._store.deployments.get(deployment_id)
        change = Change(
            generation=deployment.generation,
            state=State.FAILED,
            message=problem.detail,
            problem=problem,
        )
        event = new_event(
            "failed",
            deployment_id,
            deployment.progress,
            problem.detail,
            problem=problem.model_dump(mode="json"),
            log_tail=log_tail,
        )
        await self._journal.record(event, change)

    async def set_wanted(self, deployment_id: str, wanted: Wanted) -> int:
        """Set the wanted state and increment the generation; return the new generation."""
        return await self._store.deployments.next_generation(deployment_id, wanted=wanted)

"""The event log. An event and its state change are stored in one transaction."""

from dataclasses import dataclass

from sqlalchemy import func, select

from backend.domain.deployment import Progress, State
from backend.domain.events import Event
from backend.errors import Problem
from backend.store.database import Database
from backend.store.deployments import Deployments, columns
from backend.store.tables import EventTable as Row


@dataclass(frozen=True, kw_only=True)
class Change:
    """Columns that change with an event. `generation` is that of the writer."""

    generation: int
    state: State | None = None
    message: str | None = None
    progress: Progress | None = None
    problem: Problem | None = None
    port: int | None = None


class Events:
    """Appends and reads events."""

    def __init__(self, database: Database, deployments: Deployments) -> None:
        self._db = database
        self._deployments = deployments

    async def append(self, event: Event, change: Change) -> Event:
        """Store the event with the next seq, together with its change; return the stored event.

        Raises StaleGeneration if a newer attempt owns the deployment.
        """
        subject = event.subject
        async with self._db.write() as session:
            if change.state is not None:
                await self._deployments.check_transition(session, subject, change.state)
            values = columns(
                state=change.state,
                message=change.message,
                progress=change.progress,
                problem=change.problem,
            )
            if change.port is not None:
                values["port"] = change.port
            await self._deployments.update(session, subject, change.generation, **values)
            last = await session.scalar(select(func.max(Row.seq)).where(Row.subject == subject))
            stored = event.model_copy(update={"seq": (last or 0) + 1})
            session.add(
                Row(
                    subject=subject,
                    seq=stored.seq,
                    type=stored.type,
                    body=stored.model_dump(mode="json"),
                )
            )
        return stored

    async def after(self, subject: str, seq: int, limit: int = 10_000) -> list[Event]:
        """Stored events after `seq`, in order, at most `limit`."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(Row)
                .where(Row.subject == subject, Row.seq > seq)
                .order_by(Row.seq)
                .limit(limit)
            )
            return [Event.model_validate(row.body) for row in rows]

    async def last_ending(self, subject: str) -> int:
        """Seq of the latest event that ended an attempt; 0 if there is none."""
        async with self._db.read() as session:
            found = await session.scalar(
                select(func.max(Row.seq)).where(
                    Row.subject == subject, Row.type.in_(("running", "failed", "cancelled"))
                )
            )
        return found or 0

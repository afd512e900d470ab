"""The table of attempts: the running and the waiting ones, and their results."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.ids import new_id, utc_now
from backend.store.database import Database
from backend.store.records import AttemptRecord
from backend.store.tables import AttemptTable as Row

FIELDS = tuple(AttemptRecord.model_fields)
OPEN = ("pending", "running")


def record(row: Row) -> AttemptRecord:
    """The row as a frozen value."""
    return AttemptRecord.model_validate({name: getattr(row, name) for name in FIELDS})


class Attempts:
    """Queries on the table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(
        self, session: AsyncSession, subject: str, version: int, generation: int
    ) -> AttemptRecord:
        """Insert in the caller's transaction; open attempts of the same subject are cancelled."""
        await session.execute(
            update(Row)
            .where(Row.subject == subject, Row.state.in_(OPEN))
            .values(state="cancelled", ended_at=utc_now())
        )
        row = Row(
            id=new_id("att"),
            subject=subject,
            kind="deploy",
            version=version,
            generation=generation,
            state="pending",
            elapsed_seconds=0.0,
            created_at=utc_now(),
            ended_at=None,
        )
        session.add(row)
        await session.flush()
        return record(row)

    async def unfinished(self) -> list[AttemptRecord]:
        """Pending and interrupted attempts, oldest first."""
        async with self._db.read() as session:
            rows = await session.scalars(select(Row).where(Row.state.in_(OPEN)).order_by(Row.id))
            return [record(row) for row in rows]

    async def take(self, attempt_id: str) -> None:
        """Set the attempt to running."""
        await self._set(attempt_id, state="running")

    async def tick(self, attempt_id: str, elapsed_seconds: float) -> None:
        """Store the time spent in seconds, so that it does not decrease after a restart."""
        await self._set(attempt_id, elapsed_seconds=elapsed_seconds)

    async def end(self, attempt_id: str, state: str) -> None:
        """Set the final state: `succeeded`, `failed` or `cancelled`."""
        await self._set(attempt_id, state=state, ended_at=utc_now())

    async def _set(self, attempt_id: str, **values: object) -> None:
        async with self._db.write() as session:
            await session.execute(update(Row).where(Row.id == attempt_id).values(**values))

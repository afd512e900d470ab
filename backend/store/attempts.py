"""Rows of attempts: who works on what, and what waits."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.ids import new_id, utc_now
from backend.store.database import Database
from backend.store.records import AttemptRecord
from backend.store.tables import AttemptTable as Row

FIELDS = tuple(AttemptRecord.model_fields)
OPEN = ("pending", "running")


def record(row: Row) -> AttemptRecord:
    """The frozen value of a row."""
    return AttemptRecord.model_validate({name: getattr(row, name) for name in FIELDS})


class Attempts:
    """Reads and writes of the table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(
        self, session: AsyncSession, subject: str, version: int, generation: int
    ) -> AttemptRecord:
        """Insert in the caller's transaction; any open one of the same subject is closed."""
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
        """Pending and interrupted ones, oldest first."""
        async with self._db.read() as session:
            rows = await session.scalars(select(Row).where(Row.state.in_(OPEN)).order_by(Row.id))
            return [record(row) for row in rows]

    async def take(self, attempt_id: str) -> None:
        """It runs now."""
        await self._set(attempt_id, state="running")

    async def tick(self, attempt_id: str, elapsed_seconds: float) -> None:
        """Keep the time spent, so that it never goes back after a restart."""
        await self._set(attempt_id, elapsed_seconds=elapsed_seconds)

    async def end(self, attempt_id: str, state: str) -> None:
        """It is over: `succeeded`, `failed` or `cancelled`."""
        await self._set(attempt_id, state=state, ended_at=utc_now())

    async def _set(self, attempt_id: str, **values: object) -> None:
        async with self._db.write() as session:
            await session.execute(update(Row).where(Row.id == attempt_id).values(**values))

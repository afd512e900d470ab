"""The table of load tests: the latest of each deployment."""

from sqlalchemy import delete, select, update

from backend.domain.load_test import OPEN_STATES, LoadTest
from backend.errors.request import NotFound
from backend.store.database import Database
from backend.store.tables import LoadTestTable as Row

# Older ones are deleted.
KEPT = 20


class LoadTestRows:
    """Queries on the table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, test: LoadTest) -> None:
        """Insert, and delete the oldest of the deployment beyond the limit."""
        async with self._db.write() as session:
            session.add(
                Row(
                    id=test.id,
                    deployment_id=test.deployment_id,
                    state=test.state,
                    body=test.model_dump(mode="json"),
                )
            )
            await session.flush()
            newest = (
                select(Row.id)
                .where(Row.deployment_id == test.deployment_id)
                .order_by(Row.id.desc())
                .limit(KEPT)
            )
            await session.execute(
                delete(Row).where(Row.deployment_id == test.deployment_id, Row.id.not_in(newest))
            )

    async def keep(self, test: LoadTest) -> None:
        """Store the current value of an existing one."""
        async with self._db.write() as session:
            await session.execute(
                update(Row)
                .where(Row.id == test.id)
                .values(state=test.state, body=test.model_dump(mode="json"))
            )

    async def of(self, deployment_id: str) -> list[LoadTest]:
        """All of a deployment, newest first."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(Row).where(Row.deployment_id == deployment_id).order_by(Row.id.desc())
            )
            return [LoadTest.model_validate(row.body) for row in rows]

    async def get(self, deployment_id: str, test_id: str) -> LoadTest:
        """One of a deployment. Raises NotFound."""
        async with self._db.read() as session:
            row = await session.get(Row, test_id)
        if row is None or row.deployment_id != deployment_id:
            detail = f"No load test {test_id!r} of this deployment."
            raise NotFound(detail)
        return LoadTest.model_validate(row.body)

    async def unfinished(self) -> list[LoadTest]:
        """Those that are queued or running according to the database."""
        async with self._db.read() as session:
            rows = await session.scalars(select(Row).where(Row.state.in_(OPEN_STATES)))
            return [LoadTest.model_validate(row.body) for row in rows]

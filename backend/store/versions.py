"""The table of versions: each request, with the values of its steps."""

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.ids import utc_now
from backend.domain.request import DeploymentRequest
from backend.store.database import Database
from backend.store.records import VersionRecord
from backend.store.tables import VersionTable as Row

FIELDS = tuple(VersionRecord.model_fields)


def record(row: Row) -> VersionRecord:
    """The row as a frozen value."""
    return VersionRecord.model_validate({name: getattr(row, name) for name in FIELDS})


class Versions:
    """Queries on the table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(
        self, session: AsyncSession, deployment_id: str, n: int, request: DeploymentRequest
    ) -> None:
        """Insert in the caller's transaction."""
        session.add(
            Row(
                deployment_id=deployment_id,
                n=n,
                request=request.model_dump(mode="json"),
                created_at=utc_now(),
            )
        )
        await session.flush()

    async def get(self, deployment_id: str, n: int) -> VersionRecord:
        """An existing version."""
        async with self._db.read() as session:
            return record(await session.get_one(Row, (deployment_id, n)))

    async def many(self, keys: list[tuple[str, int]]) -> dict[str, VersionRecord]:
        """The versions with these (deployment id, n), by deployment id."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(Row).where(Row.deployment_id.in_([deployment for deployment, _ in keys]))
            )
            wanted = dict(keys)
            return {
                row.deployment_id: record(row) for row in rows if wanted[row.deployment_id] == row.n
            }

    async def keep(self, deployment_id: str, n: int, **values: BaseModel) -> None:
        """Store values of steps: `plan`, `prepared`, `proof` or `result`."""
        async with self._db.write() as session:
            await session.execute(
                update(Row)
                .where(Row.deployment_id == deployment_id, Row.n == n)
                .values({name: value.model_dump(mode="json") for name, value in values.items()})
            )

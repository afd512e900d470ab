"""The table of model servers."""

from sqlalchemy import select, update

from backend.domain.ids import new_id, utc_now
from backend.domain.server import MemoryUse, ServerHandle
from backend.store.database import Database
from backend.store.records import ServerRecord
from backend.store.tables import ServerTable as Row

FIELDS = tuple(ServerRecord.model_fields)


def record(row: Row) -> ServerRecord:
    """The row as a frozen value."""
    return ServerRecord.model_validate({name: getattr(row, name) for name in FIELDS})


class Servers:
    """Queries on the table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(
        self, deployment_id: str, version: int, generation: int, handle: ServerHandle
    ) -> ServerRecord:
        """Insert a server that is ready, unless it is the current one already; return the row."""
        current = await self.current(deployment_id)
        if current is not None and current.handle == handle:
            return current
        row = Row(
            id=new_id("srv"),
            deployment_id=deployment_id,
            version=version,
            generation=generation,
            state="running",
            handle=handle.model_dump(mode="json"),
            memory=None,
            started_at=utc_now(),
        )
        async with self._db.write() as session:
            await session.execute(_end(deployment_id))
            session.add(row)
        return record(row)

    async def current(self, deployment_id: str) -> ServerRecord | None:
        """The server that should be running, or None."""
        return (await self.currents([deployment_id])).get(deployment_id)

    async def currents(self, deployment_ids: list[str]) -> dict[str, ServerRecord]:
        """The servers that should be running, by deployment id."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(Row)
                .where(Row.deployment_id.in_(deployment_ids), Row.state == "running")
                .order_by(Row.id)
            )
            return {row.deployment_id: record(row) for row in rows}

    async def end(self, deployment_id: str) -> None:
        """Set the running servers of a deployment to exited."""
        async with self._db.write() as session:
            await session.execute(_end(deployment_id))

    async def measure(self, server_id: str, memory: MemoryUse) -> None:
        """Store the memory use of a server."""
        async with self._db.write() as session:
            await session.execute(
                update(Row).where(Row.id == server_id).values(memory=memory.model_dump(mode="json"))
            )


def _end(deployment_id: str):
    return (
        update(Row)
        .where(Row.deployment_id == deployment_id, Row.state == "running")
        .values(state="exited", ended_at=utc_now())
    )

"""The table of deployments. State writes carry a generation; an older one is rejected."""

from sqlalchemy import ColumnElement, CursorResult, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.deployment import TRANSITIONS, Progress, State
from backend.domain.ids import utc_now
from backend.errors import Problem
from backend.errors.request import Gone, NotFound
from backend.errors.state import NameTaken
from backend.store.database import Database
from backend.store.records import DeploymentQuery, DeploymentRecord, Wanted
from backend.store.tables import DeploymentTable as Row

FIELDS = tuple(DeploymentRecord.model_fields)


class StaleGeneration(Exception):
    """A newer attempt owns the deployment: the writer must stop and undo."""


def record(row: Row) -> DeploymentRecord:
    """The row as a frozen value."""
    return DeploymentRecord.model_validate({name: getattr(row, name) for name in FIELDS})


class Deployments:
    """Queries on the table."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, session: AsyncSession, new: DeploymentRecord) -> None:
        """Insert in the caller's transaction. Raises NameTaken."""
        session.add(Row(**new.model_dump(mode="json")))
        try:
            await session.flush()
        except IntegrityError as error:
            detail = f"A deployment named {new.name!r} exists."
            raise NameTaken(detail) from error

    async def get(self, deployment_id: str) -> DeploymentRecord:
        """By id. Raises NotFound, or Gone if it was deleted."""
        async with self._db.read() as session:
            row = await session.get(Row, deployment_id)
        if row is None:
            detail = f"No deployment {deployment_id!r}."
            raise NotFound(detail)
        if row.state == State.DELETED:
            detail = f"The deployment {deployment_id!r} was deleted."
            raise Gone(detail)
        return record(row)

    async def find(self, key: str) -> DeploymentRecord:
        """By id or by unique name. Raises NotFound or Gone."""
        if key.startswith("dep_"):
            return await self.get(key)
        async with self._db.read() as session:
            row = await session.scalar(
                select(Row).where(Row.name == key, Row.state != State.DELETED)
            )
        if row is None:
            detail = f"No deployment {key!r}."
            raise NotFound(detail)
        return record(row)

    async def names(self) -> set[str]:
        """Names in use."""
        async with self._db.read() as session:
            return set(await session.scalars(select(Row.name).where(Row.state != State.DELETED)))

    async def living(self) -> list[DeploymentRecord]:
        """All deployments that are not deleted, oldest first."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(Row).where(Row.state != State.DELETED).order_by(Row.id)
            )
            return [record(row) for row in rows]

    async def page(self, query: DeploymentQuery) -> tuple[list[DeploymentRecord], str | None]:
        """One page, newest first, with the cursor of the next page."""
        where: list[ColumnElement[bool]] = [Row.state != State.DELETED]
        if query.state:
            where.append(Row.state == query.state)
        if query.task:
            where.append(Row.task == query.task)
        if query.search:
            needle = f"%{query.search.replace('%', '').replace('_', '')}%"
            where.append(or_(Row.name.ilike(needle), Row.id.ilike(needle)))
        if query.cursor:
            where.append(Row.id < query.cursor)
        async with self._db.read() as session:
            found = await session.scalars(
                select(Row).where(*where).order_by(Row.id.desc()).limit(query.limit + 1)
            )
            rows = [record(row) for row in found]
        more = len(rows) > query.limit
        return rows[: query.limit], rows[query.limit - 1].id if more else None

    async def next_generation(self, deployment_id: str, *, wanted: Wanted) -> int:
        """Increment the generation, so that the previous owner can no longer write; return it."""
        async with self._db.write() as session:
            row = await session.get_one(Row, deployment_id, populate_existing=True)
            row.generation += 1
            row.wanted = wanted
            row.updated_at = utc_now()
            return row.generation

    async def update(
        self, session: AsyncSession, deployment_id: str, generation: int, **values: object
    ) -> None:
        """Update columns as the owner of this generation. Raises StaleGeneration."""
        result = await session.execute(
            update(Row)
            .where(
                Row.id == deployment_id, Row.generation == generation, Row.state != State.DELETED
            )
            .values(updated_at=utc_now(), **values)
        )
        if isinstance(result, CursorResult) and result.rowcount == 0:
            raise StaleGeneration(deployment_id)

    async def set_task(self, deployment_id: str, task: str) -> None:
        """Store the detected task, for the filter of the list."""
        async with self._db.write() as session:
            await session.execute(update(Row).where(Row.id == deployment_id).values(task=task))

    async def set_port(self, deployment_id: str, generation: int, port: int | None) -> None:
        """Store the port. Raises StaleGeneration."""
        async with self._db.write() as session:
            await self.update(session, deployment_id, generation, port=port)

    async def check_transition(self, session: AsyncSession, deployment_id: str, to: State) -> None:
        """Raises ValueError for a transition that is not in TRANSITIONS, which would be a bug."""
        state = await session.scalar(select(Row.state).where(Row.id == deployment_id))
        if state is not None and state != to and to not in TRANSITIONS[State(state)]:
            message = f"{deployment_id}: no way from {state} to {to}"
            raise ValueError(message)


def columns(
    *, state: State | None, message: str | None, progress: Progress | None, problem: Problem | None
) -> dict[str, object]:
    """Columns of a change. None means unchanged; a new state always replaces the problem."""
    values: dict[str, object] = {}
    if state is not None:
        values["state"] = str(state)
        values["problem"] = problem.model_dump(mode="json") if problem else None
    if message is not None:
        values["message"] = message
    if progress is not None:
        values["progress"] = progress.model_dump(mode="json")
    return values

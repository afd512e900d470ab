"""Database connection: SQLite in WAL mode, synced on commit, or the one in DATABASE_URL."""

import asyncio
import traceback
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from backend.errors.config import InvalidSetting
from backend.errors.state import DatabaseBusy

BUSY_MILLISECONDS = 5_000


def _pragmas(engine: Engine) -> None:
    """Settings of each SQLite connection. FULL: a commit survives a power failure, too."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_MILLISECONDS}",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        head = ScriptDirectory.from_config(config).get_current_head()
        detail = f"The database was written by a newer Slipway; this one knows up to {head}."
        raise InvalidSetting(
            detail, setting="MODEL_STORAGE_PATH, or install the newer version,"
        ) from error


class Database:
    """Sessions: concurrent ones for reading, one at a time for writing."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url)
        if url.startswith("sqlite"):
            _pragmas(self._engine.sync_engine)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._write_lock = asyncio.Lock()
        self.writes = 0

    async def open(self) -> None:
        """Migrate the schema. Raises InvalidSetting if a newer version of Slipway wrote it."""
        async with self._engine.begin() as connection:
            await connection.run_sync(_migrate)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A session for reading. Raises DatabaseBusy if the database is locked or unavailable."""
        try:
            async with self._sessions() as session:
                yield session
        except OperationalError as error:
            raise DatabaseBusy(_short(error), retry_after=2) from error

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncSession]:
        """A transaction, committed on exit. One at a time: this process is the only writer."""
        try:
            async with self._write_lock, self._sessions.begin() as session:
                yield session
            # Callers that cache rows read them again when this number has changed.
            self.writes += 1
        except OperationalError as error:
            raise DatabaseBusy(_short(error), retry_after=2) from error
        except asyncio.CancelledError as error:
            # SQLite keeps the transaction of a closed connection until its last statement is
            # finalized, and the traceback refers to that: a caller that writes while it handles
            # the cancellation would find the database locked by itself.
            traceback.clear_frames(error.__traceback__)
            raise


def _short(error: DBAPIError) -> str:
    return f"The database says: {str(error.orig)[:100]}."

"""A cancelled write leaves the database free, also for who handles the cancellation."""

import asyncio
import random
from pathlib import Path

from sqlalchemy import text

from backend.store.database import Database

CANCELLED = 60


async def test_write_while_handling_cancelled_write_finds_database_unlocked(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'rows.db'}")

    async def write() -> None:
        async with database.write() as session:
            await session.execute(text("update rows set number = number + 1 where rowid < 5"))
            await session.execute(text("insert into rows values (1) returning number"))
            (await session.execute(text("select number from rows where rowid < 300"))).all()

    async def write_until_cancelled() -> None:
        try:
            while True:
                await write()
        except asyncio.CancelledError:
            await write()

    async with database.write() as session:
        await session.execute(text("create table rows (number integer)"))
    moments = random.Random(0)
    for _ in range(CANCELLED):
        task = asyncio.create_task(write_until_cancelled())
        await asyncio.sleep(moments.uniform(0, 0.02))
        task.cancel()
        await asyncio.gather(task, return_exceptions=False)
    await database.close()

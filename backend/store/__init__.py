"""The database: tables, migrations and event log."""

from dataclasses import dataclass

from backend.store.attempts import Attempts
from backend.store.database import Database
from backend.store.deployments import Deployments
from backend.store.events import Events
from backend.store.load_tests import LoadTestRows
from backend.store.servers import Servers
from backend.store.versions import Versions


@dataclass(frozen=True, kw_only=True)
class Store:
    """All tables of one database."""

    database: Database
    deployments: Deployments
    versions: Versions
    servers: Servers
    attempts: Attempts
    events: Events
    load_tests: LoadTestRows


def open_store(url: str) -> Store:
    """The tables of the database at `url`; does not connect yet."""
    database = Database(url)
    deployments = Deployments(database)
    return Store(
        database=database,
        deployments=deployments,
        versions=Versions(database),
        servers=Servers(database),
        attempts=Attempts(database),
        events=Events(database, deployments),
        load_tests=LoadTestRows(database),
    )


__all__ = ["Store", "open_store"]

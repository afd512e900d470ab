"""Where the proxy sends a request: the server of a deployment, looked up once per write."""

from dataclasses import dataclass

from backend.domain.deployment import State
from backend.pipeline.unavailable import unavailable
from backend.store import Store

MOST_KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The server that answers for a deployment; `url` has neither path nor slash at its end."""

    name: str
    url: str


class Upstreams:
    """Looks servers up by the id or name of their deployment.

    What was found is valid until the next write to the database, which this process alone writes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Upstream] = {}
        self._known_at = -1

    async def find(self, key: str) -> Upstream:
        """Raises NotFound, Gone, or the 503 of a deployment that no server answers for."""
        writes = self._store.database.writes
        if writes != self._known_at or len(self._known) > MOST_KEPT:
            self._known, self._known_at = {}, writes
        known = self._known
        if key not in known:
            # Kept in the table of the write before the look-up: never newer than it claims to be.
            known[key] = await self._look_up(key)
        return known[key]

    async def _look_up(self, key: str) -> Upstream:
        record = await self._store.deployments.find(key)
        server = await self._store.servers.current(record.id)
        ready = {State.RUNNING, State.UPDATING, State.UPDATE_FAILED}
        if server is None or record.state not in ready:
            raise unavailable(record.name, record.state)
        return Upstream(name=record.name, url=server.handle.url)

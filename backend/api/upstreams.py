"""Find the server to which the proxy forwards a request; cached until the next write."""

from dataclasses import dataclass

from backend.domain.deployment import State
from backend.pipeline.unavailable import unavailable
from backend.store import Store

MOST_KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The server of a deployment; `url` has no path and no trailing slash."""

    name: str
    url: str


class Upstreams:
    """Finds servers by the id or name of their deployment.

    A result is valid until the next write to the database, whose only writer is this process.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Upstream] = {}
        self._known_at = -1

    async def find(self, key: str) -> Upstream:
        """The server. Raises NotFound, Gone, or the 503 of a deployment without a ready server."""
        writes = self._store.database.writes
        if writes != self._known_at or len(self._known) > MOST_KEPT:
            self._known, self._known_at = {}, writes
        known = self._known
        if key not in known:
            # Stored with the write counter from before the look-up, so that it is never stale.
            known[key] = await self._look_up(key)
        return known[key]

    async def _look_up(self, key: str) -> Upstream:
        record = await self._store.deployments.find(key)
        server = await self._store.servers.current(record.id)
        ready = {State.RUNNING, State.UPDATING, State.UPDATE_FAILED}
        if server is None or record.state not in ready:
            raise unavailable(record.name, record.state)
        return Upstream(name=record.name, url=server.handle.url)

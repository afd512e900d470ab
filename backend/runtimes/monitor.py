"""Monitor all servers with one timer: exits, hangs and load.

Every second each server gets a liveness probe over a persistent connection; see ControlLink.
"""

import asyncio
import logging
from collections.abc import Sequence

from backend.runtimes.control_link import ControlLink
from backend.runtimes.liveness import Liveness, Ping
from backend.runtimes.process_activity import Activity, observe
from backend.runtimes.server_directory import ServerDirectory

PROBE_SECONDS = 1.0
# If the timer fires later than this, it was delayed itself: the rest does not count.
LONGEST_COUNTED = 1.5
log = logging.getLogger(__name__)


class Probed:
    """One server and its liveness state."""

    def __init__(self, folder: ServerDirectory) -> None:
        spec = folder.spec()
        self.folder = folder
        self.name = folder.server
        self.link = ControlLink(folder.path)
        self.ping: Ping | None = None
        self._liveness = Liveness(
            computes_on_cpu=spec is not None and spec.device.startswith("cpu")
        )
        self._is_first = True

    def probe(self, seconds: float) -> tuple[bool, str | None]:
        """Probe once; return whether the server has ended, and the cause if it hangs."""
        reply = self.link.probe()
        if reply is not None:
            self.ping = reply
            activity = self._observe() if reply.is_suspect else None
            return False, self._liveness.answered(seconds, reply, activity)
        if self._is_first:
            self._is_first = False
            return self.folder.has_ended, None
        if self.folder.has_ended:
            return True, None
        return False, self._liveness.silent(seconds, self._observe())

    def _observe(self) -> Activity | None:
        return observe(self.link.pid) if self.link.pid is not None else None


class Watch:
    """The servers of one handle; `down` is set when one of them ends or hangs."""

    def __init__(self, folders: Sequence[ServerDirectory]) -> None:
        self.servers = [Probed(folder) for folder in folders]
        self.down: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def probe(self, seconds: float) -> str | None:
        """Probe each server and set `down`; return the name of one that hangs, or None."""
        for server in self.servers:
            ended, cause = server.probe(seconds)
            if (ended or cause) and not self.down.done():
                self.down.set_result(cause)
            if cause:
                return server.name
        return None

    def check(self, server: str | None) -> None:
        """Set `down` if this server (None: any) has ended."""
        seen = [one.folder for one in self.servers if server in {None, one.name}]
        if any(folder.has_ended for folder in seen) and not self.down.done():
            self.down.set_result(None)

    def close(self) -> None:
        """Close the connections."""
        for server in self.servers:
            server.link.close()


class Monitor:
    """Owns the timer and the connections, from `open` to `close`."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._probed: dict[str, Probed] = {}
        self._task: asyncio.Task[None] | None = None
        self._hung: set[str] = set()

    def open(self) -> None:
        """Start the timer."""
        self._task = asyncio.ensure_future(self._run())

    async def close(self) -> None:
        """Stop probing and close the connections; callers of `until_down` keep waiting."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        for watch in self._watches:
            watch.close()

    async def until_down(self, folders: Sequence[ServerDirectory]) -> str | None:
        """Return when one of the servers has ended (None) or hangs (the cause)."""
        watch = Watch(folders)
        self._watches.add(watch)
        self._probed.update({one.name: one for one in watch.servers})
        try:
            watch.check(None)
            return await watch.down
        finally:
            self._watches.discard(watch)
            for one in watch.servers:
                if self._probed.get(one.name) is one:
                    del self._probed[one.name]
            watch.close()

    def ended(self, server: str | None) -> None:
        """Handle an exit event: this server (None: possibly any) has ended."""
        self._hung.discard(server or "")
        for watch in list(self._watches):
            watch.check(server)

    def is_hung(self, server: str) -> bool:
        """Whether this server was found hung and has not ended yet."""
        return server in self._hung

    def ping(self, server: str) -> Ping | None:
        """The latest probe response of a watched server, or None."""
        probed = self._probed.get(server)
        return probed.ping if probed is not None else None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            now = loop.time()
            seconds, before = min(now - before, LONGEST_COUNTED), now
            for watch in list(self._watches):
                try:
                    hung = watch.probe(seconds)
                except Exception:
                    log.exception("a probe failed")
                    continue
                if hung is not None:
                    log.warning("server %s hangs", hung)
                    self._hung.add(hung)

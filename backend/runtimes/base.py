"""Where a model server runs. A runtime keeps nothing in memory: all it needs is in the handle."""

from collections.abc import AsyncIterator, Collection
from typing import Protocol

from backend.domain.report import Report
from backend.domain.server import MemoryUse, ServerHandle, ServerLoad, ServerSpec, ServerStatus
from backend.errors import Problem


class Runtime(Protocol):
    """The lifecycle of model servers; hides the files and processes of one runtime."""

    async def start(self, spec: ServerSpec, report: Report) -> ServerHandle:
        """Called by the start step. Returns when the server is ready: weights loaded, warmed up.

        Raises a catalogue error at once if the server dies. Called again for the same deployment
        and generation, returns the server that is already there. If it raises or is cancelled,
        nothing of this start is left running.
        """
        ...

    async def status(self, handle: ServerHandle) -> ServerStatus:
        """May be called at any time, also after a restart, also for a server long gone."""
        ...

    async def wait(self, handle: ServerHandle) -> ServerStatus:
        """Returns when the server is not running any more: crashed, stopped, or never known; or
        when it hangs (`unresponsive`), which takes at most 15 seconds to notice.

        Used by whoever supervises; may be called by several at once, and for a server long gone.
        """
        ...

    async def hold(self, deployment_id: str, host: str, port: int | None, problem: Problem) -> int:
        """Bind the deployment's port if it is not bound, and answer every request there with this
        problem until a server is ready: 503, with Retry-After and estimated_time if the problem is
        retryable. Returns the port.

        For paused deployments and after a restart of the control plane. Raises PortTaken or
        NoFreePort. Called again, the newer problem is answered. With a ready server there: no more
        than the port is told.
        """
        ...

    async def stop(
        self, handle: ServerHandle, grace: float = 10.0, problem: Problem | None = None
    ) -> None:
        """Ask, wait `grace` seconds, then force. Returns when it is gone; already gone is fine.

        One that was found hung is not asked. The deployment keeps its port, where new requests get
        `problem` (None: that the server is stopped) while the old ones are finished; `release`
        gives the port up.
        """
        ...

    async def release(self, deployment_id: str) -> None:
        """Give the deployment's port back. Nothing bound is a success."""
        ...

    async def memory(self, handle: ServerHandle) -> MemoryUse:
        """Memory now and at its peak, over all processes of the handle."""
        ...

    def load(self, handle: ServerHandle) -> ServerLoad | None:
        """What its servers serve, known without asking; None while nobody waits for its end.

        At most two seconds old. Cheap enough to be called every second.
        """
        ...

    def logs(self, handle: ServerHandle, *, tail: int, follow: bool) -> AsyncIterator[str]:
        """Lines of the server's log, oldest first; with `follow`, new ones until it is gone."""
        ...

    async def metrics(self, handle: ServerHandle) -> list[str]:
        """Prometheus text of each worker, asked privately; empty where it does not answer."""
        ...

    async def last_log(self, deployment_id: str, tail: int) -> list[str]:
        """Lines of the deployment's newest server, also of one whose start failed."""
        ...

    async def forget(self, deployment_id: str) -> None:
        """Remove what dead servers of a deleted deployment left: folders and logs."""
        ...

    async def sweep(
        self, wanted: Collection[ServerHandle], deployments: Collection[str], busy: Collection[str]
    ) -> None:
        """At start: end servers that no row wants, release ports of deployments that are no more.

        Servers of `busy` deployments are left alone: their attempt goes on and finds them.
        """
        ...

    async def check(self) -> Problem | None:
        """Can this runtime be used here? The wizard shows the answer before the user chooses."""
        ...

"""The Runtime protocol. A runtime keeps no state in memory: all it needs is in the handle."""

from collections.abc import AsyncIterator, Collection
from typing import Protocol

from backend.domain.report import Report
from backend.domain.server import MemoryUse, ServerHandle, ServerLoad, ServerSpec, ServerStatus
from backend.errors import Problem


class Runtime(Protocol):
    """Starts, observes and stops model servers. No file or process of one runtime is exposed."""

    async def start(self, spec: ServerSpec, report: Report) -> ServerHandle:
        """Start a server and return when it is ready: weights loaded, warmed up.

        Called by the start step. Raises a catalogue error as soon as the server dies. Idempotent
        for the same deployment and generation: returns the server that runs. If it raises or is
        cancelled, it leaves no process running.
        """
        ...

    async def warm_up(self) -> None:
        """Get ready to start servers soon; returns at once, and never fails visibly."""
        ...

    async def status(self, handle: ServerHandle) -> ServerStatus:
        """State of a server; valid at any time, also after a restart and for a server long gone."""
        ...

    async def wait(self, handle: ServerHandle) -> ServerStatus:
        """Return when the server is not running anymore: crashed, stopped or unknown; or when it
        hangs (`unresponsive`), which is detected within 15 seconds.

        Used by supervisors; may be called concurrently, and for a server long gone.
        """
        ...

    async def hold(self, deployment_id: str, host: str, port: int | None, problem: Problem) -> int:
        """Bind the deployment's port if it is not bound, and respond to every request there with
        this problem until a server is ready: 503, with Retry-After and estimated_time if the
        problem is retryable. Returns the port.

        For paused deployments and after a restart of the control plane. Raises PortTaken or
        NoFreePort. A repeated call replaces the problem. If a server is ready, it only returns the
        port.
        """
        ...

    async def stop(
        self, handle: ServerHandle, grace: float = 10.0, problem: Problem | None = None
    ) -> None:
        """Drain, wait `grace` seconds, then kill. Returns when the server is gone; idempotent.

        A server that hangs is not drained. The deployment keeps its port, where new requests get
        `problem` (None: the server is stopped) while running requests finish; `release` closes the
        port.
        """
        ...

    async def hand_over(self, handle: ServerHandle, grace: float) -> None:
        """Stop a server that has a successor: another generation that is ready, on the same port.

        Requests that it has finish within `grace` seconds, and no request fails: it closes each
        connection with a response. Returns when the server is gone; idempotent.
        """
        ...

    async def release(self, deployment_id: str) -> None:
        """Close the deployment's port; no error if none is bound."""
        ...

    async def memory(self, handle: ServerHandle) -> MemoryUse:
        """Current and peak memory, summed over all processes of the handle."""
        ...

    def load(self, handle: ServerHandle) -> ServerLoad | None:
        """Requests answered and in flight, from the last probe; None unless `wait` runs for it.

        At most two seconds old. No I/O, so it may be called every second.
        """
        ...

    def logs(self, handle: ServerHandle, *, tail: int, follow: bool) -> AsyncIterator[str]:
        """Lines of the server's log, oldest first; with `follow`, new ones until it is gone."""
        ...

    async def metrics(self, handle: ServerHandle) -> list[str]:
        """Prometheus text of each worker, from its control socket; empty if it does not respond."""
        ...

    async def last_log(self, deployment_id: str, tail: int) -> list[str]:
        """Last lines of the deployment's newest server, also if its start failed."""
        ...

    async def forget(self, deployment_id: str) -> None:
        """Remove what dead servers of a deleted deployment left: directories and logs."""
        ...

    async def sweep(
        self, wanted: Collection[ServerHandle], deployments: Collection[str], busy: Collection[str]
    ) -> None:
        """At start, stop servers that are not wanted and release ports of removed deployments.

        Servers of `busy` deployments are not touched: their attempt resumes and finds them.
        """
        ...

    async def check(self) -> Problem | None:
        """Why this runtime cannot be used here, or None. The wizard shows it before the choice."""
        ...

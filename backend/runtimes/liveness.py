"""Decide whether a server hangs, from the time without progress. Evaluated per probe; no I/O."""

from dataclasses import dataclass

from backend.runtimes.process_activity import Activity

# A stopped process cannot respond until it gets SIGCONT.
STOPPED_SECONDS = 5.0
# One C call may hold the GIL for some seconds; clients must not wait longer than 15.
SILENT_SECONDS = 10.0
# Swapping or a slow disk delays everything, and a restart would make it worse.
DISK_SECONDS = 30.0
# The inference thread waits, and no thread of the process uses the CPU: a deadlock.
STALLED_SECONDS = 10.0
# Far above the timeout of a request, even if the process uses the CPU.
UNHEALTHY_SECONDS = 300.0
# Shares of one core from which inference counts as computing: in its own thread, or in the
# whole process, for whose threads it may wait. Parsing requests meanwhile takes less.
THREAD_SHARE, PROCESS_SHARE = 0.05, 0.5


@dataclass(frozen=True, kw_only=True)
class Ping:
    """The response to a liveness probe; see `Controlled.ping` of the model server.

    `answered` is None for an older server, which does not count requests.
    """

    answered: int | None = None
    in_flight: int = 0
    busy_seconds: float = 0.0
    cpu_seconds: float = 0.0
    healthy: bool = True

    @property
    def is_suspect(self) -> bool:
        """Whether the inference thread made no progress for so long that activity is checked."""
        return not self.healthy or self.busy_seconds >= STALLED_SECONDS / 2


class Liveness:
    """Liveness state of one server. Counts only seconds in which the control plane itself ran.

    A machine too busy to run the server is too busy to run the control plane: then probes and
    the verdict are delayed alike.
    """

    def __init__(self, *, computes_on_cpu: bool) -> None:
        # An inference thread that waits for an accelerator uses no CPU.
        self._computes_on_cpu = computes_on_cpu
        self._stopped = 0.0
        self._silent = 0.0
        self._disk = 0.0
        self._stalled = 0.0
        self._unhealthy = 0.0
        self._before: tuple[Ping, Activity] | None = None

    def silent(self, seconds: float, activity: Activity | None) -> str | None:
        """Record `seconds` without a response; the cause if the server counts as hung now."""
        self._before = None
        self._stopped = self._stopped + seconds if activity and activity.is_stopped else 0.0
        if activity and activity.waits_for_disk and not activity.is_stopped:
            self._disk += seconds
        else:
            self._silent += seconds
        if self._stopped >= STOPPED_SECONDS:
            return "its process was stopped by a signal"
        if self._silent >= SILENT_SECONDS or self._silent + self._disk >= DISK_SECONDS:
            return f"it did not respond for {self._silent + self._disk:.0f} s"
        return None

    def answered(self, seconds: float, ping: Ping, activity: Activity | None) -> str | None:
        """Record a response; the cause if inference hangs. `activity`: None unless suspect."""
        self._stopped = self._silent = self._disk = 0.0
        computing = self._is_computing(seconds, ping, activity)
        self._before = (ping, activity) if activity is not None else None
        if not ping.is_suspect:
            self._stalled = self._unhealthy = 0.0
            return None
        self._unhealthy = 0.0 if ping.healthy else self._unhealthy + seconds
        may_judge = self._computes_on_cpu or not ping.healthy
        self._stalled = self._stalled + seconds if may_judge and not computing else 0.0
        if self._stalled < STALLED_SECONDS / 2 and self._unhealthy < UNHEALTHY_SECONDS:
            return None
        return f"its inference thread made no progress for {ping.busy_seconds:.0f} s"

    def _is_computing(self, seconds: float, ping: Ping, activity: Activity | None) -> bool:
        """Whether inference uses the CPU. Unknown counts as yes, and so does waiting for a disk."""
        if activity is None or self._before is None or activity.waits_for_disk:
            return True
        old_ping, old_activity = self._before
        in_thread = ping.cpu_seconds - old_ping.cpu_seconds
        in_process = activity.cpu_seconds - old_activity.cpu_seconds
        return in_thread >= THREAD_SHARE * seconds or in_process >= PROCESS_SHARE * seconds

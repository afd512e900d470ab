"""When does a server count as hung? Counts of seconds, judged once for each probe; no I/O."""

from dataclasses import dataclass

from backend.runtimes.process_activity import Activity

# A stopped process can't answer before somebody continues it.
STOPPED_SECONDS = 5.0
# One C call may hold Python's lock for some seconds; clients must not wait longer than 15.
SILENT_SECONDS = 10.0
# Swapping or a slow disk holds everything up, and a restart would make it worse.
DISK_SECONDS = 30.0
# The inference thread waits, and nothing in the process computes: a deadlock.
STALLED_SECONDS = 10.0
# Far beyond the time limit of a request, although something computes.
UNHEALTHY_SECONDS = 300.0
# Shares of one core from which an inference counts as computing: in its own thread, or in threads
# of the process that it may wait for. Requests that are read meanwhile take less than that.
THREAD_SHARE, PROCESS_SHARE = 0.05, 0.5


@dataclass(frozen=True, kw_only=True)
class Ping:
    """The answer to a liveness probe; see `Controlled.ping` of the model server.

    `answered` is None for a server of a version that does not count.
    """

    answered: int | None = None
    in_flight: int = 0
    busy_seconds: float = 0.0
    cpu_seconds: float = 0.0
    healthy: bool = True

    @property
    def is_suspect(self) -> bool:
        """Whether the inference thread has shown no progress for long enough to look closer."""
        return not self.healthy or self.busy_seconds >= STALLED_SECONDS / 2


class Liveness:
    """Counts for one server. Seconds are those in which the control plane itself was running.

    A machine too busy to run the server is too busy to run the control plane: then probes come
    later, and so does the verdict.
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
        """No answer for `seconds` more; the cause if it is hung now."""
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
        """It answered; the cause if its inference thread is hung. `activity` only for suspects."""
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
        """Unknown counts as computing, and so does waiting for a disk."""
        if activity is None or self._before is None or activity.waits_for_disk:
            return True
        old_ping, old_activity = self._before
        in_thread = ping.cpu_seconds - old_ping.cpu_seconds
        in_process = activity.cpu_seconds - old_activity.cpu_seconds
        return in_thread >= THREAD_SHARE * seconds or in_process >= PROCESS_SHARE * seconds

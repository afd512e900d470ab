"""Memory limits enforced by the kernel, where control groups are writable (version 2 or 1)."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Group:
    """One server's control group."""

    path: Path
    version: int

    @property
    def name(self) -> str:
        """Name of the enforcement, as the API reports it: `cgroup1` or `cgroup2`."""
        return f"cgroup{self.version}"

    @property
    def procs(self) -> Path:
        """File to which a process writes its pid to join the group."""
        return self.path / "cgroup.procs"


@dataclass(frozen=True)
class MemoryEvidence:
    """Out-of-memory kills and peak memory of a group."""

    oom_kills: int = 0
    peak_bytes: int | None = None


def create(server: str, limit_bytes: int) -> Group | None:
    """Create a group with this memory limit; None where control groups are not writable."""
    for parent, version in _parents():
        group = Group(parent / f"slipway-{server}", version)
        try:
            group.path.mkdir(exist_ok=True)
            _limit(group, limit_bytes)
        except OSError:
            remove(group)
            continue
        return group
    return None


def evidence(group: Group) -> MemoryEvidence:
    """Memory evidence of the group; must be read before the group is removed."""
    two = group.version == 2
    events = _read(group.path / ("memory.events" if two else "memory.oom_control"))
    peak = _read(group.path / ("memory.peak" if two else "memory.max_usage_in_bytes")).strip()
    rows = dict(line.split() for line in events.splitlines() if len(line.split()) == 2)
    return MemoryEvidence(
        oom_kills=int(rows.get("oom_kill", "0")), peak_bytes=int(peak) if peak.isdigit() else None
    )


def members(group: Group) -> set[int]:
    """Pids in the group."""
    return {int(line) for line in _read(group.procs).split()}


def remove(group: Group) -> None:
    """Remove the group. Retries for 100 ms, because killed processes leave it with a delay."""
    for _ in range(20):
        with contextlib.suppress(FileNotFoundError):
            try:
                group.path.rmdir()
            except OSError:
                time.sleep(0.005)
                continue
        return


def _limit(group: Group, limit_bytes: int) -> None:
    if group.version == 1:
        (group.path / "memory.limit_in_bytes").write_text(str(limit_bytes))
        return
    (group.path / "memory.max").write_text(str(limit_bytes))
    for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
        with contextlib.suppress(OSError):
            (group.path / name).write_text(value)


def _parents() -> list[tuple[Path, int]]:
    """Possible parent groups with their cgroup version, best first."""
    parents: list[tuple[Path, int]] = []
    for line in _read(OWN).splitlines():
        number, controllers, path = line.split(":", 2)
        below = path.lstrip("/")
        if number == "0" and (ROOT / "cgroup.controllers").exists():
            own = ROOT / below
            # A group that contains processes cannot delegate memory to children; its parent may.
            parents += [(place, 2) for place in (own, own.parent) if _passes_memory(place)]
        elif "memory" in controllers.split(","):
            mounted = ROOT / "memory"
            own = mounted / below
            # In a container this is often the path on the host, which is not mounted here.
            parents.append((own if own.is_dir() else mounted, 1))
    return parents


def _passes_memory(parent: Path) -> bool:
    if not parent.is_relative_to(ROOT):
        return False
    control = parent / "cgroup.subtree_control"
    if "memory" not in _read(control).split():
        with contextlib.suppress(OSError):
            control.write_text("+memory")
    return "memory" in _read(control).split()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""

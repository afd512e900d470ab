"""What can enforce a memory limit on this machine, tested with the code that the keeper uses."""

import os
import platform
from functools import cache

from backend.domain.server import Enforcement
from backend.keeper import cgroup

_PROBE_BYTES = 1 << 30


def enforcement() -> Enforcement:
    """A control group if one can be created, else rlimit on Linux, else nothing."""
    match _group_version():
        case 2:
            return "cgroup2"
        case 1:
            return "cgroup1"
        case _:
            return "rlimit" if platform.system() == "Linux" else "none"


@cache
def _group_version() -> int | None:
    """Create and remove a control group with a limit; tried once, then cached."""
    group = cgroup.create(f"probe-{os.getpid()}", _PROBE_BYTES)
    if group is None:
        return None
    cgroup.remove(group)
    return group.version

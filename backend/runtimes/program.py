"""What the processes of model servers run."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ServerProgram:
    """`python -m module` in a part of this environment, see `server_environment`.

    `warm`: module with `preload` and `run`, if servers may be forked, see `WarmStart`.
    """

    python: str
    module: str
    environment: Mapping[str, str]
    warm: str | None = None


def program_of(module: str, environment: Mapping[str, str], *, may_fork: bool) -> ServerProgram:
    """The program of this package, with the interpreter of this process."""
    warm = f"{module}.warm" if may_fork else None
    return ServerProgram(python=sys.executable, module=module, environment=environment, warm=warm)

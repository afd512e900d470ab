"""What the processes of model servers run."""

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

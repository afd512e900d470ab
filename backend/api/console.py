"""What whoever started us reads on the terminal."""

import sys

from backend import __version__
from backend.config import Settings
from backend.domain.machine import Exposure


def announce(settings: Settings, exposure: Exposure, *, has_wizard: bool) -> None:
    """Say where everything is."""
    host = "localhost" if exposure.scope == "loopback" else exposure.host
    lines = [f"Slipway {__version__}"]
    if exposure.message:
        lines.append(exposure.message)
    if has_wizard:
        lines.append(f"  wizard   http://{host}:{settings.frontend_port}")
    lines.append(f"  API      http://{host}:{settings.backend_port}{settings.api_prefix}")
    lines.append(f"  docs     http://{host}:{settings.backend_port}/docs")
    if settings.enable_metrics:
        lines.append(f"  metrics  http://{host}:{settings.metrics_port}/metrics")
    lines.append("  Ctrl-C stops everything")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """One line for whoever started us."""
    sys.stderr.write(f"warning: {text}\n")

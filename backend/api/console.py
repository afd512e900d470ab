"""What whoever started us reads on the terminal."""

import sys

from backend import __version__
from backend.config import Settings
from backend.domain.machine import Exposure


def announce(settings: Settings, exposure: Exposure, *, has_wizard: bool) -> None:
    """Say where everything is."""
    lines = [f"Slipway {__version__}"]
    if exposure.message:
        lines.append(exposure.message)
    if has_wizard:
        lines.append(f"  wizard   {_urls(exposure, settings.frontend_port)}")
    lines.append(f"  API      {_urls(exposure, settings.backend_port, settings.api_prefix)}")
    lines.append(f"  docs     {_urls(exposure, settings.backend_port, '/docs')}")
    if settings.enable_metrics:
        lines.append(f"  metrics  {_urls(exposure, settings.metrics_port, '/metrics')}")
    lines.append("  Ctrl-C stops everything")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """One line for whoever started us."""
    sys.stderr.write(f"warning: {text}\n")


def _urls(exposure: Exposure, port: int, path: str = "") -> str:
    """One URL for each host that opens the server."""
    return "  ".join(f"http://{host}:{port}{path}" for host in exposure.hosts)

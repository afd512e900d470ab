"""Output on the terminal at startup."""

import sys

from backend import __version__
from backend.config import Settings
from backend.domain.machine import Exposure


def announce(settings: Settings, exposure: Exposure, *, has_wizard: bool) -> None:
    """Print the URLs of the running server."""
    lines = [f"Slipway {__version__}"]
    if exposure.message:
        lines.append(exposure.message)
    if settings.public_url:
        lines.append(f"  public   {settings.public_url}/")
    if has_wizard:
        lines.append(f"  wizard   {_urls(exposure, settings.frontend_port)}")
    lines.append(f"  API      {_urls(exposure, settings.backend_port, settings.api_prefix)}")
    lines.append(f"  docs     {_urls(exposure, settings.backend_port, '/docs')}")
    if settings.enable_metrics:
        lines.append(f"  metrics  {_urls(exposure, settings.metrics_port, '/metrics')}")
    lines.append("  Ctrl-C stops everything")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def warn_of_own_ports(settings: Settings) -> None:
    """Warn about ports of the control plane that are in the range for model servers."""
    first, last = settings.model_serve_port_start, settings.model_serve_port_end
    for port, name in settings.own_ports.items():
        if first <= port <= last:
            warn(
                f"{name}={port} is inside MODEL_SERVE_PORT_START={first} to "
                f"MODEL_SERVE_PORT_END={last}; model servers skip this port."
            )


def warn(text: str) -> None:
    """Print one warning on stderr."""
    sys.stderr.write(f"warning: {text}\n")


def _urls(exposure: Exposure, port: int, path: str = "") -> str:
    """One URL per host that reaches the server, separated by spaces."""
    return "  ".join(f"http://{host}:{port}{path}" for host in exposure.hosts)

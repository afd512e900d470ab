"""Which addresses to bind; the rule about public addresses without an API key."""

import ipaddress

from backend.api.addresses import is_wildcard, openable_hosts
from backend.config import Settings
from backend.domain.machine import Exposure
from backend.errors.config import UnsafeExposure

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether the address is reachable only from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def decide(settings: Settings) -> tuple[Exposure, str]:
    """Addresses to bind for the control plane and for model servers.

    A wildcard without an API key is replaced by loopback, with a message; any other public address
    without a key raises UnsafeExposure.
    """
    host, open_anyway = settings.backend_host, settings.allow_insecure_public
    serve_host = settings.model_serve_host or host
    guarded = settings.key is not None or open_anyway
    message = None
    if not guarded:
        for name, value in (("BACKEND_HOST", host), ("MODEL_SERVE_HOST", serve_host)):
            if not is_wildcard(value) and not is_loopback(value):
                raise UnsafeExposure(f"{name}={value} is a public address and no API key is set.")
        if is_wildcard(host) or is_wildcard(serve_host):
            message = (
                f"{'BACKEND_HOST' if is_wildcard(host) else 'MODEL_SERVE_HOST'} is a wildcard "
                "address without an API key: Slipway listens on this machine only. To listen "
                "on the network, set API_KEY_ENABLED=true and API_KEY."
            )
            host = LOOPBACK if is_wildcard(host) else host
            serve_host = LOOPBACK if is_wildcard(serve_host) else serve_host
    exposure = Exposure(
        host=host,
        hosts=openable_hosts(host),
        scope="loopback" if is_loopback(host) else "network",
        api_key_required=settings.key is not None,
        message=message,
    )
    return exposure, serve_host

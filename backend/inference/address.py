"""The URL of this model server as one client sees it, for URLs in responses."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from backend.domain.addresses import endpoint_url
from backend.domain.server import ServerSpec
from backend.transport.forwarded import SERVED_AT, client_url, is_host, is_url_path


@dataclass(frozen=True, kw_only=True)
class Address:
    """`url` is for responses; `path` is the prefix of this client's requests. No trailing slash."""

    url: str
    path: str


def address_of(spec: ServerSpec, scope: Scope) -> Address:
    """The address from the control plane's proxy, else from PUBLIC_URL, else from the request."""
    original = _original(scope)
    if original is not None:
        return original
    client = client_url(scope)
    if spec.public_url is None:
        return Address(url=str(client), path=client.path)
    port = (scope.get("server") or ("", None))[1] or spec.port or 0
    return Address(url=endpoint_url(spec.public_url, spec.name, port), path=client.path)


def errors_above(scope: Scope) -> str:
    """Prefix of `/errors/{code}`, which the control plane serves; empty at its root."""
    original = _original(scope)
    return original.path.rpartition("/d/")[0] if original else ""


def _original(scope: Scope) -> Address | None:
    """The proxy header of the control plane, accepted only from this machine."""
    value = next((value for name, value in scope["headers"] if name == SERVED_AT), None)
    if value is None or not _is_this_machine(scope):
        return None
    url, _, path = value.decode("latin-1").partition(" ")
    parts = urlsplit(url)
    is_url = parts.scheme in {"http", "https"} and is_host(parts.netloc)
    if not is_url or not is_url_path(parts.path) or not is_url_path(path):
        return None
    return Address(url=f"{parts.scheme}://{parts.netloc}{parts.path}", path=path)


def _is_this_machine(scope: Scope) -> bool:
    """Return whether the peer is loopback, or has the address that it connected to."""
    peer, own = scope.get("client"), scope.get("server")
    if peer is None or own is None:
        return False
    try:
        return peer[0] == own[0] or ipaddress.ip_address(peer[0]).is_loopback
    except ValueError:
        return False

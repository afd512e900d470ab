"""The URL of this model server for one client: what its own answers print."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from backend.domain.addresses import endpoint_url
from backend.domain.server import ServerSpec
from backend.transport.forwarded import SERVED_AT, client_url, is_host, is_url_path


@dataclass(frozen=True, kw_only=True)
class Address:
    """`url` is printed; `path` is where this client's requests begin. No slash at either end."""

    url: str
    path: str


def address_of(spec: ServerSpec, scope: Scope) -> Address:
    """What the control plane's proxy says; else by PUBLIC_URL; else by the request itself."""
    told = _told(scope)
    if told is not None:
        return told
    client = client_url(scope)
    if spec.public_url is None:
        return Address(url=str(client), path=client.path)
    port = (scope.get("server") or ("", None))[1] or spec.port or 0
    return Address(url=endpoint_url(spec.public_url, spec.name, port), path=client.path)


def errors_above(scope: Scope) -> str:
    """The path above `/errors/{code}`, whose pages the control plane has; empty at its root."""
    told = _told(scope)
    return told.path.rpartition("/d/")[0] if told else ""


def _told(scope: Scope) -> Address | None:
    """The header of the control plane, which is on this machine; nobody else's."""
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
    """A connection from loopback, or from the address that it was made to."""
    peer, own = scope.get("client"), scope.get("server")
    if peer is None or own is None:
        return False
    try:
        return peer[0] == own[0] or ipaddress.ip_address(peer[0]).is_loopback
    except ValueError:
        return False

"""The URL that a client used, also behind a reverse proxy and below a path.

`X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-Prefix` are accepted only from trusted
proxies. From every other peer they are removed, so that no later code reads a header that a
client made up.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

PROTO, HOST, PREFIX = b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-prefix"
FORWARDED = frozenset({PROTO, HOST, PREFIX})
# From the control plane to a model server: the URL to print, a space, the path of the request.
SERVED_AT = b"x-slipway-served-at"
# Path segments of unreserved characters (RFC 3986), so that HTML can contain a path unescaped.
PATH = r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+"
_PATH = re.compile(PATH)
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, kw_only=True)
class ClientUrl:
    """Scheme, host (with a port that is not the default) and path of a server for one client.

    `path` is empty, or starts with a slash and has no trailing one. `is_forwarded`: it comes from
    headers of a trusted proxy.
    """

    scheme: str
    host: str
    path: str = ""
    is_forwarded: bool = False

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"


class TrustedPeers:
    """Addresses and networks of trusted proxies. Raises ValueError for an invalid one."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(item, strict=False) for item in networks]
        self._contains = lru_cache(1024)(self._is_trusted)

    def __contains__(self, peer: object) -> bool:
        return isinstance(peer, str) and self._contains(peer)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._networks)


class ForwardedHeaders:
    """ASGI middleware: stores the client's URL and removes the proxy's path from the request.

    The path of `public_url` is removed if a request has it, with or without forwarded headers.
    """

    def __init__(
        self, app: ASGIApp, trusted_proxies: Iterable[str], public_url: str | None
    ) -> None:
        self._app = app
        self._trusted = TrustedPeers(trusted_proxies)
        self._public = urlsplit(public_url) if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request with its resolved scope."""
        if scope["type"] in {"http", "websocket"}:
            scope = self.resolve(scope)
        await self._app(scope, receive, send)

    def resolve(self, scope: Scope) -> Scope:
        """The scope as if the client had connected directly, with its URL in the state."""
        forwarded = _forwarded(scope["headers"])
        if not forwarded and self._public is None:
            return scope
        if forwarded:
            client = scope.get("client")
            is_trusted = client is not None and client[0] in self._trusted
            forwarded = _valid(forwarded) if is_trusted else {}
            kept = [pair for pair in scope["headers"] if pair[0] not in FORWARDED]
            added = [(name, value.encode()) for name, value in forwarded.items()]
            scope = {**scope, "headers": [*kept, *added]}
        url = self._url(scope, forwarded)
        scope.setdefault("state", {})["client_url"] = url
        return _without_path(scope, url.path)

    def _url(self, scope: Scope, forwarded: dict[bytes, str]) -> ClientUrl:
        scheme, host = _scheme_and_host(scope, forwarded)
        path = forwarded.get(PREFIX)
        if path is None:
            path = self._path_of(scope["path"], host)
        return ClientUrl(scheme=scheme, host=host, path=path, is_forwarded=bool(forwarded))

    def _path_of(self, path: str, host: str) -> str:
        """PUBLIC_URL's path if the client used it: the request has the path or its host."""
        if self._public is None:
            return ""
        above = self._public.path.rstrip("/")
        public_host = self._public.netloc.removesuffix(_DEFAULT_PORTS[self._public.scheme])
        is_used = f"{path}/".startswith(f"{above}/") or host.lower() == public_host.lower()
        return above if is_used else ""


def client_url(scope: Scope) -> ClientUrl:
    """The URL that the client used, as stored by `ForwardedHeaders`, which stores none for a
    server without a public URL if the request has no forwarded header."""
    state = cast("dict[str, Any]", scope.get("state", {}))
    if (stored := state.get("client_url")) is not None:
        return stored
    scheme, host = _scheme_and_host(scope, {})
    return ClientUrl(scheme=scheme, host=host)


def is_url_path(path: str) -> bool:
    """Whether it is a valid path of a server URL: nothing that HTML or a URL must escape."""
    return _PATH.fullmatch(path) is not None


def is_host(host: str) -> bool:
    """Whether it is a host name or address with an optional port, and nothing else."""
    return _HOST.fullmatch(host) is not None


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """The last value of each forwarded header, which the nearest proxy set or added."""
    return {
        name: value.decode("latin-1").rpartition(",")[2].strip()
        for name, value in headers
        if name in FORWARDED
    }


def _valid(forwarded: dict[bytes, str]) -> dict[bytes, str]:
    """The valid headers; a prefix without its trailing slash."""
    found: dict[bytes, str] = {}
    if forwarded.get(PROTO, "").lower() in _DEFAULT_PORTS:
        found[PROTO] = forwarded[PROTO].lower()
    # An invalid host is kept, so that the guard rejects it.
    if forwarded.get(HOST):
        found[HOST] = forwarded[HOST].encode("ascii", "replace").decode()
    prefix = forwarded.get(PREFIX, "").rstrip("/")
    if PREFIX in forwarded and (not prefix or is_url_path(prefix)):
        found[PREFIX] = prefix
    return found


def _scheme_and_host(scope: Scope, forwarded: dict[bytes, str]) -> tuple[str, str]:
    """Scheme, and host without a port that is the default."""
    is_https = scope.get("scheme") in {"https", "wss"}
    scheme = forwarded.get(PROTO) or ("https" if is_https else "http")
    host = forwarded.get(HOST) or _host_sent(scope) or "localhost"
    return scheme, host.removesuffix(_DEFAULT_PORTS[scheme])


def _host_sent(scope: Scope) -> str:
    for name, value in scope.get("headers", ()):
        if name == b"host":
            return value.decode("latin-1")
    return ""


def _without_path(scope: Scope, path: str) -> Scope:
    """The scope without the path, if the proxy did not remove it."""
    sent = scope["path"]
    if not path or not f"{sent}/".startswith(f"{path}/"):
        return scope
    rest = sent[len(path) :] or "/"
    raw = scope.get("raw_path") or b""
    has_same = raw.startswith(path.encode())
    raw = (raw[len(path) :] or b"/") if has_same else quote(rest).encode()
    return {**scope, "path": rest, "raw_path": raw}

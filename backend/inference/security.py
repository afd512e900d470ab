"""Access control: Host, Origin and API key are checked first; access is denied by default."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers

from backend.domain.server import ServerSpec
from backend.errors.request import Forbidden, HostNotAllowed, KeyInQuery, Unauthorized
from backend.transport.forwarded import is_host

# Exact paths that are public; all others require the key, if one is configured.
PUBLIC = frozenset({"/health", "/ready", "/ping", "/docs", "/openapi.json"})
PUBLIC_FOLDER = "/docs/assets/"
# Load balancers send these with HTTP/1.0 and no Host header.
PROBES = frozenset({"/health", "/ready", "/ping"})
# Host headers that were accepted; a host has as many as it has ports.
_MOST_KNOWN = 100
_KEY_NAMES = frozenset({"api_key", "apikey", "api-key", "access_token", "token", "authorization"})
_ALLOWED_HEADERS = "authorization, content-type, content-encoding, x-api-key, x-request-id, accept"
_SHOWN_HEADERS = "x-request-id, server-timing, retry-after, warning"


class Gate:
    """Access rules of one server, from its spec."""

    def __init__(self, spec: ServerSpec) -> None:
        self._hosts = frozenset(host.lower() for host in spec.allowed_hosts)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in spec.cors_origins)
        self._known: set[str] = set()
        self._digest = spec.api_key_sha256.lower() if spec.api_key_sha256 else None

    def check_place(self, path: str, headers: Headers) -> None:
        """Check the Host and Origin headers. Raises HostNotAllowed or Forbidden."""
        # Browsers always send Host, so a probe without one cannot be DNS rebinding.
        if path not in PROBES or any(headers.getlist("host")):
            self._check_host(headers)
        self._check_origin(headers)

    def check_key(self, path: str, query: bytes, headers: Headers) -> None:
        """Check the API key, if required. Raises KeyInQuery, Unauthorized or Forbidden."""
        names = (name.lower() for name, _ in parse_qsl(query.decode("latin-1")))
        if query and not _KEY_NAMES.isdisjoint(names):
            raise KeyInQuery("The URL contains an API key; URLs are logged.")
        if self._digest and path not in PUBLIC and not path.startswith(PUBLIC_FOLDER):
            self._compare(headers, self._digest)

    def is_preflight(self, method: str, headers: Mapping[str, str]) -> bool:
        """Return whether this is a CORS preflight request, which never has a key."""
        return method == "OPTIONS" and "access-control-request-method" in headers

    def cors(self, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """CORS headers that allow a page of an allowed origin to read the response."""
        origin = headers.get("origin")
        if not origin or origin.lower() not in self._origins:
            return []
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", _SHOWN_HEADERS.encode()),
            (b"access-control-allow-headers", _ALLOWED_HEADERS.encode()),
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-max-age", b"600"),
            (b"vary", b"Origin"),
        ]

    def _check_host(self, headers: Headers) -> None:
        if "*" in self._hosts or self._is_known(headers):
            return
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_host(hosts[0]):
            raise HostNotAllowed("The request has no valid Host header.", value="the host name")
        # ForwardedHeaders keeps this header only if a trusted proxy sent it.
        for name in map(_name, (*hosts, *headers.getlist("x-forwarded-host"))):
            if name not in self._hosts:
                detail = f"{name[:253]} is not a host name of this model server."
                raise HostNotAllowed(f"{detail} Restart it after the change.", value=name[:253])
        if len(self._known) < _MOST_KNOWN:
            self._known.add(hosts[0])

    def _is_known(self, headers: Headers) -> bool:
        """Whether the same Host header, as the only one, was accepted before."""
        hosts = headers.getlist("host")
        return len(hosts) == 1 and hosts[0] in self._known and "x-forwarded-host" not in headers

    def _check_origin(self, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None or origin.lower() in self._origins:
            return
        hosts = {headers.get(name, "").lower() for name in ("host", "x-forwarded-host")}
        if origin != "null" and urlsplit(origin).netloc.lower() in hosts:
            return
        raise Forbidden("This web origin is not allowed to call the model.")

    def _compare(self, headers: Headers, digest: str) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        given = key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        if not given:
            raise Unauthorized("The request has no API key.")
        found = hashlib.sha256(given.encode("latin-1", "replace")).hexdigest()
        if not hmac.compare_digest(found, digest):
            raise Forbidden("The API key is wrong.")


def _name(host: str) -> str:
    """Host name without the port; IPv6 addresses keep their brackets."""
    host = host.lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host

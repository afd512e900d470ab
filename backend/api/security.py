"""Access control before routing: Host, Origin, API key and content type.

Deny by default: paths that are not public require the key. Decisions use the path that is
routed, never a URL built from the Host header (CVE-2026-48710).
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import send as send_problem
from backend.errors import PlatformError
from backend.errors.request import (
    Forbidden,
    HostNotAllowed,
    KeyInQuery,
    Unauthorized,
    UnsupportedMediaType,
    WrongKey,
)
from backend.transport.forwarded import is_host

PUBLIC = frozenset({"/health", "/ready", "/docs", "/redoc", "/openapi.json"})
PUBLIC_BELOW = ("/errors/", "/docs-assets/")
# Load balancers send these over HTTP/1.0 without a Host header.
PROBES = frozenset({"/health", "/ready"})
EXPOSED = "X-Request-Id, Server-Timing, Retry-After, Location, Content-Disposition"
ACCEPTED = "Authorization, Content-Type, Content-Encoding, X-API-Key, Idempotency-Key, X-Request-Id"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SCHEMES = ("http", "https")
SECRET_NAMES = frozenset({"api_key", "apikey", "key", "token", "access_token"})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Allowed hosts and origins, the key and trusted proxies."""

    api_prefix: str
    key_sha256: str | None
    hosts: frozenset[str]
    origins: frozenset[str]
    any_address: bool
    trusted_proxies: tuple[str, ...] = ()
    public_url: str | None = None


def host_name(host: str) -> str:
    """The host without its port; IPv6 keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host


def is_public(rules: Rules, method: str, path: str) -> bool:
    """Whether a request requires no key: public paths, and the wizard's own files."""
    if path in PUBLIC or path.startswith(PUBLIC_BELOW):
        return True
    guarded = path == rules.api_prefix or path.startswith((f"{rules.api_prefix}/", "/d/"))
    return not guarded and method in {"GET", "HEAD"}


def key_matches(rules: Rules, key: str) -> bool:
    """Compare in constant time."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return rules.key_sha256 is not None and hmac.compare_digest(digest, rules.key_sha256)


def sent_key(headers: Headers) -> str | None:
    """The key in the request: Authorization Bearer, or X-API-Key; None without one."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return headers.get("x-api-key")


def refuse_key(rules: Rules, headers: Headers) -> PlatformError | None:
    """The error for a missing or wrong key; None if the key is right."""
    key = sent_key(headers)
    if key is None:
        return Unauthorized("No API key was sent.")
    return None if key_matches(rules, key) else WrongKey("The API key does not match API_KEY.")


def host_not_allowed(host: str) -> HostNotAllowed:
    """The error for a host that is not allowed, with the setting to change."""
    name = host_name(host).lower()
    if not is_host(host):
        return HostNotAllowed("The request has no valid Host header.", value="the host name")
    return HostNotAllowed(f"{name} is not a host name of this server.", value=name)


class Guard:
    """ASGI middleware that rejects requests and adds CORS headers."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject the request, respond to a CORS preflight, or forward it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        error = self._refuse(scope, headers)
        if error is not None:
            await _deny(error, scope, receive, send)
            return
        origin = headers.get("origin")
        if scope["type"] == "http" and origin and origin in self._rules.origins:
            await self._with_cors(origin, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refuse(self, scope: Scope, headers: Headers) -> PlatformError | None:
        # ForwardedHeaders keeps a forwarded host only from a trusted proxy. Host is checked, too:
        # with DNS rebinding, a page on this machine can set the former, but not the latter.
        # Every browser sends Host, so a request without it is not DNS rebinding. Only probes need
        # this exception; a proxy could have removed a browser's header on other paths.
        is_probe = not headers.get("host") and scope["path"] in PROBES
        for name in ("host", "x-forwarded-host"):
            host = headers.get(name, "" if name == "host" else "localhost")
            if not is_probe and not self._host_allowed(host):
                return host_not_allowed(host)
        if SECRET_NAMES & parse_qs(scope.get("query_string", b"").decode("latin-1")).keys():
            return KeyInQuery("The URL contains an API key.")
        method = scope.get("method", "GET")
        if not self._origin_allowed(scope["type"], method, headers):
            return Forbidden("The origin of the web page is not allowed.")
        if scope["type"] == "websocket":
            return None  # its key is sent as a subprotocol or a ticket, see api/ws.py
        if method == "OPTIONS" and "access-control-request-method" in headers:
            return None
        return self._refuse_http(scope["path"], method, headers)

    def _refuse_http(self, path: str, method: str, headers: Headers) -> PlatformError | None:
        rules = self._rules
        if rules.key_sha256 is not None and not is_public(rules, method, path):
            refusal = refuse_key(rules, headers)
            if refusal is not None:
                return refusal
        proxied = path.startswith("/d/") or "/proxy/" in path
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if method not in SAFE and has_body and not proxied:
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                return UnsupportedMediaType("Send `Content-Type: application/json`.")
        return None

    def _host_allowed(self, host: str) -> bool:
        name = host_name(host).lower()
        if name in self._rules.hosts:
            return True
        if not self._rules.any_address:
            return False
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True

    def _origin_allowed(self, kind: str, method: str, headers: Headers) -> bool:
        """Whether the Origin is allowed. GET is: without CORS headers a page cannot read it."""
        origin = headers.get("origin")
        if origin is None or (kind == "http" and method in {"GET", "HEAD"}):
            return True
        hosts = (headers.get("host", ""), headers.get("x-forwarded-host", ""))
        proto = headers.get("x-forwarded-proto")
        own = {f"{scheme}://{host}" for scheme in SCHEMES for host in hosts if host}
        is_own = origin in own and (proto is None or origin.startswith(f"{proto}://"))
        return is_own or origin in self._rules.origins

    async def _with_cors(self, origin: str, scope: Scope, receive: Receive, send: Send) -> None:
        allow = {
            b"access-control-allow-origin": origin.encode("latin-1"),
            b"vary": b"Origin",
            b"access-control-expose-headers": EXPOSED.encode(),
        }
        if scope["method"] == "OPTIONS":
            response = Response(
                status_code=204,
                headers={
                    **{name.decode(): value.decode() for name, value in allow.items()},
                    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
                    "Access-Control-Allow-Headers": ACCEPTED,
                    "Access-Control-Max-Age": "600",
                },
            )
            await response(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *allow.items()]
            await send(message)

        await self._app(scope, receive, with_headers)


async def _deny(error: PlatformError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Before accept: uvicorn responds to the upgrade with 403.
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    await send_problem(error, scope, receive, send)

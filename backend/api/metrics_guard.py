"""Access to METRICS_PORT: open on loopback; elsewhere with the API key, if it is enabled."""

import socket

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api import problems
from backend.api.console import warn
from backend.api.request_id import RequestIds
from backend.api.security import Rules, refuse_key
from backend.api.serving import Server, make_server
from backend.api.sockets import listen
from backend.config import Settings
from backend.domain.machine import Exposure
from backend.errors import PlatformError


class KeyRequired:
    """ASGI middleware that requires the API key for every request."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with 401 or 403, or forward the request."""
        is_http = scope["type"] == "http"
        error = refuse_key(self._rules, Headers(scope=scope)) if is_http else None
        if error is not None:
            await problems.send(error, scope, receive, send)
            return
        await self._app(scope, receive, send)


def guarded_metrics(app: ASGIApp, rules: Rules, exposure: Exposure) -> ASGIApp:
    """The metrics application with its middleware.

    It requires the API key if keys are enabled and other machines can reach the socket. On loopback
    it does not: Prometheus on this machine can scrape it without configuration.
    """
    wants_key = rules.key_sha256 is not None and exposure.scope == "network"
    return RequestIds(problems.CatchAll(KeyRequired(app, rules) if wants_key else app))


def metrics_beside(
    app: ASGIApp, settings: Settings, rules: Rules, exposure: Exposure
) -> tuple[Server, socket.socket] | None:
    """The server on METRICS_PORT, if metrics are enabled and its port is free."""
    if not settings.enable_metrics:
        return None
    try:
        sock = listen(exposure.host, settings.metrics_port, "METRICS_PORT")
    except PlatformError as error:
        warn(f"{error.detail} Metrics are not served.")
        return None
    return make_server(guarded_metrics(app, rules, exposure), lifespan=False), sock

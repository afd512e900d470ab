"""Who may read METRICS_PORT: everybody on this machine, others with the API key."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api import problems
from backend.api.request_id import RequestIds
from backend.api.security import Rules, refuse_key
from backend.domain.machine import Exposure


class KeyRequired:
    """ASGI middleware: every request needs the API key."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 403, or pass on."""
        is_http = scope["type"] == "http"
        error = refuse_key(self._rules, Headers(scope=scope)) if is_http else None
        if error is not None:
            await problems.send(error, scope, receive, send)
            return
        await self._app(scope, receive, send)


def guarded_metrics(app: ASGIApp, rules: Rules, exposure: Exposure) -> ASGIApp:
    """The metrics application as it is served.

    It needs the key where keys are enabled and other machines can reach the socket. On loopback it
    needs none: a Prometheus on this machine scrapes it without any configuration.
    """
    wants_key = rules.key_sha256 is not None and exposure.scope == "network"
    return RequestIds(problems.CatchAll(KeyRequired(app, rules) if wants_key else app))

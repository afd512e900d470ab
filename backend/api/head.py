"""HEAD for every GET route: FastAPI's routes support only GET (RFC 9110, 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """ASGI middleware: a HEAD request runs the GET route; its body is not sent.

    Routes that are forwarded to a model server support HEAD themselves and are not changed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a HEAD request as GET, and drop the body of the response."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or _is_proxied(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


def _is_proxied(path: str) -> bool:
    return path.startswith("/d/") or "/proxy/" in path

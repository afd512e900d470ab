"""Which route a request gets, and what the others are told."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.request import MethodNotAllowed, NotFound
from backend.inference.router import Route, Router


def named(name: str) -> Any:
    async def endpoint(request: Request) -> Response:
        values = [*request.path_params.values()]
        return Response(" ".join([name, *values]))

    return endpoint


ROUTER = Router(
    [
        Route(path="/", method="POST", endpoint=named("run")),
        Route(path="/", method="GET", endpoint=named("welcome")),
        Route(path="/v1/models", method="GET", endpoint=named("list")),
        Route(path="/v1/models/{id:path}:predict", method="POST", endpoint=named("predict")),
        Route(path="/v1/models/{id:path}", method="GET", endpoint=named("one")),
        Route(path="/docs/assets/{name}", method="GET", endpoint=named("asset")),
        Route(path="/", method="GET", endpoint=named("never")),
    ],
    lambda path: NotFound(f"nothing at {path}"),
)


async def ask(method: str, path: str) -> tuple[str, str]:
    """Body of the response, and the template that metrics get."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "state": {}}
    await ROUTER(scope, receive, send)
    return sent[1]["body"].decode(), scope["state"]["route"]


@pytest.mark.parametrize(
    ("method", "path", "body", "template"),
    [
        ("POST", "/", "run", "/"),
        ("GET", "/", "welcome", "/"),
        ("HEAD", "/v1/models", "list", "/v1/models"),
        ("GET", "/v1/models/a/b", "one a/b", "/v1/models/{id:path}"),
        ("POST", "/v1/models/a/b:predict", "predict a/b", "/v1/models/{id:path}:predict"),
        ("GET", "/docs/assets/x.css", "asset x.css", "/docs/assets/{name}"),
    ],
)
async def test_the_first_route_of_path_and_method_responds(
    method: str, path: str, body: str, template: str
) -> None:
    assert await ask(method, path) == (body, template)


async def test_start_and_end_of_the_application_are_confirmed() -> None:
    sent: list[Any] = []
    incoming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        return next(incoming)

    await ROUTER({"type": "lifespan", "state": {}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize("path", ["/V1/models", "/docs/assets/a/b", "//", ""])
async def test_an_unknown_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFound, match="nothing at"):
        await ask("GET", path)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/", "GET, HEAD, POST"),
        ("POST", "/v1/models", "GET, HEAD"),
        ("OPTIONS", "/v1/models/a:predict", "GET, HEAD, POST"),
        ("GET ", "/docs/assets/a", "GET, HEAD"),
    ],
)
async def test_another_method_is_told_the_ones_there_are(
    method: str, path: str, allow: str
) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        await ask(method, path)
    assert refused.value.values["allow"] == allow

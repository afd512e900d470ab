"""Streams to a deployment's own server: for the playground, and for who can reach one port only."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx2
from fastapi import APIRouter, Path, Request
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from backend.api.services import Services, Use
from backend.domain.deployment import State
from backend.errors.inference import ModelLoading
from backend.store.records import DeploymentRecord

METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"]
# Headers of one connection, not of the message (RFC 9110 §7.6.1), and what we set ourselves.
HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "date",
        "server",
        "host",
        "origin",
        "accept-encoding",
    }
)
Name = Annotated[str, Path(description="Id or unique name.", max_length=80)]
Rest = Annotated[str, Path(description="Path on the model server.")]


def router_under_prefix() -> APIRouter:
    """The route below API_PREFIX."""
    router = APIRouter(tags=["proxy"])
    router.add_api_route(
        "/deployments/{key}/proxy/{path:path}", forward, methods=METHODS, include_in_schema=False
    )
    return router


def router_short() -> APIRouter:
    """The short one, `/d/{name}/{path}`."""
    router = APIRouter(tags=["proxy"])
    router.add_api_route("/d/{key}/{path:path}", forward, methods=METHODS, include_in_schema=False)
    return router


async def forward(request: Request, key: Name, path: Rest, use: Use) -> Response:
    """Pass the request on, and the answer back as it comes. 503 where no server is ready."""
    record = await use.store.deployments.find(key)
    url = await _url(use, record)
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP]
    outgoing = use.client.build_request(
        request.method,
        f"{url}/{path}",
        params=request.query_params,
        headers=headers,
        content=_body(request) if _has_body(request) else None,
    )
    try:
        answer = await use.client.send(outgoing, stream=True)
    except httpx2.HTTPError as error:
        detail = f"The server of {record.name!r} does not answer."
        raise ModelLoading(detail, retry_after=2) from error
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
    return StreamingResponse(
        answer.aiter_raw(), answer.status_code, kept, background=BackgroundTask(answer.aclose)
    )


async def _url(use: Services, record: DeploymentRecord) -> str:
    server = await use.store.servers.current(record.id)
    if server is None or record.state not in {State.RUNNING, State.UPDATING, State.UPDATE_FAILED}:
        detail = f"{record.name!r} is {record.state}, so nothing answers for it."
        raise ModelLoading(detail, retry_after=2)
    return server.handle.url


def _has_body(request: Request) -> bool:
    return (
        "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
    )


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk

"""Map every error to a problem response (RFC 9457), for all of the control plane."""

import math
from typing import cast

import orjson
import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import FieldError, PlatformError, Problem
from backend.errors.request import (
    InvalidRequest,
    InvalidSyntax,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
)
from backend.errors.state import InternalError
from backend.transport.forwarded import client_url

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


def problem_response(error: PlatformError, scope: Scope) -> Response:
    """The response for an error, with the request id."""
    state = cast("dict[str, str]", scope.get("state", {}))
    request_id = state.get("request_id")
    above = client_url(scope).path
    instance = f"{above}{scope['path']}" if "path" in scope else None
    problem = error.problem(instance=instance, request_id=request_id)
    if above and problem.type.startswith("/"):
        problem = problem.model_copy(update={"type": f"{above}{problem.type}"})
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body(problem, error.retry_after), error.status, headers, MEDIA_TYPE)


def body(problem: Problem, retry_after: float | None = None) -> bytes:
    """The JSON of a problem. A 503 also has the Hub's `estimated_time`, in seconds."""
    members = problem.model_dump(mode="json")
    if problem.status == 503 and retry_after is not None:
        members["estimated_time"] = float(retry_after)
    return orjson.dumps(members)


async def send(error: PlatformError, scope: Scope, receive: Receive, send_: Send) -> None:
    """Send an error response from ASGI middleware."""
    await problem_response(error, scope)(scope, receive, send_)


def field_errors(error: RequestValidationError) -> tuple[FieldError, ...]:
    """Invalid fields with the reasons, at most 20; never includes the values that were sent."""
    found: list[FieldError] = []
    for item in error.errors():
        place = [str(part) for part in item["loc"]]
        if place[:1] == ["body"]:
            pointer = "#/" + "/".join(_escape(part) for part in place[1:])
        else:
            pointer = "/".join(_escape(part) for part in place)
        found.append(FieldError(pointer=pointer[:200], detail=str(item["msg"])[:200]))
    return tuple(found[:20])


def _escape(part: str) -> str:
    return part.encode("ascii", "replace").decode()


def invalid(error: RequestValidationError) -> PlatformError:
    """The catalogue error for an invalid body, query or path."""
    errors = field_errors(error)
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return InvalidSyntax("The body is not valid JSON.")
    places = "; ".join(f"{item.pointer}: {item.detail}" for item in errors[:3])
    return InvalidRequest(f"{len(errors)} invalid field(s): {places}.", errors=errors)


def of_http(error: HTTPException) -> PlatformError:
    """The catalogue error for an exception of Starlette or FastAPI."""
    if isinstance(error.__cause__, PlatformError):
        return error.__cause__
    if error.status_code == 404:
        return NotFound("No route matches this URL.")
    if error.status_code == 405:
        return MethodNotAllowed("This URL supports other methods.")
    if error.status_code == 413:
        return PayloadTooLarge("The body is larger than MAX_REQUEST_MB allows.")
    if 400 <= error.status_code < 500:
        return InvalidSyntax("The body could not be read.")
    return InternalError("The request could not be handled.")


def install(app: Starlette) -> None:
    """Register the exception handlers."""

    async def platform(request: Request, error: Exception) -> Response:
        if not isinstance(error, PlatformError):
            raise error
        return problem_response(error, request.scope)

    async def validation(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        return problem_response(invalid(error), request.scope)

    async def http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        response = problem_response(of_http(error), request.scope)
        if error.status_code == 405 and error.headers:
            response.headers["Allow"] = error.headers.get("Allow", "")
        return response

    app.add_exception_handler(PlatformError, platform)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)


class CatchAll:
    """ASGI middleware that logs unexpected exceptions with their traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send_: Send) -> None:
        """Forward the request; respond with 500 on an exception, unless a response has started."""
        began = False

        async def watched(message: Message) -> None:
            nonlocal began
            began = (
                began or message["type"].endswith(".start") or message["type"].endswith(".accept")
            )
            await send_(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("request_crashed", path=scope.get("path"))
            if began or scope["type"] != "http":
                raise
            await send(
                InternalError("An unexpected error occurred; see the log."), scope, receive, send_
            )

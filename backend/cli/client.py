"""Calls to the API of a control plane."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from backend.errors import Problem, ProblemError
from backend.errors.cli import ControlPlaneUnreachable, UnexpectedResponse

V = TypeVar("V", bound=BaseModel)
PREFIX = "/api/v1"
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 60.0


class Client:
    """One control plane. Its problems are raised as ProblemError."""

    def __init__(self, http: httpx2.Client, url: str) -> None:
        self._http = http
        self._url = url

    def post(self, path: str, body: BaseModel, returns: type[V]) -> V:
        """The response to a POST; fields without a value of their own are left out."""
        content = body.model_dump_json(exclude_unset=True)
        return self._call("POST", path, returns, content=content)

    def get(self, path: str, returns: type[V]) -> V:
        """The response to a GET."""
        return self._call("GET", path, returns)

    def delete(self, path: str, returns: type[V]) -> V:
        """The response to a DELETE."""
        return self._call("DELETE", path, returns)

    def _call(self, method: str, path: str, returns: type[V], **more: Any) -> V:
        try:
            response = self._http.request(method, path, **more)
        except httpx2.HTTPError as error:
            raise _made(ControlPlaneUnreachable(_why(self._url, error))) from error
        try:
            if response.is_success:
                return returns.model_validate_json(response.content)
            problem = Problem.model_validate_json(response.content)
        except ValidationError as error:
            status = response.status_code
            detail = f"{self._url} sent a response with status {status} that is not Slipway's."
            raise _made(UnexpectedResponse(detail)) from error
        raise ProblemError(problem)


def _made(error: ControlPlaneUnreachable | UnexpectedResponse) -> ProblemError:
    return ProblemError(error.problem())


def _why(url: str, error: httpx2.HTTPError) -> str:
    return f"{url} did not respond: {error or type(error).__name__}."


@contextmanager
def connected(url: str, key: str | None) -> Generator[Client]:
    """A client of the control plane at `url`, which is that of the wizard or the API."""
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    timeout = httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    base = url.rstrip("/") + PREFIX
    try:
        http = httpx2.Client(base_url=base, headers=headers, timeout=timeout)
    except httpx2.InvalidURL as error:
        raise _made(ControlPlaneUnreachable(f"{url!r} is not a URL: {error}.")) from error
    with http:
        yield Client(http, url)

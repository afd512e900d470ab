"""One HTTP request to the Hub: scope of the token, redirects, and the errors of a response.

Used by the control plane (metadata) and by the download worker (files).
"""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import httpx2

from backend.errors import PlatformError
from backend.errors.hub import (
    HubRateLimited,
    HubUnauthorized,
    HubUnreachable,
    ModelGated,
    ModelNotFound,
    RevisionNotFound,
)

MAX_REDIRECTS = 5
_TLS = "https"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The Hub endpoint and the token."""

    endpoint: str
    token: Callable[[], str | None]
    allow_insecure: bool = False

    @property
    def url(self) -> str:
        """The endpoint without a trailing slash."""
        return self.endpoint.rstrip("/")

    def file_url(self, model_id: str, commit: str, path: str) -> str:
        """URL of one file of one commit."""
        return f"{self.url}/{model_id}/resolve/{quote(commit, safe='')}/{quote(path)}"

    def authorization(self, url: httpx2.URL) -> dict[str, str]:
        """The header with the token: same origin only, over TLS, loopback or where allowed."""
        token = self.token()
        home = httpx2.URL(self.url)
        if not token or _origin(url) != _origin(home):
            return {}
        if url.scheme != _TLS and not is_loopback(url.host) and not self.allow_insecure:
            return {}
        return {"Authorization": f"Bearer {token}"}


class EntryNotFound(Exception):
    """The repository has no such file; handled within this package."""


class Refused(Exception):
    """A temporary failure: 429 or 5xx. `error` is raised if it persists; `retry_after` in s."""

    def __init__(self, error: PlatformError, retry_after: float | None) -> None:
        super().__init__(error.detail)
        self.error = error
        self.retry_after = retry_after


def is_loopback(host: str) -> bool:
    """Whether a host name or address is the loopback interface."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


async def new_client(
    endpoint: str, *, connect_seconds: float, read_seconds: float
) -> httpx2.AsyncClient:
    """A client that follows no redirects itself and, for loopback, uses no proxy."""
    # To read all certificates takes a tenth of a second.
    certificates = await asyncio.to_thread(_certificates)
    return httpx2.AsyncClient(
        verify=certificates,
        timeout=httpx2.Timeout(read_seconds, connect=connect_seconds),
        follow_redirects=False,
        trust_env=not is_loopback(httpx2.URL(endpoint).host),
        headers={"User-Agent": "slipway", "Accept-Encoding": "identity"},
        limits=httpx2.Limits(max_connections=16, max_keepalive_connections=8),
    )


@asynccontextmanager
async def get(
    client: httpx2.AsyncClient,
    origin: Origin,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    params: dict[str, str | list[str]] | None = None,
) -> AsyncGenerator[httpx2.Response]:
    """GET that follows redirects: the token is sent only to the origin, TLS is never downgraded.

    Raises httpx2.TransportError, and HubUnreachable on a redirect that cannot be followed.
    """
    target = httpx2.URL(url, params=params) if params else httpx2.URL(url)
    own = dict(headers or {})
    for _ in range(MAX_REDIRECTS + 1):
        sent = own | origin.authorization(target)
        async with client.stream("GET", target, headers=sent) as response:
            location = response.headers.get("location") if response.is_redirect else None
            if location is None:
                yield response
                return
            target = _next(target, location)
            if _origin(target) != _origin(httpx2.URL(origin.url)):
                own.pop("If-Range", None)  # another store has other ETags for the same bytes
    raise HubUnreachable(f"The Hub redirected too often ({MAX_REDIRECTS} redirects).")


def check(response: httpx2.Response, model_id: str, revision: str, endpoint: str) -> None:
    """Map an error status. Raises EntryNotFound, Refused, or a catalogue error."""
    status = response.status_code
    if status < 400:
        return
    code = response.headers.get("x-error-code", "")
    said = response.headers.get("x-error-message", "")
    named = {
        "GatedRepo": ModelGated(
            f"{model_id} is available only after you accept its terms.",
            page=f"{endpoint.rstrip('/')}/{model_id}",
        ),
        "RepoNotFound": ModelNotFound(
            f"The Hub has no model {model_id!r} that is visible with this token."
        ),
        "RevisionNotFound": RevisionNotFound(f"{model_id} has no revision {revision!r}."),
        "EntryNotFound": EntryNotFound(model_id),
    }
    if code in named:
        raise named[code]
    if status in {401, 403}:
        raise _unauthorized(status, said, model_id)
    if status == 404:
        raise ModelNotFound(f"The Hub has no model {model_id!r} that is visible with this token.")
    if status == 429:
        raise Refused(HubRateLimited("The Hub returned 429: too many requests."), _wait(response))
    if status >= 500:
        raise Refused(HubUnreachable(f"The Hub returned {status}."), _wait(response))
    raise HubUnreachable(f"The Hub returned the unexpected status {status}.")


def _unauthorized(status: int, said: str, model_id: str) -> PlatformError:
    # The Hub also returns 401 "Invalid username or password." for a model that does not exist.
    if status == 401 and said.startswith("Invalid username"):
        return ModelNotFound(f"The Hub has no model {model_id!r} that is visible with this token.")
    return HubUnauthorized(f"The Hub returned {status} for {model_id}.")


def _wait(response: httpx2.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdigit() and len(value) <= 6 else None


def _next(current: httpx2.URL, location: str) -> httpx2.URL:
    try:
        target = current.join(location)
    except httpx2.InvalidURL as error:
        raise HubUnreachable("The Hub redirected to an invalid URL.") from error
    leaves_tls = current.scheme == _TLS and target.scheme != _TLS
    if target.scheme not in {"http", _TLS} or leaves_tls:
        raise HubUnreachable(f"The Hub redirected to {target.scheme}:, which is not supported.")
    return target


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    default = 443 if url.scheme == _TLS else 80
    return url.scheme, url.host.lower(), url.port or default

"""The request of the verify step: a new sample of the task, sent to the public endpoint."""

import secrets
import time
from typing import cast

import httpx2

from backend.domain.plan import Plan
from backend.errors.server import VerifyFailed
from backend.pipeline.dependencies import ProbeResponse
from backend.pipeline.proof_rules import as_it_is, check, demanding
from backend.tasks import TASKS

LONGEST_SHOWN = 20
LONGEST_TEXT = 2000


class HttpProber:
    """Sends the request over HTTP, as any client would."""

    def __init__(self, client: httpx2.AsyncClient, key: str | None) -> None:
        self._client = client
        self._key = key

    async def __call__(self, plan: Plan, url: str, *, wants_key: bool) -> ProbeResponse:
        """See Prober. Raises VerifyFailed unless the response is a 200 with a valid body."""
        task = TASKS[plan.task]
        sample = task.sample(secrets.randbelow(2**31))
        headers = {
            "Content-Type": sample.content_type,
            "X-Request-Id": f"verify-{secrets.token_hex(4)}",
        }
        if wants_key and self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        is_own = plan.model.engines[0] == "handler"
        demand = as_it_is(sample) if is_own else demanding(task, sample)
        began = time.perf_counter()
        try:
            response = await self._client.post(
                f"{url}/predict{demand.query}", content=demand.body, headers=headers, timeout=None
            )
        except httpx2.HTTPError as error:
            detail = f"The endpoint could not be reached: {type(error).__name__}."
            raise VerifyFailed(detail) from error
        milliseconds = (time.perf_counter() - began) * 1000
        if response.status_code != 200:
            raise VerifyFailed(f"The endpoint returned {response.status_code}: {_reason(response)}")
        output = _output(response)
        warning = None if is_own else check(task, output)
        return ProbeResponse(
            warning=warning,
            input=demand.shown,
            output=_shorter(output),
            latency_ms=milliseconds,
            content_type=sample.content_type,
        )


def _output(response: httpx2.Response) -> object:
    """The JSON body, or content type and size of a file."""
    kind = response.headers.get("content-type", "")
    if "json" in kind:
        return response.json()
    return {"content_type": kind, "bytes": len(response.content)} if response.content else None


def _reason(response: httpx2.Response) -> str:
    try:
        return str(response.json().get("error", ""))[:300]
    except ValueError:
        return "no reason given"


def _shorter(value: object) -> object:
    """Truncate long lists and strings: a proof is read by people."""
    if isinstance(value, list):
        items = cast("list[object]", value)
        kept = [_shorter(item) for item in items[:LONGEST_SHOWN]]
        return (
            [*kept, f"… {len(items) - LONGEST_SHOWN} more"] if len(items) > LONGEST_SHOWN else kept
        )
    if isinstance(value, dict):
        return {key: _shorter(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}…"
    return value

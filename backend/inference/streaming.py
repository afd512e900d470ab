"""Server-sent events: the first piece is awaited, so that early failures are plain answers."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import StreamingResponse

from backend.errors.base import PlatformError
from backend.inference.responses import to_json


async def sse(
    events: AsyncIterator[Any], failed: Callable[[PlatformError], Any], last: bytes = b""
) -> StreamingResponse:
    """Events as `data:` lines. A failure on the way is told as one more event, `failed(error)`."""
    first = await anext(events)

    async def body() -> AsyncIterator[bytes]:
        yield line(first)
        try:
            async for event in events:
                yield line(event)
        except PlatformError as error:
            yield line(failed(error))
        finally:
            await events.aclose()  # type: ignore[attr-defined]
        if last:
            yield last

    return StreamingResponse(body(), media_type="text/event-stream")


def line(event: Any) -> bytes:
    """One event."""
    return b"data: " + to_json(event) + b"\n\n"


def hub_failure(error: PlatformError) -> dict[str, object]:
    """As Text Generation Inference says it."""
    return {"error": error.detail, "error_type": error.error_type}

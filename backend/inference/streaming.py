"""Server-sent events; the first event is awaited, so that early errors have their HTTP status."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import StreamingResponse

from backend.errors.base import PlatformError
from backend.errors.inference import OptionNotSupported
from backend.inference.responses import to_json


async def sse(
    events: AsyncIterator[Any], failed: Callable[[PlatformError], Any], last: bytes = b""
) -> StreamingResponse:
    """Return a stream of events as `data:` lines (`text/event-stream`).

    Raises errors before the first event; a later error is sent as the event `failed(error)`.
    """
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


def check_streamable(parameters: Any) -> None:
    """Raise OptionNotSupported for settings whose text is final only at the end of generation."""
    if (parameters.num_beams or 1) > 1:
        raise OptionNotSupported(
            "With num_beams above 1 no token is final before the end; leave stream out.",
            option="num_beams",
        )
    if (parameters.num_return_sequences or 1) > 1:
        raise OptionNotSupported(
            "A stream has one text; send a request for each, or leave stream out.",
            option="num_return_sequences",
        )


def line(event: Any) -> bytes:
    """Serialize one event."""
    return b"data: " + to_json(event) + b"\n\n"


def hub_failure(error: PlatformError) -> dict[str, object]:
    """An error event in the format of Text Generation Inference."""
    return {"error": error.detail, "error_type": error.error_type}

"""The event loop of both processes."""

import asyncio


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's if it is installed: about a third less time for each hop of a request."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()

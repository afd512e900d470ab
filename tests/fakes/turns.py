"""Iterations of the event loop."""

import asyncio


async def until_queued() -> None:
    """Inputs of tasks that were just created are in the queue of the model after this: a task runs
    in the next iteration of the loop, and its inputs enter the queue in the one after that."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)

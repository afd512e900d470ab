"""Where inputs are encoded and results decoded: in threads, or at once if it takes no time."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Reader:
    """Threads beside the model thread. Tokenizers keep settings between calls, so that their work
    never runs in two threads: the event loop takes it only while no thread has any."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "reader")
        self._lock = threading.Lock()
        self._now = 0

    async def run(self, work: Callable[[], T], *, is_short: bool = False) -> T:
        """Run `work` in a thread. If it takes far less than a millisecond, the change of threads
        costs more than it does, so that the event loop runs it."""
        if is_short and self._now == 0:
            return work()
        with self._lock:
            self._now += 1
        running = self._threads.submit(work)
        # Not when the caller is cancelled, but when the thread is done.
        running.add_done_callback(self._finished)
        return await asyncio.wrap_future(running)

    def close(self) -> None:
        """Stop the threads, without waiting for work in progress."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _finished(self, _: object) -> None:
        with self._lock:
            self._now -= 1

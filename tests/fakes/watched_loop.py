"""Event loops that record every callback that holds them, in processes under test.

The time of a callback is that of the processor: how long it waits for a core, or for a thread that
holds the interpreter's lock, depends on what else the machine does.
"""

import asyncio
import sys
import threading
import time
import traceback
from asyncio import events
from pathlib import Path

from backend.transport import event_loop

LIMIT_SECONDS = 0.1


class _Place:
    """Where the loop's thread is when a callback has run for some time."""

    def __init__(self, loop_thread: int) -> None:
        self.seen = ""
        self._loop_thread = loop_thread
        self._began = float("inf")
        threading.Thread(target=self._look, daemon=True).start()

    def begin(self) -> None:
        """A callback begins."""
        self.seen, self._began = "", time.perf_counter()

    def _look(self) -> None:
        while True:
            time.sleep(LIMIT_SECONDS / 4)
            if not self.seen and time.perf_counter() - self._began > LIMIT_SECONDS * 0.6:
                frame = sys._current_frames().get(self._loop_thread)
                places = traceback.extract_stack(frame)
                ours = [one for one in places if "backend" in Path(one.filename).parts]
                self.seen = " > ".join(f"{Path(p.filename).name}:{p.lineno} {p.name}" for p in ours)


def install(record: Path) -> None:
    """Before anything else is imported: from now on, loops of this process write to this file."""
    usual = events.Handle._run
    place = _Place(threading.get_ident())

    def run(self: events.Handle) -> None:
        began = time.thread_time()
        place.begin()
        usual(self)
        held = time.thread_time() - began
        if held > LIMIT_SECONDS:
            with record.open("a") as file:
                file.write(f"{held:.3f} s in {place.seen or repr(self)}\n")

    events.Handle._run = run
    # In place of uvloop, whose callbacks are not Python's.
    event_loop.new_event_loop = asyncio.new_event_loop

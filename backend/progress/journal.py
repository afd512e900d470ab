"""Records every event: stored first, then broadcast."""

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from backend.domain.events import Event
from backend.progress.broadcast import Broadcast, Watch

Change_contra = TypeVar("Change_contra", contravariant=True)
C = TypeVar("C")


class EventStore(Protocol[Change_contra]):
    """The part of the store that the journal uses."""

    async def append(self, event: Event, change: Change_contra) -> Event:
        """Store the event with the next seq and its change, in one transaction."""
        ...

    async def after(self, subject: str, seq: int) -> list[Event]:
        """Stored events after `seq`, in order."""
        ...


class Journal(Generic[C]):
    """Records events and replays them."""

    def __init__(self, store: EventStore[C], broadcast: Broadcast) -> None:
        self._store = store
        self._broadcast = broadcast

    async def record(self, event: Event, change: C) -> Event:
        """Store, then broadcast: a client that saw the event can rely on the database."""
        stored = await self._store.append(event, change)
        self._broadcast.send(stored)
        return stored

    @contextmanager
    def watch(self, subject: str) -> Generator[Watch]:
        """Watch the events of a subject from now on."""
        with self._broadcast.watch(subject) as watch:
            yield watch

    async def follow(self, subject: str, after: int, beat: float) -> AsyncIterator[Event | None]:
        """All events after `after`, stored and new, without gaps; None every `beat` idle seconds.

        Raises SlowWatcher when the reader falls behind.
        """
        with self._broadcast.watch(subject) as watch:
            while stored := await self._store.after(subject, after):
                for event in stored:
                    after = event.seq or after
                    yield event
            while True:
                event = await watch.next(beat)
                if event is None:
                    yield None
                elif (event.seq or 0) > after:
                    after = event.seq or after
                    yield event

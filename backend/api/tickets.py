"""One-time tickets for WebSockets, so that no key is ever put into a URL."""

import secrets
import time

LIFE_SECONDS = 30.0
MOST = 1000


class Tickets:
    """Issued to who has the key; each opens one socket within 30 seconds."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        """A new ticket; the oldest goes when there are too many."""
        now = time.monotonic()
        self._until = {ticket: until for ticket, until in self._until.items() if until > now}
        while len(self._until) >= MOST:
            del self._until[next(iter(self._until))]
        ticket = secrets.token_urlsafe(24)
        self._until[ticket] = now + LIFE_SECONDS
        return ticket

    def use(self, ticket: str) -> bool:
        """Whether it was good; it is not any more."""
        return self._until.pop(ticket, 0.0) > time.monotonic()

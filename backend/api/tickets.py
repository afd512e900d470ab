"""One-time tickets for WebSockets, so that the API key is never part of a URL."""

import secrets
import time

LIFE_SECONDS = 30.0
MOST = 1000


class Tickets:
    """Issues tickets to authenticated clients; each opens one WebSocket within 30 seconds."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        """Create a ticket; drops the oldest above the limit."""
        now = time.monotonic()
        self._until = {ticket: until for ticket, until in self._until.items() if until > now}
        while len(self._until) >= MOST:
            del self._until[next(iter(self._until))]
        ticket = secrets.token_urlsafe(24)
        self._until[ticket] = now + LIFE_SECONDS
        return ticket

    def use(self, ticket: str) -> bool:
        """Invalidate the ticket; return whether it was valid."""
        return self._until.pop(ticket, 0.0) > time.monotonic()

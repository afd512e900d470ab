"""Routes whose path template the metrics can name: Starlette does not tell it to a middleware."""

from starlette.routing import Match, Route
from starlette.types import Scope


class NamedRoute(Route):
    """A route that is in the scope as `route`, like those that FastAPI generates."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Route."""
        match, found = super().matches(scope)
        return match, {**found, "route": self} if match is Match.FULL else found

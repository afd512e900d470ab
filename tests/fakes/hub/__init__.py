"""A Hub that speaks the real one's API on a real socket, with faults that can be switched on."""

from tests.fakes.hub.faults import Fault, RecordedRequest
from tests.fakes.hub.repos import Repo
from tests.fakes.hub.server import FakeHub

__all__ = ["FakeHub", "Fault", "RecordedRequest", "Repo"]

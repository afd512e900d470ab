"""What prepare hands on."""

from backend.domain.base import Value
from backend.domain.deployment import Receipt
from backend.domain.server import ServerSpec


class Prepared(Value):
    """How to start the server, and why so."""

    spec: ServerSpec
    receipt: Receipt

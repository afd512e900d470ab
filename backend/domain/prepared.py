"""Result of the prepare step."""

from backend.domain.base import Value
from backend.domain.deployment import Receipt
from backend.domain.server import ServerSpec


class Prepared(Value):
    """The specification of the model server, and the receipt."""

    spec: ServerSpec
    receipt: Receipt

"""Which attempt at which deployment this is."""

from backend.domain.base import Value


class Origin(Value):
    """What a server carries of the attempt that started it."""

    deployment_id: str
    name: str
    version: int
    generation: int
    port: int | None

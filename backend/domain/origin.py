"""Deployment, version and generation that started a server."""

from backend.domain.base import Value


class Origin(Value):
    """Identifies the attempt that started a server."""

    deployment_id: str
    name: str
    version: int
    generation: int
    port: int | None

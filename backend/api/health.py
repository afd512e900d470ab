"""Liveness and readiness probes."""

from fastapi import APIRouter

from backend.api.documented import MAY_FAIL
from backend.api.services import Use
from backend.domain.base import Value

router = APIRouter(tags=["health"])


class Health(Value):
    """Result of a health check."""

    status: str


@router.get("/health")
async def health() -> Health:
    """Liveness: the process responds."""
    return Health(status="ok")


@router.get("/ready", responses=MAY_FAIL)
async def ready(use: Use) -> Health:
    """Readiness: the database responds and its schema is current."""
    await use.store.deployments.names()
    return Health(status="ready")

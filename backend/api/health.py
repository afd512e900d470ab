"""Alive and ready."""

from fastapi import APIRouter

from backend.api.documented import MAY_FAIL
from backend.api.services import Use
from backend.domain.base import Value

router = APIRouter(tags=["health"])


class Health(Value):
    """A word for people and probes."""

    status: str


@router.get("/health")
async def health() -> Health:
    """This process answers."""
    return Health(status="ok")


@router.get("/ready", responses=MAY_FAIL)
async def ready(use: Use) -> Health:
    """The database answers and its schema is current."""
    await use.store.deployments.names()
    return Health(status="ready")

"""Route of the recorded events of a deployment."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.deployments import Key
from backend.api.documented import MAY_FAIL
from backend.api.services import Use
from backend.domain.events import Event

router = APIRouter(tags=["events"], responses=MAY_FAIL)


@router.get("/deployments/{key}/events")
async def events(
    key: Key,
    use: Use,
    after: Annotated[
        int, Query(ge=0, le=2**53, description="Return only events with a greater seq.")
    ] = 0,
) -> list[Event]:
    """List events in order; the same objects that the WebSocket sends."""
    record = await use.store.deployments.find(key)
    return await use.store.events.after(record.id, after)

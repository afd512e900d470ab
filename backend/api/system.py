"""Routes of the machine, the tasks and the Hub token."""

import asyncio

from fastapi import APIRouter
from pydantic import Field, SecretStr

from backend.api.body import StrictRoute
from backend.api.documented import MAY_FAIL
from backend.api.services import Use
from backend.domain.base import StrictValue
from backend.domain.machine import HubState, System
from backend.tasks.catalogue import TaskRow, rows

router = APIRouter(route_class=StrictRoute, tags=["system"], responses=MAY_FAIL)


class HubToken(StrictValue):
    """A Hub token for gated and private models; stored, never returned."""

    token: SecretStr | None = Field(
        description="Token from the Hub's settings page; null removes the stored token.",
        max_length=200,
    )


@router.get("/tasks")
async def tasks() -> list[TaskRow]:
    """List every task, supported or not, with its request, response and an example."""
    # The schemas of all tasks take some tenths of a second, once.
    return list(await asyncio.to_thread(rows))


@router.get("/system")
async def system(use: Use) -> System:
    """Get the hardware of this machine, the options it supports, and who can reach the server."""
    return use.system()


@router.post("/system/warm-up", status_code=202)
async def warm_up(use: Use) -> None:
    """Prepare to start model servers soon: imports torch once, for all servers to share.

    Optional; a deployment does it, too. Without effect where `WARM_START` is `off` or the system
    is not Linux.
    """
    await use.pipeline.runtimes["local"].warm_up()


@router.put("/system/hub-token")
async def hub_token(use: Use, body: HubToken) -> HubState:
    """Store the token in a file that only this user can read."""
    token = body.token.get_secret_value().strip() if body.token else None
    use.token_file.write(token or "")
    return use.system().hub

"""Long polling: respond when a deployment has settled, or after the requested time."""

import time

from fastapi import Request

from backend.api.services import Services
from backend.domain.deployment import State
from backend.progress.broadcast import SlowWatcher
from backend.store.records import DeploymentRecord

MOST_SECONDS = 600
# Interval at which a waiting request checks whether its client is still connected.
CHECK_SECONDS = 5.0
# Temporary states; in every other state the deployment stays until an action.
MOVING = frozenset({State.PENDING, State.INITIALIZING, State.UPDATING})


async def settled(
    request: Request, use: Services, record: DeploymentRecord, seconds: float
) -> DeploymentRecord:
    """The deployment once it neither starts nor updates, or after at most `seconds`.

    Waits for events instead of polling the database. Raises Gone.
    """
    end = time.monotonic() + seconds
    with use.journal.watch(record.id) as events:
        while True:
            record = await use.store.deployments.get(record.id)
            if record.state not in MOVING:
                return record
            try:
                event = await events.next(min(end - time.monotonic(), CHECK_SECONDS))
                while event is not None and event.type == "progress":
                    event = await events.next(min(end - time.monotonic(), CHECK_SECONDS))
            except SlowWatcher:
                return record
            if event is None and (time.monotonic() >= end or await request.is_disconnected()):
                return record

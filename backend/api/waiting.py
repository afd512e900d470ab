"""A long poll for a deployment: answered when it has settled, or when the caller's time is over."""

import time

from fastapi import Request

from backend.api.services import Services
from backend.domain.deployment import State
from backend.progress.broadcast import SlowWatcher
from backend.store.records import DeploymentRecord

MOST_SECONDS = 600
# How often a waiting request looks whether its client is still there.
CHECK_SECONDS = 5.0
# States that end by themselves; in every other one the deployment stays until somebody acts.
MOVING = frozenset({State.PENDING, State.INITIALIZING, State.UPDATING})


async def settled(
    request: Request, use: Services, record: DeploymentRecord, seconds: float
) -> DeploymentRecord:
    """The deployment once it neither starts nor updates, after at most so many seconds.

    Woken by events, so that nothing is asked of the database meanwhile. Raises Gone.
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

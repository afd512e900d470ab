"""Insert the rows of a new deployment, or of a new version, in one transaction."""

import re
from dataclasses import dataclass

from backend.domain.deployment import State
from backend.domain.ids import new_id, utc_now
from backend.domain.request import DeploymentRequest
from backend.errors.state import NameTaken
from backend.pipeline.checkpoints import blank_progress
from backend.pipeline.dependencies import Limits
from backend.store import Store
from backend.store.idempotency import lookup, remember
from backend.store.records import AttemptRecord, DeploymentRecord

NAME_TRIES = 1000


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A request with its Idempotency-Key and body hash."""

    request: DeploymentRequest
    idempotency_key: str | None = None
    body_sha256: str = ""


async def add_deployment(
    store: Store, submission: Submission, limits: Limits
) -> tuple[DeploymentRecord, AttemptRecord | None]:
    """The new rows; for a repeated Idempotency-Key the existing deployment, and no attempt.

    Raises NameTaken and IdempotencyConflict.
    """
    request = submission.request
    async with store.database.write() as session:
        if submission.idempotency_key:
            made = await lookup(session, submission.idempotency_key, submission.body_sha256)
            if made is not None:
                return await store.deployments.get(made), None
        name = request.name or await _free_name(store, request.model_id)
        now = utc_now()
        deployment_id = new_id("dep")
        deployment = DeploymentRecord(
            id=deployment_id,
            name=name,
            state=State.PENDING,
            wanted="running",
            message="Waiting to start.",
            task=request.task,
            port=None,
            version=1,
            generation=1,
            progress=blank_progress(deployment_id, limits, "Waiting to start."),
            problem=None,
            created_at=now,
            updated_at=now,
        )
        await store.deployments.add(session, deployment)
        await store.versions.add(session, deployment_id, 1, request)
        item = await store.attempts.add(session, deployment_id, 1, 1)
        if submission.idempotency_key:
            await remember(
                session, submission.idempotency_key, submission.body_sha256, deployment_id
            )
    return deployment, item


async def add_version(
    store: Store, deployment: DeploymentRecord, request: DeploymentRequest
) -> None:
    """Insert a new version, which the next attempt of the deployment uses."""
    n = deployment.version + 1
    async with store.database.write() as session:
        await store.versions.add(session, deployment.id, n, request)
        await store.deployments.update(session, deployment.id, deployment.generation, version=n)


async def _free_name(store: Store, model_id: str) -> str:
    """A name from the model id, with a number appended if it is taken. Raises NameTaken."""
    base = re.sub(r"[^a-z0-9._-]+", "-", model_id.rsplit("/", 1)[-1].lower()).strip("-._")[:56]
    base = base.rstrip("-._") or "model"
    if base.startswith("dep_"):
        base = f"m-{base}"
    taken = await store.deployments.names()
    for number in range(1, NAME_TRIES):
        name = base if number == 1 else f"{base}-{number}"
        if name not in taken:
            return name
    detail = f"{NAME_TRIES} deployments have names derived from {base!r}."
    raise NameTaken(detail)

"""Routes of deployments: create, list, get, delete and the actions."""

import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from backend.api.addresses import is_wildcard
from backend.api.body import StrictRoute
from backend.api.cached_files import free_files, users_of
from backend.api.documented import MAY_FAIL
from backend.api.security import host_name
from backend.api.services import Services, Use
from backend.api.views import DeploymentPage, view, views
from backend.api.waiting import MOST_SECONDS, settled
from backend.domain.deployment import Deployment, State
from backend.domain.plan import Preflight
from backend.domain.request import DeploymentRequest
from backend.errors.problem import FieldError
from backend.errors.request import InvalidRequest
from backend.pipeline.preflight import preflight
from backend.pipeline.submit import Submission
from backend.store.records import DeploymentQuery, DeploymentRecord
from backend.transport.forwarded import ClientUrl, client_url

router = APIRouter(route_class=StrictRoute, tags=["deployments"], responses=MAY_FAIL)

Key = Annotated[
    str, Path(description="Id or unique name.", max_length=80, examples=["movie-sentiment"])
]
Wait = Annotated[
    int,
    Query(
        ge=0,
        le=MOST_SECONDS,
        description="Seconds to wait until the deployment is no longer pending, initializing or "
        "updating. The response then has the state at that moment, whatever it is.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Makes a repeated request harmless: one key, one deployment, for 48 hours.",
    ),
]


def url_of(request: Request) -> ClientUrl:
    """The URL that the client used; a wildcard host, which some systems open, becomes localhost."""
    client = client_url(request.scope)
    name = host_name(client.host)
    if not is_wildcard(name):
        return client
    return replace(client, host=f"localhost{client.host.removeprefix(name)}")


@router.post("/deployments", status_code=202)
async def create(
    request: Request,
    response: Response,
    body: DeploymentRequest,
    use: Use,
    idempotency_key: IdempotencyKey = None,
) -> Deployment:
    """Create a deployment. Its first step, not this request, checks the model and the machine."""
    digest = hashlib.sha256(await request.body()).hexdigest()
    key = hashlib.sha256(idempotency_key.encode()).hexdigest() if idempotency_key else None
    submission = Submission(request=body, idempotency_key=key, body_sha256=digest)
    record = await use.deployments.submit(submission)
    client = url_of(request)
    below = f"{use.settings.api_prefix}/deployments/{record.id}"
    response.headers["Location"] = f"{client.path}{below}"
    return await view(use, record, client)


@router.post("/preflight")
async def check(body: DeploymentRequest, use: Use) -> Preflight:
    """Check a request without starting a deployment: the verdict of validate, item by item."""
    return await preflight(body, use.pipeline)


class ListQuery(BaseModel):
    """Filters and pagination."""

    model_config = {"extra": "forbid"}

    state: State | None = Field(default=None, description="Filter by state.")
    task: str | None = Field(default=None, max_length=60, description="Filter by task.")
    search: str | None = Field(default=None, max_length=100, description="Part of the name or id.")
    limit: int = Field(default=50, ge=1, le=200, description="Page size.")
    cursor: str | None = Field(
        default=None, max_length=60, description="Cursor from the previous page."
    )


@router.get("/deployments")
async def index(request: Request, use: Use, query: Annotated[ListQuery, Query()]) -> DeploymentPage:
    """List deployments, newest first."""
    parsed = DeploymentQuery.model_validate(query.model_dump(mode="json"))
    records, cursor = await use.store.deployments.page(parsed)
    return DeploymentPage(items=await views(use, records, url_of(request)), next_cursor=cursor)


@router.get("/deployments/{key}")
async def show(request: Request, key: Key, use: Use, wait: Wait = 0) -> Deployment:
    """Get one deployment by id or name; with `wait`, when it no longer starts or updates."""
    record = await use.store.deployments.find(key)
    if wait:
        record = await settled(request, use, record, wait)
    return await view(use, record, url_of(request))


async def _verb(request: Request, use: Services, record: DeploymentRecord) -> Deployment:
    return await view(use, record, url_of(request))


@router.post("/deployments/{key}/cancel", status_code=202)
async def cancel(request: Request, key: Key, use: Use) -> Deployment:
    """Stop the running attempt and remove what it created."""
    return await _verb(request, use, await use.deployments.cancel(key))


@router.post("/deployments/{key}/skip", status_code=202)
async def skip(request: Request, key: Key, use: Use) -> Deployment:
    """End the measurement of the prepare step and go on with the fastest engine known so far."""
    return await _verb(request, use, await use.deployments.skip(key))


@router.post("/deployments/{key}/pause", status_code=202)
async def pause(request: Request, key: Key, use: Use) -> Deployment:
    """Stop the server and free its memory; the port stays bound and returns 503."""
    return await _verb(request, use, await use.deployments.pause(key))


@router.post("/deployments/{key}/resume", status_code=202)
async def resume(request: Request, key: Key, use: Use) -> Deployment:
    """Start a deployment that is paused or scaled to zero."""
    return await _verb(request, use, await use.deployments.resume(key))


@router.post("/deployments/{key}/restart", status_code=202)
async def restart(request: Request, key: Key, use: Use) -> Deployment:
    """Replace the server by a new one of the same version."""
    return await _verb(request, use, await use.deployments.restart(key))


@router.post("/deployments/{key}/retry", status_code=202)
async def retry(
    request: Request, key: Key, use: Use, changes: dict[str, object] | None = None
) -> Deployment:
    """Retry from the failed step; a partial request is merged into the previous one first."""
    record = await use.store.deployments.find(key)
    changed = None
    if changes:
        version = await use.store.versions.get(record.id, record.version)
        changed = merge(version.request, changes)
    return await _verb(request, use, await use.deployments.retry(record.id, changed))


@router.delete("/deployments/{key}", status_code=202)
async def delete(
    request: Request,
    key: Key,
    use: Use,
    purge: Annotated[
        bool,
        Query(
            description="Also delete the weights from the cache, if no other deployment uses them."
        ),
    ] = False,
) -> Deployment:
    """Stop the server; release its port, memory and name. The id then returns 410."""
    record = await use.store.deployments.find(key)
    shown = await view(use, record, url_of(request))
    deleted = await use.deployments.delete(record.id)
    if purge and shown.model is not None:
        model = (shown.model.source, shown.model.id)
        if model not in await users_of(use):
            await free_files(use, *model)
    return shown.model_copy(update={"state": deleted.state, "message": deleted.message})


def merge(old: DeploymentRequest, changes: dict[str, object]) -> DeploymentRequest:
    """Merge a partial request into the old one, section by section. Raises InvalidRequest."""
    merged = old.model_dump(mode="json")
    for name, value in changes.items():
        section = merged.get(name)
        if isinstance(section, dict) and isinstance(value, dict) and name != "env":
            merged[name] = {**section, **value}
        else:
            merged[name] = value
    try:
        return DeploymentRequest.model_validate(merged)
    except ValidationError as error:
        found = tuple(
            FieldError(pointer="#/" + "/".join(map(str, item["loc"])), detail=item["msg"])
            for item in error.errors(include_input=False, include_url=False)
        )
        places = "; ".join(f"{item.pointer}: {item.detail}" for item in found[:3])
        detail = f"{len(found)} invalid field(s): {places}."
        raise InvalidRequest(detail, errors=found) from None

"""Build the API's view of a deployment from its rows."""

from backend.api.addresses import openable_hosts
from backend.api.security import host_name
from backend.api.services import Services
from backend.domain.addresses import endpoint_url
from backend.domain.base import Value
from backend.domain.deployment import Deployment, Result, State
from backend.domain.model import DeployedModel
from backend.domain.plan import Plan
from backend.domain.server import MemoryUse
from backend.store.records import DeploymentRecord, ServerRecord, VersionRecord
from backend.transport.forwarded import ClientUrl

WITH_PORT = frozenset(
    {
        State.RUNNING,
        State.UPDATING,
        State.UPDATE_FAILED,
        State.PAUSED,
        State.SCALED_TO_ZERO,
        State.INITIALIZING,
    }
)


class DeploymentPage(Value):
    """One page of deployments, newest first."""

    items: list[Deployment]
    next_cursor: str | None


def shown_url(use: Services, client: ClientUrl, name: str, port: int) -> str:
    """Public URL of the endpoint: from PUBLIC_URL, else from the URL of the request.

    A client behind a trusted proxy can reach only the port of the control plane.
    """
    if use.settings.public_url is not None:
        return endpoint_url(use.settings.public_url, name, port)
    if client.is_forwarded:
        return f"{client}/d/{name}"
    host = endpoint_host(use.pipeline.limits.serve_host, host_name(client.host))
    return f"http://{host}:{port}"


def endpoint_host(serve_host: str, request_host: str) -> str:
    """The host of the request, unless model servers are bound to one other address only."""
    opened_by = openable_hosts(serve_host)[0]
    return request_host if opened_by == "localhost" else opened_by


async def view(use: Services, record: DeploymentRecord, client: ClientUrl) -> Deployment:
    """The view of one deployment."""
    return (await views(use, [record], client))[0]


async def views(
    use: Services, records: list[DeploymentRecord], client: ClientUrl
) -> list[Deployment]:
    """The views of several deployments, with two queries in total."""
    keys = [(record.id, record.version) for record in records]
    versions = await use.store.versions.many(keys)
    servers = await use.store.servers.currents([record.id for record in records])
    return [
        _one(use, record, versions[record.id], servers.get(record.id), client) for record in records
    ]


def _one(
    use: Services,
    record: DeploymentRecord,
    version: VersionRecord,
    server: ServerRecord | None,
    client: ClientUrl,
) -> Deployment:
    port = record.port if record.state in WITH_PORT else None
    url = shown_url(use, client, record.name, port) if port else None
    base = use.settings.public_url or str(client)
    shown = record.state in {State.RUNNING, State.UPDATING, State.UPDATE_FAILED}
    place = use.deployments.place(record.id)
    message = record.message
    if place is not None and record.state == State.PENDING:
        message = f"Waiting, place {place} in the queue."
    if record.state == State.RUNNING and url:
        message = f"Serving at {url}/predict"
    return Deployment(
        id=record.id,
        name=record.name,
        state=record.state,
        message=message,
        progress=record.progress,
        request=version.request,
        model=_model(version.plan) if version.plan else None,
        url=url,
        endpoint=f"{url}/predict" if url else None,
        port=port,
        receipt=version.prepared.receipt if version.prepared else None,
        proof=version.proof,
        memory=_memory(version.plan, server),
        result=_result(version, url, base) if shown and url else None,
        problem=record.problem,
        version=record.version,
        generation=record.generation,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _result(version: VersionRecord, url: str, wizard_url: str) -> Result | None:
    """Examples and playground URL, rewritten to the URLs that this client can open."""
    if version.result is None:
        return None
    usage = version.result.usage_instructions
    old = usage.endpoint.removesuffix("/predict")
    changed = {
        name: text.replace(old, url)
        for name, text in usage
        if isinstance(text, str) and (name == "endpoint" or name.startswith("example_"))
    }
    changed["test_ui_url"] = f"{wizard_url}/test/{version.deployment_id}"
    return version.result.model_copy(
        update={"usage_instructions": usage.model_copy(update=changed)}
    )


def _model(plan: Plan) -> DeployedModel:
    model = plan.model
    return DeployedModel(
        id=model.id,
        source=model.source,
        commit=model.commit,
        task=plan.task,
        type=plan.type,
        parameters=model.parameters,
        bytes=model.download_bytes,
        license=model.license,
        base=model.shown_base,
        vocoder=model.shown_vocoder,
    )


def _memory(plan: Plan | None, server: ServerRecord | None) -> MemoryUse | None:
    if server is not None and server.memory is not None:
        estimated = plan.estimated_memory_bytes if plan else None
        return server.memory.model_copy(update={"estimated_bytes": estimated})
    if plan is None:
        return None
    return MemoryUse(
        estimated_bytes=plan.estimated_memory_bytes,
        limit_bytes=plan.memory_limit_bytes,
        enforcement=server.handle.enforcement if server else None,
    )

"""The order of the six steps, defined only here."""

from backend.domain.deployment import Proof
from backend.domain.origin import Origin
from backend.domain.request import DeploymentRequest
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.run import Run
from backend.pipeline.steps.dependencies import dependencies
from backend.pipeline.steps.download import download
from backend.pipeline.steps.prepare import prepare
from backend.pipeline.steps.start import start
from backend.pipeline.steps.validate import validate
from backend.pipeline.steps.verify import verify

STEPS = (validate, download, dependencies, prepare, start, verify)


async def deploy(
    request: DeploymentRequest, origin: Origin, run: Run, use: PipelineDependencies
) -> Proof:
    """Run all steps; return the proof. `run` undoes what they built unless all succeed."""
    plan = await run(validate, origin.deployment_id, request, use)
    runtime = use.runtimes[plan.runtime]
    run.forget.push_async_callback(use.models.discard, plan.model)
    if plan.model.engines[0] == "torch" and not plan.extras:
        await runtime.warm_up()
    files = await run(download, plan, use.models)
    environment = await run(dependencies, plan, use.packages)
    prepared = await run(prepare, plan, files, environment, use, origin)
    run.undo.push_async_callback(runtime.release, origin.deployment_id)
    server = await run(start, prepared.spec, runtime)
    run.undo.push_async_callback(runtime.stop, server)
    return await run(verify, plan, prepared.spec, server, use.probe)

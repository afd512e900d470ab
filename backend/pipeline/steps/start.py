"""Step 5: start a model server, load the model and warm it up."""

from backend.domain.report import Report
from backend.domain.server import ServerHandle, ServerSpec
from backend.pipeline.step import Facts, step
from backend.runtimes.base import Runtime


@step(
    Facts(
        title="Start the model server", weight=15, estimate_seconds=8, setting="MODEL_START_TIMEOUT"
    )
)
async def start(report: Report, spec: ServerSpec, runtime: Runtime) -> ServerHandle:
    """Start the server, or find the one of this attempt. Raises as soon as the server dies."""
    report("requesting a port and a process")
    return await runtime.start(spec, report)

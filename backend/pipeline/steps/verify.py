"""Step 6: one real request to the public endpoint; a deployment is running only after it."""

from backend.domain.deployment import Proof
from backend.domain.ids import utc_now
from backend.domain.plan import Plan
from backend.domain.report import Report
from backend.domain.server import ServerHandle, ServerSpec
from backend.pipeline.dependencies import Prober
from backend.pipeline.step import Facts, step


@step(
    Facts(
        title="Verify with a real request",
        weight=7,
        estimate_seconds=1,
        setting="MODEL_INFERENCE_TIMEOUT",
    )
)
async def verify(
    report: Report, plan: Plan, spec: ServerSpec, server: ServerHandle, probe: Prober
) -> Proof:
    """The proof: the request, the response and the latency in milliseconds."""
    report("sending a request to the endpoint")
    response = await probe(plan, server.url, wants_key=spec.api_key_sha256 is not None)
    if response.warning:
        report.line(response.warning)
    report(f"received a response in {response.latency_ms:.0f} ms", fraction=1.0)
    return Proof(
        input=response.input,
        output=response.output,
        latency_ms=round(response.latency_ms, 1),
        at=utc_now(),
        warning=response.warning,
    )

"""Step 1: make a plan of the request, with the model's commit pinned, if it may be deployed."""

from backend.domain.decide import Question, decide, may_need_library
from backend.domain.machine import Machine
from backend.domain.model import ModelFacts
from backend.domain.plan import Plan
from backend.domain.report import Report
from backend.domain.request import DeploymentRequest
from backend.errors.model import UnknownTask
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.estimates import estimate_steps
from backend.pipeline.findings import Case
from backend.pipeline.step import Facts, step
from backend.pipeline.verdict import judge, resolve_task
from backend.tasks import TASKS


def expected_dtype(request: DeploymentRequest, model: ModelFacts, machine: Machine) -> str:
    """The dtype that prepare will select on a CPU; float32 where torch must detect the GPU."""
    hardware = request.hardware
    if model.onnx:
        return model.onnx.dtype
    if model.gguf:
        return model.gguf.variant.quantization
    if hardware.dtype != "auto":
        return hardware.dtype
    if may_need_library(hardware, len(machine.accelerators)):
        return "float32"
    question = Question(
        hardware=hardware,
        model=model,
        cores=machine.cores,
        cpu_has_bfloat16=machine.has_bfloat16,
    )
    return decide(question).dtype


async def examine(request: DeploymentRequest, use: PipelineDependencies) -> tuple[ModelFacts, Case]:
    """Collect the facts for the verdict. Raises the errors of the Hub."""
    model = await use.models.facts(request)
    task = resolve_task(request, model) or "unknown"
    machine = use.host.machine()
    dtype = expected_dtype(request, model, machine)
    limit = memory_limit(request, use)
    needed = use.host.estimate_memory(model, dtype, task) * request.hardware.workers
    extras = use.packages.needed(model, task)
    case = Case(
        request=request,
        model=model,
        machine=machine,
        limits=use.limits,
        needed_bytes=needed,
        fit=use.host.fit(needed, machine, limit * request.hardware.workers),
        cached=await use.models.is_cached(model),
        is_converted=use.converter.is_converted(model),
        seal_kinds=use.converter.seal_kinds(),
        unknown_extras=use.packages.unknown(request.dependencies.extras),
        unavailable_libraries=use.packages.unavailable(model),
        unusable_extra=await use.packages.unusable(extras),
        missing_extras=[name for name in extras if name not in request.dependencies.extras],
        speed=use.host.expected_speed(model, dtype, task),
    )
    return model, case


def memory_limit(request: DeploymentRequest, use: PipelineDependencies) -> int:
    """Maximum bytes of one server: the request's limit, at most the setting's."""
    requested = request.hardware.memory_limit_gb
    allowed = use.limits.max_memory_bytes
    return min(int(requested * 10**9), allowed) if requested else allowed


@step(
    Facts(
        title="Validate configuration",
        weight=4,
        estimate_seconds=1,
        setting="VALIDATION_TIMEOUT",
        keep=True,
    ),
    expects=estimate_steps,
)
async def validate(
    report: Report, deployment_id: str, request: DeploymentRequest, use: PipelineDependencies
) -> Plan:
    """The plan, with everything decided and pinned. Raises the first error of the verdict."""
    report(f"looking up {request.model_id}")
    model, case = await examine(request, use)
    preflight, error = judge(case)
    if error is not None:
        raise error
    task = resolve_task(request, model)
    if task is None:
        raise UnknownTask("The task cannot be detected from the architecture.")
    report(f"{model.id} at commit {model.commit[:7]}, {TASKS[task].title.lower()}", fraction=1.0)
    return Plan(
        deployment_id=deployment_id,
        request=request,
        model=model,
        task=task,
        type=TASKS[task].modality,
        runtime=request.hardware.runtime,
        estimated_memory_bytes=case.needed_bytes,
        memory_limit_bytes=memory_limit(request, use),
        preflight=preflight,
        already_cached=case.cached,
        extras=sorted({*request.dependencies.extras, *case.missing_extras}),
    )

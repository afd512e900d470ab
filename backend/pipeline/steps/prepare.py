"""Step 4: convert pickle weights, then select device, dtype, threads and engine."""

from pathlib import Path

from backend.domain.choice import choose, receipt_of
from backend.domain.decide import Question, alternatives
from backend.domain.gguf import GgufServer
from backend.domain.measurement import spec_of
from backend.domain.model import ModelFacts
from backend.domain.origin import Origin
from backend.domain.peft_adapter import FOLDER
from backend.domain.plan import Environment, Plan, Snapshot
from backend.domain.prepared import Prepared
from backend.domain.report import Report, Watch
from backend.domain.server import ServerSpec
from backend.pipeline.adapter_check import merge_of
from backend.pipeline.dependencies import Limits, PipelineDependencies
from backend.pipeline.graph_candidates import may_export, postponed, requested, split
from backend.pipeline.step import Facts, step
from backend.tasks.agreement import COMPARED


@step(Facts(title="Prepare the model", weight=18, estimate_seconds=1, setting="PREPARE_TIMEOUT"))
async def prepare(
    report: Report,
    plan: Plan,
    files: Snapshot,
    environment: Environment,
    use: PipelineDependencies,
    origin: Origin,
) -> Prepared:
    """Choose how the model runs, measured on this machine where that pays; build its server."""
    directory, conversion = await use.converter.joined(
        plan.model, files, report, runs_code=plan.request.allow.pickle
    )
    report("choosing device and precision")
    machine = use.host.machine()
    question = Question(
        hardware=plan.request.hardware,
        model=plan.model,
        cores=machine.cores,
        cpu_has_bfloat16=machine.has_bfloat16,
    )
    receipt = await use.select_engine(question, len(machine.accelerators), environment.python)
    merge = merge_of(plan.model)
    receipt = receipt.model_copy(update={"conversion": conversion, "merge": merge})
    spec = _spec(plan, environment, directory, origin, use.limits)
    room = plan.memory_limit_bytes - plan.estimated_memory_bytes
    candidates = alternatives(
        question, receipt, may_lose=plan.task in COMPARED, room=room,
        exports=may_export(plan, machine, use.exporter),
    )  # fmt: skip
    now, later, graph = split(candidates, plan, spec, use.exporter)
    if receipt.engine == "openvino":
        graph = await requested(plan, spec, machine, use.exporter, report)
    spec = spec.model_copy(update={"graph_dir": graph})
    if len(now) > 1:
        with use.skips.possible(plan.deployment_id) as skip:
            watch = Watch(report, skip)
            measured = await use.measure(spec_of(spec, now[0]), now, machine, watch)
        receipt = receipt_of(receipt, [*postponed(choose(measured), use.exporter), *later])
    report(f"{receipt.engine} on {receipt.device} in {receipt.dtype}", fraction=1.0)
    chosen = next(one for one in receipt.candidates if one.chosen)
    return Prepared(spec=spec_of(spec, chosen), receipt=receipt)


def _spec(
    plan: Plan, environment: Environment, directory: Path, origin: Origin, limits: Limits
) -> ServerSpec:
    """The server, without what is measured."""
    request = plan.request
    requested = request.serving.require_api_key
    wants_key = limits.key_by_default if requested is None else requested
    return ServerSpec(
        deployment_id=plan.deployment_id,
        name=origin.name,
        version=origin.version,
        generation=origin.generation,
        model_id=plan.model.id,
        commit=plan.model.commit,
        model_dir=str(directory),
        adapter_dir=str(directory / FOLDER) if merge_of(plan.model) else None,
        task=plan.task,
        parameters=plan.model.parameters,
        onnx_file=plan.model.onnx.path if plan.model.onnx else None,
        gguf=gguf_of(plan.model),
        languages=request.languages,
        workers=request.hardware.workers,
        host=limits.serve_host,
        port=request.serving.port or origin.port,
        max_batch_size=request.serving.max_batch_size,
        max_queue=request.serving.max_queue,
        inference_timeout_seconds=limits.inference_timeout,
        api_key_sha256=limits.api_key_sha256 if wants_key else None,
        allowed_hosts=limits.allowed_hosts,
        cors_origins=limits.cors_origins,
        trusted_proxies=limits.trusted_proxies,
        public_url=limits.public_url,
        memory_limit_bytes=plan.memory_limit_bytes,
        allow_remote_code=request.allow.remote_code and plan.model.needs_remote_code,
        env=request.serving.env,
        python=environment.python,
        overlay=environment.overlay,
    )


def gguf_of(model: ModelFacts) -> GgufServer | None:
    """What the server needs to know of a GGUF file; None for other models."""
    if model.gguf is None:
        return None
    return GgufServer(
        file=model.gguf.variant.files[0],
        context_tokens=model.gguf.context_tokens,
        has_chat_template=model.has_chat_template,
    )

"""Step 4: convert pickle weights, then select device, dtype, threads and engine."""

from backend.domain.decide import Question
from backend.domain.gguf import GgufServer
from backend.domain.model import ModelFacts
from backend.domain.origin import Origin
from backend.domain.peft_adapter import FOLDER
from backend.domain.plan import Environment, Plan, Snapshot
from backend.domain.prepared import Prepared
from backend.domain.report import Report
from backend.domain.server import ServerSpec
from backend.pipeline.adapter_check import merge_of
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.step import Facts, step


@step(Facts(title="Prepare the model", weight=18, estimate_seconds=1, setting="PREPARE_TIMEOUT"))
async def prepare(
    report: Report,
    plan: Plan,
    files: Snapshot,
    environment: Environment,
    use: PipelineDependencies,
    origin: Origin,
) -> Prepared:
    """Build the server's configuration. Runs no benchmark: the receipt has one candidate."""
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
    request, limits = plan.request, use.limits
    requested = request.serving.require_api_key
    wants_key = limits.key_by_default if requested is None else requested
    spec = ServerSpec(
        deployment_id=plan.deployment_id,
        name=origin.name,
        version=origin.version,
        generation=origin.generation,
        model_id=plan.model.id,
        commit=plan.model.commit,
        model_dir=str(directory),
        adapter_dir=str(directory / FOLDER) if merge else None,
        task=plan.task,
        parameters=plan.model.parameters,
        onnx_file=plan.model.onnx.path if plan.model.onnx else None,
        gguf=gguf_of(plan.model),
        languages=request.languages,
        engine=receipt.engine,
        device=receipt.device,
        dtype=receipt.dtype,
        threads=receipt.threads,
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
    report(f"{receipt.engine} on {receipt.device} in {receipt.dtype}", fraction=1.0)
    return Prepared(spec=spec, receipt=receipt)


def gguf_of(model: ModelFacts) -> GgufServer | None:
    """What the server needs to know of a GGUF file; None for other models."""
    if model.gguf is None:
        return None
    return GgufServer(
        file=model.gguf.variant.files[0],
        context_tokens=model.gguf.context_tokens,
        has_chat_template=model.has_chat_template,
    )

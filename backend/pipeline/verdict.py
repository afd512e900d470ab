"""Check a request against the facts: one function per item, each with an optional error."""

from collections.abc import Callable

from backend.domain.model import ModelFacts
from backend.domain.plan import Preflight, PreflightItem
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError
from backend.errors.capacity import DiskFull, ModelTooLarge, NotEnoughMemory, PortTaken
from backend.errors.model import RemoteCode, TaskNotServed, UnknownTask, UnsupportedOption
from backend.pipeline.adapter_check import described
from backend.pipeline.engine_check import check_engine
from backend.pipeline.findings import Case, Finding, gigabytes, not_ok, ok
from backend.pipeline.processor_check import without_processor
from backend.pipeline.support import missing_libraries, unsupported, unusable_extra
from backend.pipeline.weights_check import check_format, sealing
from backend.tasks import NOT_SERVED, TASKS, canonical

DISK_RESERVE = 10**9


def resolve_task(request: DeploymentRequest, model: ModelFacts) -> str | None:
    """The canonical name of the requested task, else of the detected one; None if unknown."""
    name = request.task or model.task
    return canonical(name) if name else None


def _source(case: Case) -> Finding:
    where = {"hub": "the Hub", "starter": "the starters", "local": "the local folder"}
    detail = f"{case.model.id} at commit {case.model.commit[:7]} from {where[case.model.source]}."
    detail += described(case.model)
    if vocoder := case.model.vocoder:
        detail += f" Its vocoder is {vocoder.id} at commit {vocoder.commit[:7]}."
    return ok("source", "Model found", detail)


def _task(case: Case) -> Finding:
    task = resolve_task(case.request, case.model)
    if task is None:
        architectures = ", ".join(case.model.architectures) or "none specified"
        return not_ok(
            "task", UnknownTask(f"The architecture ({architectures}) does not determine the task.")
        )
    if task in NOT_SERVED:
        return not_ok("task", TaskNotServed(f"{task}: {NOT_SERVED[task]}."))
    if task not in TASKS:
        return not_ok("task", UnknownTask(f"{task!r} is not a known task."))
    if error := unsupported(case.model, task) or without_processor(case.model, task):
        return not_ok("task", error)
    return ok("task", "Task supported", TASKS[task].title)


def _engine(case: Case) -> Finding:
    return check_engine(case, resolve_task(case.request, case.model))


def _code(case: Case) -> Finding:
    if not case.model.needs_remote_code:
        used = "Only classes of the installed libraries are used."
        unused = "The repository contains Python code, which is not used: transformers has its own "
        unused += "classes for this model."
        detail = unused if case.model.has_code else used
        if added := case.model.added_model_type:
            detail += f" config.json names no model type; its class is one of {added}."
        return ok("code", "No repository code", detail)
    source = case.model.base or case.model
    commit = source.commit[:7]
    detail = f"{source.id if case.model.base else 'The model'} requires Python code of its "
    detail += f"repository, at commit {commit}. "
    detail += sealing(case.seal_kinds, "runs it")
    verdict = "warn" if case.request.allow.remote_code else "block"
    return not_ok("code", RemoteCode(detail, commit=commit), verdict)


def _size(case: Case) -> Finding:
    size, limit = case.model.download_bytes, case.limits.max_model_bytes
    if size > limit:
        detail = f"The download is {gigabytes(size)}; the limit is {gigabytes(limit)}."
        return not_ok("size", ModelTooLarge(detail, setting="MAX_MODEL_SIZE_GB"))
    if case.cached:
        return ok("size", "Nothing to download", f"{gigabytes(size)} are already on disk.")
    return ok("size", "Download within the limit", gigabytes(size))


def _disk(case: Case) -> Finding:
    free = case.machine.disk_free_bytes
    download = 0 if case.cached else case.model.download_bytes
    pickled = sum(one.pickle.bytes for one in case.model.repositories if one.pickle)
    conversion = 0 if case.is_converted else pickled
    needed = download + conversion + DISK_RESERVE
    if free < needed:
        detail = (
            f"{gigabytes(needed)} are required including the reserve; {gigabytes(free)} are free."
        )
        error = DiskFull(detail, needed=gigabytes(needed - free), setting="HUGGINGFACE_CACHE_DIR")
        return not_ok("disk", error)
    return ok("disk", "Enough disk space", f"{gigabytes(free)} are free.")


def _memory(case: Case) -> Finding:
    if case.fit.verdict == "does-not-fit":
        requested = case.request.hardware.memory_limit_gb
        setting = "the machine's memory"
        if requested is not None and case.needed_bytes > requested * 10**9:
            setting = "hardware.memory_limit_gb"
        elif case.needed_bytes > case.limits.max_memory_bytes:
            setting = "MAX_MEMORY_PER_MODEL_GB"
        return not_ok("memory", NotEnoughMemory(case.fit.reason, setting=setting))
    if case.fit.verdict == "tight":
        item = PreflightItem(
            code="memory",
            verdict="warn",
            title="Fits in memory with little left",
            detail=case.fit.reason,
            remedy="Pause another deployment, or choose a smaller dtype.",
        )
        return item, None
    return ok("memory", "Fits in memory", case.fit.reason)


def _device(case: Case) -> Finding:
    hardware, machine = case.request.hardware, case.machine
    if hardware.runtime != "local":
        error = UnsupportedOption(
            "The Ray runtime is not supported yet.", instead="Use the local runtime."
        )
        return not_ok("device", error)
    devices = {accelerator.device for accelerator in machine.accelerators}
    wanted = "cuda:0" if hardware.device == "cuda" else hardware.device
    if wanted not in {"auto", "cpu"} and wanted not in devices:
        error = UnsupportedOption(
            f"This machine has no {hardware.device}.", instead="Use device auto or cpu."
        )
        return not_ok("device", error)
    chosen = machine.accelerators[0].name if machine.accelerators else machine.cpu
    return ok("device", "Device available", chosen if wanted == "auto" else wanted)


def _port(case: Case) -> Finding:
    port, allowed = case.request.serving.port, case.limits.ports
    if port is not None and port not in allowed:
        detail = f"Port {port} is outside {allowed.start} to {allowed.stop - 1}."
        return not_ok("port", PortTaken(detail))
    if port in case.limits.own_ports:
        detail = f"Port {port} is {case.limits.own_ports[port]}, which Slipway uses itself."
        return not_ok("port", PortTaken(detail))
    detail = "The first free port is used." if port is None else str(port)
    return ok("port", "Port in the range", detail)


def _key(case: Case) -> Finding:
    if case.request.serving.require_api_key and case.limits.api_key_sha256 is None:
        error = UnsupportedOption(
            "No API key is set on this server.",
            instead="Set API_KEY, or leave require_api_key out.",
        )
        return not_ok("key", error)
    requested = case.request.serving.require_api_key
    wanted = case.limits.key_by_default if requested is None else requested
    return ok(
        "key",
        "Access",
        "Requires the API key." if wanted else "No API key required.",
    )


def _libraries(case: Case) -> Finding:
    if case.unknown_extras:
        names = ", ".join(case.unknown_extras)
        error = UnsupportedOption(f"There is no extra named {names}.", instead="Leave it out.")
        return not_ok("libraries", error)
    if case.unavailable_libraries:
        return not_ok("libraries", missing_libraries(case.model, case.unavailable_libraries))
    if case.unusable_extra:
        return not_ok("libraries", unusable_extra(case.model, case.unusable_extra))
    if case.missing_extras:
        names = ", ".join(case.missing_extras)
        detail = f"{names}, in the versions of Slipway's lock file."
        if "torchvision" in case.missing_extras:
            detail = f"{names}; torchvision in the build that matches torch, which was verified."
        if revision := case.model.timm_free_revision:
            detail += f" Revision {revision} of this model requires no timm."
        return ok("libraries", "Libraries to install", detail)
    return ok("libraries", "All libraries installed", "Nothing to install.")


def _license(case: Case) -> Finding:
    missing = "Ask the authors for permission before you offer it to others."
    licenses = [one.license for one in case.model.repositories]
    title = "License" if all(licenses) else "No license specified"
    companion = case.model.companion
    if companion is None:
        return ok("license", title, licenses[0] or missing)
    own, other = (stated or "none specified" for stated in licenses)
    names = ("Adapter", "Base model") if case.model.base else ("Model", "Vocoder")
    detail = f"{names[0]}: {own}. {names[1]} {companion.id}: {other}."
    return ok("license", title, detail if all(licenses) else f"{detail} {missing}")


CHECKS: tuple[Callable[[Case], Finding], ...] = (
    _source,
    _task,
    _engine,
    check_format,
    _code,
    _size,
    _disk,
    _memory,
    _device,
    _port,
    _key,
    _libraries,
    _license,
)


def judge(case: Case) -> tuple[Preflight, PlatformError | None]:
    """The preflight, and the error of the first item that blocks the deployment."""
    findings = [question(case) for question in CHECKS]
    items = [item for item, _ in findings]
    error = next((error for _, error in findings if error is not None), None)
    verdicts = {item.verdict for item in items}
    verdict = "block" if "block" in verdicts else "warn" if "warn" in verdicts else "ok"
    preflight = Preflight(
        verdict=verdict,
        items=items,
        expected_speed=case.speed,
        download_bytes=0 if case.cached else case.model.download_bytes,
        estimated_memory_bytes=case.needed_bytes,
    )
    return preflight, error

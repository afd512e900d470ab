"""Candidates that run a graph: it is exported while the deployment serves, which takes a minute."""

from collections.abc import Sequence

from backend.domain.choice import NOT_MEASURED
from backend.domain.deployment import Candidate
from backend.domain.graph import ExportFailed
from backend.domain.machine import Machine
from backend.domain.plan import Plan
from backend.domain.report import Report
from backend.domain.server import ServerSpec
from backend.errors.model import ModelNotSupported
from backend.pipeline.dependencies import Exporter

_PENDING = "it is prepared while the deployment serves, and replaces the server if it is faster"
_LATER = "it is measured while the deployment serves"


def may_export(plan: Plan, machine: Machine, exporter: Exporter) -> bool:
    """Whether a graph of this model is worth a try here."""
    is_free = plan.request.hardware.engine == "auto" and exporter.is_on
    return is_free and machine.openvino_problem is None and "openvino" in plan.model.engines


async def requested(
    plan: Plan, spec: ServerSpec, machine: Machine, exporter: Exporter, report: Report
) -> str:
    """The folder of the graph of a model for which OpenVINO was requested.

    Raises ModelNotSupported if it cannot be exported.
    """
    report("exporting the model for OpenVINO, which takes a minute")
    try:
        free = machine.memory_free_bytes
        return str(await exporter.export(plan.model, spec, free, report))
    except ExportFailed as error:
        detail = f"The model cannot be exported for OpenVINO: {error}."
        raise ModelNotSupported(detail, instead="Set hardware.engine to auto.") from None


def split(
    candidates: Sequence[Candidate], plan: Plan, spec: ServerSpec, exporter: Exporter
) -> tuple[list[Candidate], list[Candidate], str | None]:
    """The candidates to measure now, the others with the reason, and the folder of the graph."""
    graphs = [one for one in candidates if one.engine == "openvino"]
    others = [one for one in candidates if one.engine != "openvino"]
    if not graphs:
        return others, [], None
    try:
        folder = exporter.find(plan.model, spec)
    except ExportFailed as error:
        return others, [refused(one, str(error)) for one in graphs], None
    if folder is not None:
        return list(candidates), [], str(folder)
    pending = {"is_pending": True, "reason": _PENDING}
    return others, [one.model_copy(update=pending) for one in graphs], None


def postponed(measured: Sequence[Candidate], exporter: Exporter) -> list[Candidate]:
    """The same candidates; those for which there was no time are measured later, without haste."""
    if not exporter.is_on:
        return list(measured)
    return [
        one.model_copy(update={"is_pending": True, "reason": f"{one.reason}; {_LATER}"})
        if one.latency_ms is None and not one.chosen and one.reason.startswith(NOT_MEASURED)
        else one
        for one in measured
    ]


def refused(one: Candidate, why: str) -> Candidate:
    """The candidate, which cannot be run."""
    return one.model_copy(update={"is_pending": False, "reason": f"it cannot be exported: {why}"})


def ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """In the order in which they are measured: by precision, that of the reference first."""
    dtypes = list(dict.fromkeys(one.dtype for one in candidates))
    return sorted(candidates, key=lambda one: dtypes.index(one.dtype))

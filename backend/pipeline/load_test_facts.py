"""What is known of a load test before it begins."""

from backend.domain.deployment import Receipt
from backend.domain.ids import utc_now
from backend.domain.load_test import InputSummary, LoadTest, LoadTestRequest, PrepareFigures
from backend.load_test.inputs import SAMPLES
from backend.store.records import DeploymentRecord, VersionRecord


def new_load_test(
    test_id: str, record: DeploymentRecord, version: VersionRecord, request: LoadTestRequest
) -> LoadTest:
    """A queued test of this version."""
    return LoadTest(
        id=test_id,
        deployment_id=record.id,
        version=record.version,
        state="queued",
        message="Waiting for another load test.",
        concurrency=request.concurrency,
        seconds=request.seconds,
        input=summary(request),
        created_at=utc_now(),
        prepare=prepare_figures(version.prepared.receipt) if version.prepared else None,
    )


def summary(request: LoadTestRequest) -> InputSummary:
    """What is sent, without the inputs themselves."""
    if request.file is not None:
        return InputSummary(kind="file", count=1, bytes=len(request.file.data))
    if request.inputs is not None:
        return InputSummary(kind="inputs", count=len(request.inputs))
    return InputSummary(kind="sample", count=SAMPLES)


def prepare_figures(receipt: Receipt) -> PrepareFigures | None:
    """The figures of the candidate that was chosen; None if prepare did not measure it."""
    chosen = next((one for one in receipt.candidates if one.chosen), None)
    if chosen is None or not chosen.latency_ms:
        return None
    best = min(chosen.latency_ms, chosen.group_latency_ms or chosen.latency_ms)
    return PrepareFigures(
        engine=chosen.engine,
        dtype=chosen.dtype,
        threads=chosen.threads,
        latency_ms=chosen.latency_ms,
        group_latency_ms=chosen.group_latency_ms,
        inputs_per_second=round(1000 / best, 3),
    )

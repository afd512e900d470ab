"""Step 2: download the pinned files and verify their hashes."""

from backend.domain.plan import Plan, Snapshot
from backend.domain.report import Report
from backend.pipeline.dependencies import Models
from backend.pipeline.step import Facts, step


def nothing_to_do(snapshot: Snapshot) -> str | None:
    """Reason why nothing was downloaded, or None."""
    return snapshot.nothing_to_do


@step(
    Facts(
        title="Download the model", weight=50, estimate_seconds=30, setting="MAX_DOWNLOAD_TIMEOUT"
    ),
    why_skipped=nothing_to_do,
)
async def download(report: Report, plan: Plan, models: Models) -> Snapshot:
    """Download what is missing on disk; idempotent."""
    snapshot = await models.download(plan.model, report)
    if snapshot.fetched_bytes > 0:
        return snapshot
    where = {
        "starter": "The model ships with Slipway.",
        "local": "The model is in the local folder.",
    }
    reason = where.get(plan.model.source, "All files are cached.")
    return snapshot.model_copy(update={"nothing_to_do": f"Nothing to download. {reason}"})

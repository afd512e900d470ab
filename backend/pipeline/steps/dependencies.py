"""Step 3: the libraries that the model requires, only from Slipway's locked extras."""

from backend.domain.plan import Environment, Plan
from backend.domain.report import Report
from backend.pipeline.dependencies import Packages
from backend.pipeline.step import Facts, step


def nothing_to_do(environment: Environment) -> str | None:
    """Reason why nothing was installed, or None."""
    return environment.nothing_to_do


@step(
    Facts(
        title="Set up dependencies",
        weight=6,
        estimate_seconds=1,
        setting="DEPENDENCY_INSTALL_TIMEOUT",
    ),
    why_skipped=nothing_to_do,
)
async def dependencies(report: Report, plan: Plan, packages: Packages) -> Environment:
    """Create the server's environment; installed extras are not installed again."""
    environment = await packages.install(plan.extras, report)
    if environment.extras:
        return environment
    return environment.model_copy(update={"nothing_to_do": "All dependencies are installed."})

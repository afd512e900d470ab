"""The verdict of step 1 with nothing started."""

from backend.domain.plan import Preflight, PreflightItem
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.steps.validate import examine
from backend.pipeline.verdict import judge


async def preflight(request: DeploymentRequest, use: PipelineDependencies) -> Preflight:
    """Item by item; what the Hub refuses is one blocking item, since nothing more can be known."""
    try:
        _, case = await examine(request, use)
    except PlatformError as error:
        problem = error.problem("validate")
        item = PreflightItem(
            code="source",
            verdict="block",
            title=problem.title,
            detail=problem.detail,
            remedy=problem.remedy,
            problem_code=problem.code,
        )
        return Preflight(verdict="block", items=[item])
    return judge(case)[0]

"""Preflight: the verdict of validate, without starting a deployment."""

from backend.domain.plan import Preflight, PreflightItem
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.steps.validate import examine
from backend.pipeline.verdict import judge


async def preflight(request: DeploymentRequest, use: PipelineDependencies) -> Preflight:
    """The verdict, item by item. An error of the Hub is the only item, and it blocks."""
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

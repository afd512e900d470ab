"""Routes of the load tests of a deployment."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from backend.api.body import StrictRoute
from backend.api.deployments import Key, url_of
from backend.api.documented import MAY_FAIL
from backend.api.services import Use
from backend.domain.load_test import LoadTest, LoadTestRequest

router = APIRouter(route_class=StrictRoute, tags=["load tests"], responses=MAY_FAIL)
TestId = Annotated[str, Path(description="Id of the load test.", max_length=40)]


@router.post("/deployments/{key}/load-tests", status_code=202)
async def start(
    request: Request, response: Response, key: Key, body: LoadTestRequest, use: Use
) -> LoadTest:
    """Start a load test: requests from a process on this machine to the endpoint of a deployment.

    One runs at a time; others are queued. The deployment serves other clients meanwhile, slower.
    """
    test = await use.load_tests.start(key, body)
    below = f"{use.settings.api_prefix}/deployments/{test.deployment_id}/load-tests/{test.id}"
    response.headers["Location"] = f"{url_of(request).path}{below}"
    return test


@router.get("/deployments/{key}/load-tests")
async def index(key: Key, use: Use) -> list[LoadTest]:
    """List the last 20 load tests of a deployment, newest first."""
    return await use.load_tests.all(key)


@router.get("/deployments/{key}/load-tests/{test_id}")
async def show(key: Key, test_id: TestId, use: Use) -> LoadTest:
    """Get a load test, with its progress or its result."""
    return await use.load_tests.get(key, test_id)


@router.delete("/deployments/{key}/load-tests/{test_id}", status_code=202)
async def cancel(key: Key, test_id: TestId, use: Use) -> LoadTest:
    """Stop a load test; its result is that of the requests until then. No-op if it has ended."""
    return await use.load_tests.cancel(key, test_id)

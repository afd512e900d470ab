"""Errors of load tests."""

from backend.errors.base import PlatformError


class LoadTestActive(PlatformError):
    """A load test of this deployment is queued or running; a second one would measure the first."""

    code = "load-test-active"
    title = "A load test of this deployment is running"
    status = 409
    remedy = "Wait until it ends, or cancel it: DELETE /deployments/{name}/load-tests/{test}."
    facts = ("name", "test")
    error_type = "conflict"


class LoadTestRejected(PlatformError):
    """The model server rejected a request of the warm-up, so that there is nothing to measure."""

    code = "load-test-rejected"
    title = "The model server rejected the input of the load test"
    status = 424
    remedy = "Try the input in the playground, correct it, and start the load test again."
    error_type = "generation"


class LoadTestInterrupted(PlatformError):
    """The control plane or the model server stopped before the load test ended."""

    code = "load-test-interrupted"
    title = "The load test was interrupted"
    status = 503
    remedy = "Start it again when the deployment is running."
    retryable = True
    error_type = "unavailable"

"""The error for requests to a deployment that has no ready server."""

from backend.domain.deployment import State
from backend.errors import PlatformError
from backend.errors.inference import DeploymentNotRunning, ModelLoading

# The action that starts it again; in every other state a server starts automatically.
STARTED_BY = {
    State.PAUSED: "resume",
    State.SCALED_TO_ZERO: "resume",
    State.FAILED: "retry",
    State.CANCELLED: "retry",
}
WORDS = {State.SCALED_TO_ZERO: "asleep"}
RETRY_SECONDS = 2.0


def unavailable(name: str, state: State) -> PlatformError:
    """The 503 for a deployment in `state`; retryable only if the server starts automatically."""
    shown = WORDS.get(state, state)
    verb = STARTED_BY.get(state)
    if verb is None:
        return ModelLoading(
            f"{name!r} is {shown}: its model server is not ready yet.", retry_after=RETRY_SECONDS
        )
    detail = f"{name!r} is {shown}; a request does not start it. To start it: {verb}."
    return DeploymentNotRunning(detail, name=name, verb=verb)

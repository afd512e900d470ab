"""The states in which each action on a deployment is possible."""

from backend.domain.deployment import State
from backend.errors.state import StateForbids
from backend.store.records import DeploymentRecord

S = State
_ALLOWED: dict[str, frozenset[State]] = {
    "cancel": frozenset({S.PENDING, S.INITIALIZING, S.UPDATING}),
    "pause": frozenset({S.RUNNING, S.SCALED_TO_ZERO, S.UPDATE_FAILED}),
    "resume": frozenset({S.PAUSED, S.SCALED_TO_ZERO}),
    "retry": frozenset({S.FAILED, S.CANCELLED, S.UPDATE_FAILED}),
    "restart": frozenset({S.RUNNING, S.UPDATE_FAILED}),
}


def check_allowed(deployment: DeploymentRecord, verb: str) -> None:
    """Raise StateForbids with the states that allow this action, if this one does not."""
    if deployment.state not in _ALLOWED[verb]:
        allowed = ", ".join(sorted(_ALLOWED[verb]))
        detail = f"{deployment.name!r} is {deployment.state}: {verb} is not possible."
        raise StateForbids(detail, allowed=allowed)


def is_stalled(deployment: DeploymentRecord) -> bool:
    """Whether the running step is stalled."""
    return any(step.state == "stalled" for step in deployment.progress.steps)

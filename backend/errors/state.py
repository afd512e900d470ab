"""Errors of valid requests that conflict with the current state."""

from backend.errors.base import PlatformError


class NameTaken(PlatformError):
    """Another deployment has this name."""

    code = "name-taken"
    title = "The name is in use"
    status = 409
    remedy = "Choose another name, or delete the deployment with this name."
    error_type = "conflict"


class StateForbids(PlatformError):
    """The deployment's state does not allow this action."""

    code = "state-forbids"
    title = "The state of the deployment does not allow this"
    status = 409
    remedy = "Possible in the states: {allowed}. Wait, or pause, resume or retry first."
    error_type = "conflict"
    facts = ("allowed",)


class IdempotencyConflict(PlatformError):
    """The same Idempotency-Key was used before with a different body."""

    code = "idempotency-key-reused"
    title = "This Idempotency-Key was used for another request"
    status = 422
    remedy = "Send a new Idempotency-Key for a new request."


class IdempotencyInProgress(PlatformError):
    """The first request with this Idempotency-Key has not completed yet."""

    code = "idempotency-in-progress"
    title = "The first request with this key is still in progress"
    status = 409
    remedy = "Retry in a second."
    retryable = True
    error_type = "conflict"


class DatabaseBusy(PlatformError):
    """The database did not respond in time: it is locked, or its disk is full or failing."""

    code = "database-busy"
    title = "The database does not respond"
    status = 503
    remedy = "Retry in a few seconds; check the free disk space of MODEL_STORAGE_PATH."
    retryable = True
    error_type = "unavailable"


class InternalError(PlatformError):
    """A bug in Slipway. The log contains the traceback with the request ID."""

    code = "internal-error"
    title = "Internal error"
    status = 500
    remedy = "Report it with the request id and its traceback in Slipway's log."
    error_type = "internal"

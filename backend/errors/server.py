"""Unexpected ends of a pipeline step or a model server."""

from backend.errors.base import PlatformError


class StepTimeout(PlatformError):
    """A step exceeded its timeout."""

    code = "step-timeout"
    title = "A step timed out"
    status = 504
    remedy = "Raise {setting} and retry; completed work is kept."
    facts = ("setting",)
    retryable = True
    error_type = "timeout"


class ServerDied(PlatformError):
    """The model server exited unexpectedly while it was starting or serving."""

    code = "server-died"
    title = "The model server exited unexpectedly"
    status = 500
    remedy = "Read the deployment's log, then retry; try another dtype if a library crashed."
    retryable = True
    error_type = "unavailable"


class OutOfMemory(PlatformError):
    """The model server was killed because it exceeded its memory limit."""

    code = "model-out-of-memory"
    title = "The model exceeded its memory limit"
    status = 507
    remedy = "Raise hardware.memory_limit_gb, choose a smaller dtype or model, and retry."
    error_type = "unavailable"


class CrashLoop(PlatformError):
    """The model server exited repeatedly and is no longer restarted."""

    code = "crash-loop"
    title = "The model server crashes repeatedly"
    status = 500
    remedy = "Read the end of the deployment's log, fix the cause, then retry."
    error_type = "unavailable"


class LoadFailed(PlatformError):
    """transformers could not load the model from its files."""

    code = "load-failed"
    title = "The model could not be loaded"
    status = 422
    remedy = "Check that the model supports the task; the log has the library's message."


class VerifyFailed(PlatformError):
    """The server is ready, but the verification request failed or returned no valid output."""

    code = "verify-failed"
    title = "The verification request failed"
    status = 424
    remedy = "Read the log; try another dtype, or check that the model supports the task."
    error_type = "generation"


class KeeperLost(PlatformError):
    """The keeper, the process that owns the listening sockets, did not respond."""

    code = "keeper-lost"
    title = "The keeper does not respond"
    status = 503
    remedy = "Retry: a new keeper is started automatically."
    retryable = True
    error_type = "unavailable"


class InstallFailed(PlatformError):
    """A library that the model requires could not be installed."""

    code = "install-failed"
    title = "A library could not be installed"
    status = 502
    remedy = "Check the connection to the package registry and the free disk space, then retry."
    retryable = True
    error_type = "unavailable"


class WorkerDied(PlatformError):
    """The worker process of a step exited without a result."""

    code = "worker-died"
    title = "The worker of the step exited unexpectedly"
    status = 500
    remedy = "Retry. If it fails again, read the log of the deployment for the cause."
    retryable = True
    error_type = "unavailable"

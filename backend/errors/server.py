"""How a step or a model server can end that should not have ended."""

from backend.errors.base import PlatformError


class StepTimeout(PlatformError):
    """A step ran longer than its limit."""

    code = "step-timeout"
    title = "A step timed out"
    status = 504
    remedy = "Raise {setting} and retry; completed work is kept."
    facts = ("setting",)
    retryable = True
    error_type = "timeout"


class ServerDied(PlatformError):
    """The model server ended by itself while it was starting or serving."""

    code = "server-died"
    title = "The model server exited unexpectedly"
    status = 500
    remedy = "Read the last log lines, then retry. If a library crashed, try another dtype."
    retryable = True
    error_type = "unavailable"


class OutOfMemory(PlatformError):
    """The model server was ended because it used more memory than it may."""

    code = "model-out-of-memory"
    title = "The model exceeded its memory limit"
    status = 507
    remedy = "Raise hardware.memory_limit_gb, choose a smaller dtype or model, and retry."
    error_type = "unavailable"


class CrashLoop(PlatformError):
    """The model server died again and again; it is no longer restarted."""

    code = "crash-loop"
    title = "The model server crashes repeatedly"
    status = 500
    remedy = "Read the last log lines, fix the cause, then retry."
    error_type = "unavailable"


class LoadFailed(PlatformError):
    """The model's files are there and the library could not make a model of them."""

    code = "load-failed"
    title = "The model could not be loaded"
    status = 422
    remedy = "Check that the model supports the task; the log has the message of the library."


class VerifyFailed(PlatformError):
    """The server is up and its first real answer was no answer."""

    code = "verify-failed"
    title = "The verification request failed"
    status = 424
    remedy = "Read the log; try another dtype, or check that the model supports the task."
    error_type = "generation"


class KeeperLost(PlatformError):
    """The process that holds the ports did not answer."""

    code = "keeper-lost"
    title = "The keeper does not respond"
    status = 503
    remedy = "Retry: a new keeper is started automatically."
    retryable = True
    error_type = "unavailable"


class InstallFailed(PlatformError):
    """A library that the model needs could not be installed."""

    code = "install-failed"
    title = "A library could not be installed"
    status = 502
    remedy = "Check the network to the package registry and the free disk, then retry."
    retryable = True
    error_type = "unavailable"


class WorkerDied(PlatformError):
    """The process that did a step ended without a result."""

    code = "worker-died"
    title = "The worker of the step exited unexpectedly"
    status = 500
    remedy = "Retry. If it fails again, read the log of the deployment for the cause."
    retryable = True
    error_type = "unavailable"

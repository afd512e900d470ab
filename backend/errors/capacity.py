"""What this machine has not enough of."""

from backend.errors.base import PlatformError


class ModelTooLarge(PlatformError):
    """The model is larger than the size allowed here."""

    code = "model-too-large"
    title = "The model is larger than allowed"
    status = 413
    remedy = "Choose a smaller model, or raise {setting}."
    facts = ("setting",)


class NotEnoughMemory(PlatformError):
    """The model needs more memory than the machine has free or the limit allows."""

    code = "not-enough-memory"
    title = "The model does not fit in memory"
    status = 507
    remedy = "Choose a smaller model or dtype, pause another deployment, or raise {setting}."
    facts = ("setting",)


class DiskFull(PlatformError):
    """There is not enough free disk for the download and a reserve of 1 GB."""

    code = "disk-full"
    title = "Not enough disk space"
    status = 507
    remedy = "Free {needed} on the disk of {setting}, then retry; downloaded data is kept."
    facts = ("needed", "setting")
    retryable = True


class PortTaken(PlatformError):
    """The port asked for is in use, or outside the range."""

    code = "port-taken"
    title = "The port is in use"
    status = 409
    remedy = "Choose another port, or omit it to get a free one."
    error_type = "conflict"


class NoFreePort(PlatformError):
    """All ports of the range are in use."""

    code = "no-free-port"
    title = "No port is free"
    status = 503
    remedy = "Delete a deployment, or extend MODEL_SERVE_PORT_START to MODEL_SERVE_PORT_END."
    retryable = True
    error_type = "unavailable"

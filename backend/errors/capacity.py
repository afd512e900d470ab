"""Errors about limited resources: model size, memory, disk, ports."""

from backend.errors.base import PlatformError


class ModelTooLarge(PlatformError):
    """The model exceeds the configured maximum size."""

    code = "model-too-large"
    title = "The model is larger than allowed"
    status = 413
    remedy = "Choose a smaller model, or raise {setting} in .env and restart Slipway."
    facts = ("setting",)


class NotEnoughMemory(PlatformError):
    """The model needs more memory than is free on the machine, or than the limit allows."""

    code = "not-enough-memory"
    title = "The model does not fit in memory"
    status = 507
    remedy = "Choose a smaller model or dtype, pause another deployment, or raise {setting}."
    facts = ("setting",)


class DiskFull(PlatformError):
    """There is not enough free disk space for the download and a reserve of 1 GB."""

    code = "disk-full"
    title = "Not enough disk space"
    status = 507
    remedy = "Free {needed} on the disk of {setting}, then retry; downloaded data is kept."
    facts = ("needed", "setting")
    retryable = True


class PortTaken(PlatformError):
    """The requested port is in use, or outside the port range."""

    code = "port-taken"
    title = "The port is not available"
    status = 409
    remedy = "Choose another port of the range, or omit it to get a free one."
    error_type = "conflict"


class NoFreePort(PlatformError):
    """All ports in the range are in use."""

    code = "no-free-port"
    title = "No port is free"
    status = 503
    remedy = "Delete a deployment, or raise MODEL_SERVE_PORT_END in .env and restart Slipway."
    retryable = True
    error_type = "unavailable"

"""Errors in the settings, raised at startup."""

from backend.errors.base import PlatformError


class UnsafeExposure(PlatformError):
    """The server would listen on a public address without an API key."""

    code = "unsafe-exposure"
    title = "A public address needs an API key"
    status = 500
    remedy = (
        "Set API_KEY_ENABLED=true and API_KEY, or ALLOW_INSECURE_PUBLIC=true, or bind 127.0.0.1."
    )


class InvalidSetting(PlatformError):
    """The value of a setting is invalid."""

    code = "invalid-setting"
    title = "A setting is not valid"
    status = 500
    remedy = "Correct {setting} in .env and start Slipway again."
    facts = ("setting",)


class AlreadyRunning(PlatformError):
    """Another control plane uses the same MODEL_STORAGE_PATH."""

    code = "already-running"
    title = "Another Slipway process uses this storage"
    status = 500
    remedy = "Stop the other process, or set another MODEL_STORAGE_PATH."

"""Errors of the command line itself; all others come from the control plane."""

from backend.errors.base import PlatformError


class ControlPlaneUnreachable(PlatformError):
    """The command line could not connect to the control plane."""

    code = "control-plane-unreachable"
    title = "The control plane does not respond"
    status = 503
    remedy = "Start it with make run, or name its URL with --url or SLIPWAY_URL."
    retryable = True
    error_type = "unavailable"


class UnexpectedResponse(PlatformError):
    """Something else than a control plane of Slipway responds at this URL."""

    code = "unexpected-response"
    title = "The response is not one of Slipway"
    status = 502
    remedy = "Check --url and SLIPWAY_URL, and the proxy between, if there is one."
    error_type = "unavailable"


class UnusableFile(PlatformError):
    """A file on the command line cannot be read or sent."""

    code = "unusable-file"
    title = "The file cannot be used"
    status = 400
    remedy = "Name a JSON file with request bodies, or an image, audio or video file."

"""Errors of the Hub, of the connection to it, and of the repositories on it."""

from backend.errors.base import PlatformError


class ModelNotFound(PlatformError):
    """There is no model with this id on the Hub, among the starters, or in the local folder."""

    code = "model-not-found"
    title = "The model does not exist"
    status = 404
    remedy = "Check the id: on the Hub it is `owner/name`; a private model needs a token."
    error_type = "not_found"


class RevisionNotFound(PlatformError):
    """The model exists, but this revision does not."""

    code = "revision-not-found"
    title = "The model has no such revision"
    status = 404
    remedy = "Use a branch, tag or commit that the model has; `main` is the default."
    error_type = "not_found"


class ModelGated(PlatformError):
    """The model is gated: you must accept its terms on the Hub first."""

    code = "model-gated"
    title = "Access to this model must be requested first"
    status = 403
    remedy = "Accept the terms at {page}, then provide a token with read access."
    facts = ("page",)
    error_type = "authentication"


class HubUnauthorized(PlatformError):
    """The Hub rejected the token, or requires one."""

    code = "hub-unauthorized"
    title = "The Hub rejected the token"
    status = 401
    remedy = (
        "Set HUGGINGFACE_TOKEN (or the token in the wizard) to one with read access to this model."
    )
    error_type = "authentication"


class HubUnreachable(PlatformError):
    """The Hub does not respond."""

    code = "hub-unreachable"
    title = "The Hub cannot be reached"
    status = 503
    remedy = "Check the network and HF_ENDPOINT, or deploy a starter, cached or local model."
    retryable = True
    error_type = "unavailable"


class HubOffline(PlatformError):
    """HF_HUB_OFFLINE is set and the model is not in the cache."""

    code = "hub-offline"
    title = "The Hub is disabled and the model is not cached"
    status = 409
    remedy = "Choose a cached, local or starter model, or unset HF_HUB_OFFLINE and restart Slipway."


class HubStalled(PlatformError):
    """The Hub repeatedly stopped sending data."""

    code = "hub-stalled"
    title = "The download stalled"
    status = 504
    remedy = "Retry: the download resumes from the data on disk."
    retryable = True
    error_type = "unavailable"


class HubRateLimited(PlatformError):
    """The Hub asked for a longer delay than Slipway waits."""

    code = "hub-rate-limited"
    title = "The Hub's rate limit was reached"
    status = 503
    remedy = "Retry in a few minutes, or set HUGGINGFACE_TOKEN for a higher limit."
    retryable = True
    error_type = "unavailable"


class CorruptFile(PlatformError):
    """A file failed the check of its hash twice."""

    code = "corrupt-file"
    title = "A downloaded file does not match its hash"
    status = 502
    remedy = "Retry. If it fails again, a mirror or proxy changes the file: avoid it."
    retryable = True
    error_type = "unavailable"

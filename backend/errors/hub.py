"""What can go wrong between this machine and the Hub, or with what the Hub holds."""

from backend.errors.base import PlatformError


class ModelNotFound(PlatformError):
    """No model has this id on the Hub, among the starters, or in the local folder."""

    code = "model-not-found"
    title = "The model does not exist"
    status = 404
    remedy = "Check the id: on the Hub it is `owner/name`; a private model needs a token."
    error_type = "not_found"


class RevisionNotFound(PlatformError):
    """The model exists, without this revision."""

    code = "revision-not-found"
    title = "The model has no such revision"
    status = 404
    remedy = "Use a branch, tag or commit that the model has; `main` is the default."
    error_type = "not_found"


class ModelGated(PlatformError):
    """The model's authors want their terms accepted first."""

    code = "model-gated"
    title = "Access to this model must be requested first"
    status = 403
    remedy = "Accept the terms at {page}, then provide a token with read access."
    facts = ("page",)
    error_type = "authentication"


class HubUnauthorized(PlatformError):
    """The Hub refused the token, or wants one."""

    code = "hub-unauthorized"
    title = "The Hub rejected the token"
    status = 401
    remedy = (
        "Set HUGGINGFACE_TOKEN (or the token in the wizard) to one with read access to this model."
    )
    error_type = "authentication"


class HubUnreachable(PlatformError):
    """The Hub does not answer."""

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
    remedy = "Unset HF_HUB_OFFLINE, or choose a model from the cache."


class HubStalled(PlatformError):
    """The Hub stopped sending, again and again."""

    code = "hub-stalled"
    title = "The download stalled"
    status = 504
    remedy = "Retry: the download resumes from the data on disk."
    retryable = True
    error_type = "unavailable"


class HubRateLimited(PlatformError):
    """The Hub asked to slow down, longer than we wait."""

    code = "hub-rate-limited"
    title = "The Hub's rate limit was reached"
    status = 503
    remedy = "Retry in a few minutes. A token raises the limit."
    retryable = True
    error_type = "unavailable"


class CorruptFile(PlatformError):
    """A file's content does not match the hash that the Hub gives for it, twice."""

    code = "corrupt-file"
    title = "A downloaded file does not match its hash"
    status = 502
    remedy = "Retry. If it fails again, a mirror or proxy changes the file: use another one."
    retryable = True
    error_type = "unavailable"

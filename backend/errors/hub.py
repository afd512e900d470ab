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
    remedy = "Accept the terms at {page}, then give a token that may read it."
    facts = ("page",)
    error_type = "authentication"


class HubUnauthorized(PlatformError):
    """The Hub refused the token, or wants one."""

    code = "hub-unauthorized"
    title = "The Hub refused the token"
    status = 401
    remedy = "Set HUGGINGFACE_TOKEN (or the token in the wizard) to one that may read this model."
    error_type = "authentication"


class HubUnreachable(PlatformError):
    """The Hub does not answer."""

    code = "hub-unreachable"
    title = "The Hub does not answer"
    status = 503
    remedy = "Check the network and HF_ENDPOINT, or deploy a starter, cached or local model."
    retryable = True
    error_type = "unavailable"


class HubOffline(PlatformError):
    """HF_HUB_OFFLINE is set and the model is not in the cache."""

    code = "hub-offline"
    title = "The Hub is switched off and the model is not cached"
    status = 409
    remedy = "Unset HF_HUB_OFFLINE, or choose a model from the cache."


class HubStalled(PlatformError):
    """The Hub stopped sending, again and again."""

    code = "hub-stalled"
    title = "The Hub stopped sending"
    status = 504
    remedy = "Retry: it goes on from the bytes already on disk."
    retryable = True
    error_type = "unavailable"


class HubRateLimited(PlatformError):
    """The Hub asked to slow down, longer than we wait."""

    code = "hub-rate-limited"
    title = "The Hub asked to slow down"
    status = 503
    remedy = "Retry in a few minutes; a token raises the limit."
    retryable = True
    error_type = "unavailable"


class CorruptFile(PlatformError):
    """A file's content does not match the hash that the Hub gives for it, twice."""

    code = "corrupt-file"
    title = "A downloaded file is not what its author published"
    status = 502
    remedy = "Retry; if it stays, the mirror or a proxy between changes files: use another."
    retryable = True
    error_type = "unavailable"

"""How one request to a model can fail."""

from typing import Any

from backend.errors.base import PlatformError


class InvalidInput(PlatformError):
    """The input cannot be read as what the task takes."""

    code = "invalid-input"
    title = "The input is not valid for this task"
    status = 422
    remedy = "Compare with the example in /docs, and correct what the detail names."


class InputTooLong(PlatformError):
    """The input has more tokens than the model takes."""

    code = "input-too-long"
    title = "The input is too long"
    status = 422
    remedy = "Shorten the input{truncate}."
    facts = ("truncate",)

    def __init__(self, detail: str, **given: Any) -> None:
        """`truncate`: what the route offers instead, such as `, or set truncate to true`."""
        super().__init__(detail, **given)
        self.values.setdefault("truncate", "")


class TokenIdsGiven(PlatformError):
    """The request has token ids where texts are taken.

    ## What to do
    Send texts. LangChain's OpenAIEmbeddings does with `check_embedding_ctx_length=False`.
    """

    code = "token-ids-given"
    title = "Token IDs are not supported"
    status = 400
    remedy = "Send text; in LangChain set check_embedding_ctx_length=False on OpenAIEmbeddings."


class OptionNotSupported(PlatformError):
    """The request asks for something that this API has elsewhere, and that is not done here."""

    code = "option-not-supported"
    title = "An option of the request is not supported"
    status = 422
    remedy = "Remove {option}; /docs lists the supported options."
    facts = ("option",)


class InvalidMedia(PlatformError):
    """The bytes are no image, audio or video that can be decoded."""

    code = "invalid-media"
    title = "The media could not be decoded"
    status = 422
    remedy = "Send a complete file: PNG, JPEG, WebP, AVIF, HEIC; WAV, MP3, OGG, FLAC, M4A, WebM."


class GenerationFailed(PlatformError):
    """The model's own code failed on this input, or gave a number that is not finite."""

    code = "generation-failed"
    title = "The model failed on this input"
    status = 424
    remedy = "Try another input or dtype; other requests are not affected."
    error_type = "generation"


class Overloaded(PlatformError):
    """The queue of the model is full."""

    code = "overloaded"
    title = "The queue of the model is full"
    status = 429
    remedy = "Retry after the seconds in Retry-After, or raise serving.max_queue."
    retryable = True
    error_type = "overloaded"


class ModelLoading(PlatformError):
    """No server of this deployment is ready at the moment."""

    code = "model-loading"
    title = "The model is not ready"
    status = 503
    remedy = "Retry after the seconds in Retry-After."
    retryable = True
    error_type = "loading"


class DeploymentNotRunning(PlatformError):
    """The deployment is paused, asleep, failed or cancelled. A request does not start it."""

    code = "deployment-not-running"
    title = "The deployment is not running"
    status = 503
    remedy = "Start it with POST /deployments/{name}/{verb} (below API_PREFIX) or in the browser."
    error_type = "unavailable"
    facts = ("name", "verb")


class RequestTimeout(PlatformError):
    """The request took longer than MODEL_INFERENCE_TIMEOUT."""

    code = "request-timeout"
    title = "The request timed out"
    status = 504
    remedy = "Send less in one request, or raise MODEL_INFERENCE_TIMEOUT."
    retryable = True
    error_type = "timeout"


class ClientGone(PlatformError):
    """The client closed the connection before the response; recorded in logs and metrics only."""

    code = "client-gone"
    title = "The client closed the connection"
    status = 499
    remedy = "Keep the connection open until the response."
    error_type = "cancelled"

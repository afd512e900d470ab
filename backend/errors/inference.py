"""Errors of a single inference request."""

from typing import Any

from backend.errors.base import PlatformError


class InvalidInput(PlatformError):
    """The input does not match the input type of the task."""

    code = "invalid-input"
    title = "The input is not valid for this task"
    status = 422
    remedy = "Compare with the example in /docs, and correct the field that the detail describes."


class InputTooLong(PlatformError):
    """The input has more tokens than the model supports."""

    code = "input-too-long"
    title = "The input is too long"
    status = 422
    remedy = "Shorten the input{truncate}."
    facts = ("truncate",)

    def __init__(self, detail: str, **given: Any) -> None:
        """`truncate`: an alternative that the route supports, like `, or set truncate to true`."""
        super().__init__(detail, **given)
        self.values.setdefault("truncate", "")


class TokenIdsGiven(PlatformError):
    """The request contains token IDs where only text is supported.

    ## What to do
    Send text. For LangChain's OpenAIEmbeddings, set `check_embedding_ctx_length=False`.
    """

    code = "token-ids-given"
    title = "Token IDs are not supported"
    status = 400
    remedy = "Send text; in LangChain set check_embedding_ctx_length=False on OpenAIEmbeddings."


class OptionNotSupported(PlatformError):
    """The request uses an option that this API defines but Slipway does not support."""

    code = "option-not-supported"
    title = "An option of the request is not supported"
    status = 422
    remedy = "Remove {option}; /docs lists the supported options."
    facts = ("option",)


class InvalidMedia(PlatformError):
    """The data cannot be decoded as an image, audio or video."""

    code = "invalid-media"
    title = "The media could not be decoded"
    status = 422
    remedy = "Send a complete file: PNG, JPEG, WebP, AVIF, HEIC; WAV, MP3, OGG, FLAC, M4A, WebM."


class GenerationFailed(PlatformError):
    """The model's code raised an exception on this input, or returned a non-finite number."""

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
    """No model server of this deployment is ready at the moment."""

    code = "model-loading"
    title = "The model is not ready"
    status = 503
    remedy = "Retry after the seconds in Retry-After."
    retryable = True
    error_type = "loading"


class DeploymentNotRunning(PlatformError):
    """The deployment is paused, scaled to zero, failed or cancelled. Requests do not start it."""

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
    remedy = "Send less in one request, or raise MODEL_INFERENCE_TIMEOUT and restart Slipway."
    retryable = True
    error_type = "timeout"


class ClientGone(PlatformError):
    """The client closed the connection before the response was sent."""

    code = "client-gone"
    title = "The client closed the connection"
    status = 499
    remedy = "Keep the connection open until the response is complete."
    error_type = "cancelled"

"""Errors in a request, found before it is processed."""

from backend.errors.base import PlatformError


class InvalidSyntax(PlatformError):
    """The body is not valid JSON: bad syntax, not UTF-8, a non-finite number, or repeated keys.

    ## What to do
    Send one JSON document in UTF-8. `NaN`, `Infinity` and numbers beyond a double are not JSON.
    """

    code = "invalid-syntax"
    title = "The body is not valid JSON"
    status = 400
    remedy = "Send one JSON document in UTF-8, with finite numbers and no repeated keys."


class InvalidRequest(PlatformError):
    """A field is missing, unknown, of the wrong type or out of bounds.

    ## What to do
    Correct the fields listed in `errors`. `/docs` describes all fields with their bounds.
    """

    code = "invalid-request"
    title = "The request is not valid"
    status = 422
    remedy = "Correct the fields named in `errors`; /docs lists each field with its bounds."


class Unauthorized(PlatformError):
    """The API key is missing.

    ## What to do
    Send `Authorization: Bearer KEY` (or `X-API-Key`). The key is `API_KEY` in the server's `.env`.
    """

    code = "unauthorized"
    title = "An API key is required"
    status = 401
    remedy = "Send the key as `Authorization: Bearer …` or `X-API-Key`."
    error_type = "authentication"


class Forbidden(PlatformError):
    """The origin of the page that sent the request is not allowed.

    ## What to do
    Add the page's origin to `CORS_ORIGINS`.
    """

    code = "forbidden"
    title = "The web origin is not allowed"
    status = 403
    remedy = "Add the web page's origin to CORS_ORIGINS in .env and restart Slipway."
    error_type = "authentication"


class WrongKey(PlatformError):
    """The API key in the request is wrong."""

    code = "wrong-key"
    title = "The API key is wrong"
    status = 403
    remedy = "Send the key that is set as API_KEY in the server's .env."
    error_type = "authentication"


class HostNotAllowed(PlatformError):
    """The Host header is not an allowed host of this server (a protection against DNS rebinding).

    ## What to do
    Add the name to `TRUSTED_HOSTS` (or set `PUBLIC_URL` to the URL that clients use) and restart
    Slipway. Restart the deployment too, if its own port returned this error.
    """

    code = "host-not-allowed"
    title = "This host name is not allowed"
    status = 421
    remedy = "Add {value} to TRUSTED_HOSTS in .env and restart Slipway."
    facts = ("value",)


class NotFound(PlatformError):
    """No resource has this path or name."""

    code = "not-found"
    title = "Not found"
    status = 404
    remedy = "Check the URL; GET /api/v1/deployments lists the deployments."
    error_type = "not_found"


class Gone(PlatformError):
    """The deployment was deleted; its id is never reused."""

    code = "deployment-deleted"
    title = "This deployment was deleted"
    status = 410
    remedy = "Create a new deployment; its weights may still be cached."
    error_type = "not_found"


class MethodNotAllowed(PlatformError):
    """The path exists, but does not support this method."""

    code = "method-not-allowed"
    title = "This method is not allowed here"
    status = 405
    remedy = "Use one of the methods in the Allow header."


class PayloadTooLarge(PlatformError):
    """The body, or its decoded content, exceeds a limit."""

    code = "payload-too-large"
    title = "The input is too large"
    status = 413
    remedy = "Send less in one request; the detail states the limit."


class UnsupportedMediaType(PlatformError):
    """This path does not support the content type or file format of the request."""

    code = "unsupported-media-type"
    title = "This content type is not supported"
    status = 415
    remedy = "Send `Content-Type: application/json`, or a format listed in /docs."


class KeyInQuery(PlatformError):
    """The URL contains an API key; URLs are stored in logs and browser histories."""

    code = "key-in-query"
    title = "API keys are not accepted in the URL"
    status = 400
    remedy = "Send the key in the Authorization header and change it, since URLs are logged."
    error_type = "authentication"

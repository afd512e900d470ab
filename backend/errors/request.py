"""What can be wrong with a request before anything was done for it."""

from backend.errors.base import PlatformError


class InvalidSyntax(PlatformError):
    """The body is not valid JSON: broken, not UTF-8, not a finite number, or repeated keys.

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
    Correct the places that `errors` names. `/docs` shows every field with its bounds.
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
    """The page that sent the request is not allowed to.

    ## What to do
    Add the page's origin to `CORS_ORIGINS`.
    """

    code = "forbidden"
    title = "This is not allowed"
    status = 403
    remedy = "Add the web page's origin to CORS_ORIGINS."
    error_type = "authentication"


class WrongKey(PlatformError):
    """The API key that was sent is not the one that is set here."""

    code = "wrong-key"
    title = "The API key is wrong"
    status = 403
    remedy = "Send the key that is set as API_KEY in the server's .env."
    error_type = "authentication"


class HostNotAllowed(PlatformError):
    """The Host header names a machine this server is not known by (a guard against DNS rebinding).

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
    """Nothing has this address or name."""

    code = "not-found"
    title = "Not found"
    status = 404
    remedy = "Check the URL; GET /api/v1/deployments lists the deployments."
    error_type = "not_found"


class Gone(PlatformError):
    """The deployment was deleted; its id is never used again."""

    code = "deployment-deleted"
    title = "This deployment was deleted"
    status = 410
    remedy = "Create a new deployment; its weights may still be cached."
    error_type = "not_found"


class MethodNotAllowed(PlatformError):
    """The address exists, with other methods."""

    code = "method-not-allowed"
    title = "This method is not allowed here"
    status = 405
    remedy = "Use one of the methods in the Allow header."


class PayloadTooLarge(PlatformError):
    """The body, or what it decodes to, is over a limit."""

    code = "payload-too-large"
    title = "The input is too large"
    status = 413
    remedy = "Send less in one request; the detail states the limit."


class UnsupportedMediaType(PlatformError):
    """The content type or the file format is not one this address takes."""

    code = "unsupported-media-type"
    title = "This content type is not supported"
    status = 415
    remedy = "Send `Content-Type: application/json`, or a format listed in /docs."


class KeyInQuery(PlatformError):
    """An API key was put into the URL, where logs and histories keep it."""

    code = "key-in-query"
    title = "API keys are not accepted in the URL"
    status = 400
    remedy = "Send the key in the Authorization header and change it, since URLs are logged."
    error_type = "authentication"

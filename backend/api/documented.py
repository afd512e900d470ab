"""Error responses that OpenAPI documents for every route; all have the same schema."""

from typing import Any

from backend.api.problems import MEDIA_TYPE
from backend.errors import Problem

_STATUSES = {
    400: "Invalid JSON, or an API key in the URL",
    401: "The API key is missing",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not possible in the current state",
    410: "Deleted",
    413: "Too large",
    415: "Unsupported content type",
    421: "Unknown host name",
    422: "Validation error",
    503: "Unavailable; see Retry-After",
}
MAY_FAIL: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
    }
    for status, text in _STATUSES.items()
}

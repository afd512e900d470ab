"""Error responses that OpenAPI documents for every route; all have the same schema."""

from typing import Any

from backend.api.problems import MEDIA_TYPE
from backend.errors import Problem

_STATUSES = {
    400: "Not JSON, or a key in the URL",
    401: "The API key is missing",
    403: "Not allowed",
    404: "Nothing is here",
    405: "Another method is needed",
    409: "The state forbids it",
    410: "It was deleted",
    413: "Too large",
    415: "Another content type is needed",
    421: "Unknown host name",
    422: "Refused by validation",
    503: "Not now; see Retry-After",
}
MAY_FAIL: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
    }
    for status, text in _STATUSES.items()
}

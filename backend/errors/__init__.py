"""The catalogue of expected errors: code, title, HTTP status and remedy of each, by code."""

from backend.errors import (
    capacity,
    cli,
    config,
    hub,
    inference,
    load_test,
    model,
    request,
    server,
    state,
)
from backend.errors.base import PlatformError, ProblemError
from backend.errors.problem import FieldError, Problem

_MODULES = (request, state, hub, model, capacity, server, inference, config, load_test, cli)

ERRORS: dict[str, type[PlatformError]] = {
    entry.code: entry
    for module in _MODULES
    for entry in vars(module).values()
    if isinstance(entry, type) and issubclass(entry, PlatformError) and entry is not PlatformError
}

__all__ = ["ERRORS", "FieldError", "PlatformError", "Problem", "ProblemError"]

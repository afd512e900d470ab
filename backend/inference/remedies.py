"""Remedies that depend on the route: each names an option that the route supports."""

from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import InputTooLong
from backend.inference.routes import Route
from backend.tasks import Task


def truncation_of(task: Task) -> str | None:
    """How a request to `/predict` enables truncation; None if the task does not support it."""
    place = "" if task.parameters_at_root else "parameters."
    if "truncation" in task.parameters.model_fields:
        return f"set {place}truncation to true"
    field = task.parameters.model_fields.get("truncate")
    if field is None:
        return None
    is_switch = field.annotation is bool
    return f"set {place}truncate to {'true' if is_switch else 'the number of tokens to keep'}"


def truncatable(route: Route, how: str | None) -> Route:
    """Wrap a route, so that its InputTooLong errors name its option for truncation."""
    if how is None:
        return route

    async def offering(request: Request) -> Response:
        try:
            return await route(request)
        except InputTooLong as error:
            error.values["truncate"] = f", or {how}"
            raise

    return offering

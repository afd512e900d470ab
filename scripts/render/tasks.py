"""Render the table of tasks in README.md from the registry and the views of the playground."""

from __future__ import annotations

import re
from pathlib import Path

from backend.tasks import NOT_SERVED, TASKS

_VIEW = re.compile(r"^  '?(?P<task>[\w-]+)'?: lazy\(", re.MULTILINE)
HEAD = (
    "| task | supported | method of `InferenceClient` | result in the playground |",
    "|---|---|---|---|",
)


def table(views: Path) -> str:
    """Supported tasks first, then the others with the reason.

    `views` is the file that lists the tasks with a view in the playground.
    """
    shown = {match["task"] for match in _VIEW.finditer(views.read_text())}
    served = [
        _row(
            name,
            "yes",
            f"`{task.client_method}`" if task.client_method else "none; curl",
            "custom view" if name in shown else "JSON",
        )
        for name, task in TASKS.items()
    ]
    others = [_row(name, _why(reason), "", "") for name, reason in sorted(NOT_SERVED.items())]
    return "\n".join([*HEAD, *served, *others])


def _why(reason: str) -> str:
    """The reason of the registry, with `no` or `not yet` in place of `not served`."""
    return reason.replace("not served yet:", "not yet:").replace("not served:", "no:")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"

"""The table of tasks in README.md, from the registry and the views of the playground."""

from __future__ import annotations

import re
from pathlib import Path

from backend.tasks import NOT_SERVED, TASKS

_VIEW = re.compile(r"^  '?(?P<task>[\w-]+)'?: lazy\(", re.MULTILINE)
HEAD = (
    "| task | served | method of `InferenceClient` | own view in the playground |",
    "|---|---|---|---|",
)


def table(views: Path) -> str:
    """Served tasks first, then the others with the reason; `views` is the playground's list."""
    shown = {match["task"] for match in _VIEW.finditer(views.read_text())}
    served = [
        _row(
            name,
            "yes",
            f"`{task.client_method}`" if task.client_method else "none; curl",
            _tick(name in shown),
        )
        for name, task in TASKS.items()
    ]
    others = [_row(name, _why(reason), "", "") for name, reason in sorted(NOT_SERVED.items())]
    return "\n".join([*HEAD, *served, *others])


def _why(reason: str) -> str:
    """The registry's reason without the words that the column's title says."""
    return reason.replace("not served yet:", "not yet:").replace("not served:", "no:")


def _tick(is_there: bool) -> str:
    return "yes" if is_there else "JSON"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"

"""Every error of the catalogue can be shown to a person."""

import re
from typing import Any

import pytest

from backend.api.error_pages import page
from backend.errors import ERRORS, PlatformError


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())
def test_every_error_renders_as_problem(error: type[PlatformError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", error.code)
    assert 400 <= error.status < 600
    assert error.title
    assert not error.title.endswith(".")
    assert error.remedy[0].isupper() or error.remedy.startswith("{")
    facts: dict[str, Any] = {}
    named = set(re.findall(r"{(\w+)}", error.remedy))
    assert named == set(error.facts)
    facts |= dict.fromkeys(named, "x")
    problem = error("What happened.", **facts).problem("start")
    assert (problem.code, problem.error, problem.step) == (error.code, "What happened.", "start")
    assert "{" not in problem.remedy
    assert error.code in page(error)


def test_error_codes_are_unique() -> None:
    classes = {cls for cls in PlatformError.__subclasses__() if hasattr(cls, "code")}
    assert len(classes) == len(ERRORS)


def test_only_internal_errors_and_dead_servers_are_500() -> None:
    allowed = {"internal-error", "server-died", "crash-loop", "worker-died", "unsafe-exposure",
               "invalid-setting", "already-running"}  # fmt: skip
    assert {code for code, error in ERRORS.items() if error.status == 500} <= allowed

"""No method and no task is forgotten: what a client could ask and has no case says why."""

from backend.tasks import TASKS
from backend.tasks.registry import ALIASES
from tests.clients.clients import CLIENTS
from tests.clients.hub.methods import NEVER, NOT_YET


def test_methods_of_tasks_that_are_served_have_a_case() -> None:
    served = TASKS.keys() | ALIASES.keys()
    assert {method: task for method, task in NOT_YET.items() if task in served} == {}


def test_a_method_with_a_case_is_not_also_excused() -> None:
    assert {*NOT_YET, *NEVER}.isdisjoint(CLIENTS["hub2"].names())

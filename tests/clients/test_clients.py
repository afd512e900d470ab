"""Every case of every client, as the client itself judges it."""

import pytest

from tests.clients.clients import CLIENTS
from tests.clients.conftest import Outcomes

CASES = [(name, case) for name, client in CLIENTS.items() for case in client.names()]


@pytest.mark.parametrize(("client", "case"), CASES)
def test_client_case_passes(client: str, case: str, outcomes: Outcomes) -> None:
    wrong = outcomes(client)[case]
    assert wrong is None, wrong


@pytest.mark.parametrize("client", CLIENTS)
def test_every_case_has_an_outcome(client: str, outcomes: Outcomes) -> None:
    assert sorted(outcomes(client)) == sorted(CLIENTS[client].names())

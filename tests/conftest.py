"""What all suites share."""

import pytest

from tests.fakes import locked_extras


@pytest.fixture(scope="session", autouse=True)
def shared_extras(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each extra is installed once for the tests of one process; see `locked_extras.SHARED`."""
    locked_extras.SHARED = tmp_path_factory.getbasetemp() / "environments"

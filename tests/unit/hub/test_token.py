"""The token that a person typed."""

from pathlib import Path

import pytest

from backend.errors.request import InvalidRequest
from backend.hub.token import TokenFile


def test_saved_token_is_private_and_overrides_environment(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "hub-token", "hf_environment")
    assert tokens.read() == "hf_environment"
    tokens.write(" hf_typed\n")
    assert tokens.read() == "hf_typed"
    assert (tmp_path / "hub-token").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["hub-token"]


def test_empty_token_removes_file(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "hub-token")
    tokens.write("hf_typed")
    tokens.write("")
    assert tokens.read() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["hf_a\r\nX-Evil: 1", "hf a", "hf_é", "x" * 600])
def test_invalid_token_is_rejected_without_echo(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        TokenFile(tmp_path / "hub-token").write(value)
    assert value not in str(refused.value)

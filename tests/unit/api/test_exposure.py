"""The rule for public addresses, and who the guard lets in."""

from typing import Any

import pytest

from backend.api.exposure import decide
from backend.api.security import host_name
from backend.config import Settings
from backend.errors.config import UnsafeExposure

KEY = {"api_key_enabled": True, "api_key": "sixteen-characters"}


def settings(**values: object) -> Settings:
    """Settings of these values alone."""
    chosen: dict[str, Any] = {"_env_file": None, **values}  # the first is pydantic-settings' own
    return Settings(**chosen)


@pytest.mark.parametrize(
    ("values", "host", "serve", "scope"),
    [
        ({}, "127.0.0.1", "127.0.0.1", "loopback"),
        ({"backend_host": "localhost"}, "localhost", "localhost", "loopback"),
        ({"backend_host": "0.0.0.0"}, "127.0.0.1", "127.0.0.1", "loopback"),
        ({"backend_host": "::"}, "127.0.0.1", "127.0.0.1", "loopback"),
        ({"backend_host": "0.0.0.0", **KEY}, "0.0.0.0", "0.0.0.0", "network"),
        ({"model_serve_host": "0.0.0.0"}, "127.0.0.1", "127.0.0.1", "loopback"),
        (
            {"backend_host": "10.0.0.1", "allow_insecure_public": True},
            "10.0.0.1", "10.0.0.1", "network",
        ),
    ],
)  # fmt: skip
def test_bind_addresses(values: dict[str, object], host: str, serve: str, scope: str) -> None:
    exposure, serve_host = decide(settings(**values))
    assert (exposure.host, serve_host, exposure.scope) == (host, serve, scope)


@pytest.mark.parametrize("name", ["backend_host", "model_serve_host"])
def test_public_address_without_key_is_rejected(name: str) -> None:
    with pytest.raises(UnsafeExposure):
        decide(settings(**{name: "192.0.2.7"}))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("localhost:8000", "localhost"),
        ("[::1]:8000", "[::1]"),
        ("a", "a"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_host_name_of_host_header(sent: str, name: str) -> None:
    assert host_name(sent) == name

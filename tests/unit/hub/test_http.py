"""Where the token may go."""

import httpx2
import pytest

from backend.hub.http import Origin, is_loopback


def sent(endpoint: str, target: str, *, allow_insecure: bool = False) -> bool:
    origin = Origin(endpoint=endpoint, token=lambda: "hf_x", allow_insecure=allow_insecure)
    return bool(origin.authorization(httpx2.URL(target)))


@pytest.mark.parametrize(
    ("endpoint", "target", "goes"),
    [
        ("https://hub.example", "https://hub.example/a", True),
        ("https://hub.example", "https://HUB.example:443/a", True),
        ("https://hub.example", "https://hub.example:8443/a", False),
        ("https://hub.example", "http://hub.example/a", False),
        ("https://hub.example", "https://cdn.hub.example/a", False),
        ("https://hub.example", "https://hub.example.evil/a", False),
        ("https://hub.example", "https://hub.example@evil/a", False),
        ("http://mirror.local", "http://mirror.local/a", False),
        ("http://localhost:9", "http://localhost:9/a", True),
        ("http://127.0.0.1:9", "http://127.0.0.1:8/a", False),
        ("http://[::1]:9", "http://[::1]:9/a", True),
    ],
)
def test_token_is_sent_to_its_own_origin_only(endpoint: str, target: str, goes: bool) -> None:
    assert sent(endpoint, target) is goes


def test_mirror_without_tls_gets_token_only_if_allowed() -> None:
    assert sent("http://mirror.local", "http://mirror.local/a", allow_insecure=True)
    assert not sent("http://mirror.local", "http://other.local/a", allow_insecure=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]"])
def test_loopback_hosts_are_recognized(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost.evil", "0.0.0.0", "127.0.0.1.evil"])
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)

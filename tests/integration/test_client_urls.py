"""Whose word about the client's URL counts: X-Forwarded headers and the Host header."""

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from tests.fakes.control_plane import Plane, running_plane, stub_plane

# Loopback addresses: a connection from the first is the proxy's, one from any other is not.
PROXY, STRANGER = "127.0.0.2", "127.0.0.3"
FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "example.org",
    "X-Forwarded-Prefix": "/slipway",
}
BODY = {"model_id": "sentiment", "source": "starter"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """Believes one proxy, and is known as one further name."""
    folder = tmp_path_factory.mktemp("plane")
    settings = {"TRUSTED_PROXIES": f"{PROXY}, 192.0.2.0/24", "TRUSTED_HOSTS": "Example.org"}
    with stub_plane(folder, **settings) as plane:
        plane.deploy("sentiment", name="first")
        plane.wait("first", "running")
        yield plane


@contextlib.contextmanager
def client_at(address: str) -> Iterator[httpx.Client]:
    """A client whose connections come from this address."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(transport=transport, timeout=30, trust_env=False) as client:
        yield client


def seen(plane: Plane, address: str, headers: dict[str, str]) -> dict[str, str]:
    """Everything in a response that depends on the URL of the client."""
    with client_at(address) as client:
        api = f"{plane.url}/api/v1"
        shown = client.get(f"{api}/deployments/first", headers=headers).json()
        problem = client.get(f"{api}/deployments/nobody", headers=headers).json()
        schema = client.get(f"{plane.url}/openapi.json", headers=headers).json()
        page = client.get(f"{plane.url}/", headers=headers).text
        key = {"Idempotency-Key": f"one-{address}-{len(headers)}"}
        made = client.post(f"{api}/deployments", json=BODY, headers=headers | key)
        return {
            "url": shown["url"],
            "wizard": shown["result"]["usage_instructions"]["test_ui_url"].rpartition("/test/")[0],
            "type": problem["type"],
            "server": schema["servers"][0]["url"],
            "location": made.headers["location"].rpartition("/deployments/")[0],
            "page": "forwarded" if "/slipway" in page else "direct",
        }


def test_forwarded_headers_of_trusted_proxy_are_used(plane: Plane) -> None:
    found = seen(plane, PROXY, FORWARDED)
    built = found.pop("page")
    assert found == {
        "url": "https://example.org/slipway/d/first",
        "wizard": "https://example.org/slipway",
        "type": "/slipway/errors/not-found",
        "server": "/slipway",
        "location": "/slipway/api/v1",
    }
    assert built == "forwarded"


def test_forwarded_headers_of_other_peers_are_ignored(plane: Plane) -> None:
    plain = seen(plane, STRANGER, {})
    assert seen(plane, STRANGER, FORWARDED) == plain
    assert seen(plane, STRANGER, FORWARDED | {"X-Forwarded-Host": "evil.example"}) == plain
    assert plain["wizard"] == plane.url


def test_last_forwarded_value_wins(plane: Plane) -> None:
    chain = {"X-Forwarded-Proto": "http, https", "X-Forwarded-Host": "evil.example, example.org"}
    assert seen(plane, PROXY, FORWARDED | chain)["wizard"] == "https://example.org/slipway"


@pytest.mark.parametrize(
    "prefix",
    ['/a"><script>', "//evil.example", "/a/../b", "/.", "slipway", "/sl ip", "/%73", "/a?b"],
)
def test_unsafe_forwarded_prefix_is_ignored(plane: Plane, prefix: str) -> None:
    with client_at(PROXY) as client:
        response = client.get(
            f"{plane.url}/openapi.json", headers=FORWARDED | {"X-Forwarded-Prefix": prefix}
        )
    assert response.json()["servers"] == [{"url": "/"}]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example", "X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "localhost, evil.example"},
        {"Host": "evil.example:8000"},
    ],
)
def test_both_hosts_of_trusted_peer_are_checked(plane: Plane, headers: dict[str, str]) -> None:
    """The second case is DNS rebinding: a page may choose X-Forwarded-Host, but not Host."""
    with client_at(PROXY) as client:
        refused = client.get(f"{plane.url}/api/v1/system", headers=headers)
    assert refused.status_code == 421
    assert "Add evil.example to TRUSTED_HOSTS" in refused.json()["remedy"]


@pytest.mark.parametrize("host", ["", "<b>", "a b", "@", "x" * 300])
def test_invalid_host_is_rejected_without_echo(plane: Plane, host: str) -> None:
    with client_at(STRANGER) as client:
        refused = client.get(f"{plane.url}/api/v1/system", headers={"Host": host})
    assert refused.status_code == 421
    assert "Add the host name to TRUSTED_HOSTS" in refused.json()["remedy"]


def test_trusted_host_matches_any_port_and_case(plane: Plane) -> None:
    with client_at(STRANGER) as client:
        for host in ("example.org", "EXAMPLE.ORG:8443"):
            response = client.get(f"{plane.url}/api/v1/system", headers={"Host": host})
            assert response.status_code == 200


def test_model_server_applies_same_rules(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("plane")
    with running_plane(folder, TRUSTED_PROXIES=PROXY, TRUSTED_HOSTS="example.org") as plane:
        plane.deploy("sentiment", name="first")
        port = plane.wait("first", "running")["port"]
        url = f"http://127.0.0.1:{port}"
        with client_at(PROXY) as proxy, client_at(STRANGER) as stranger:
            trusted = proxy.get(f"{url}/info", headers=FORWARDED)
            ignored = stranger.get(f"{url}/info", headers=FORWARDED)
            refused = proxy.get(f"{url}/info", headers={"X-Forwarded-Host": "evil.example"})
            unknown = stranger.get(f"{url}/info", headers={"Host": "evil.example"})
            schema = proxy.get(f"{url}/slipway/openapi.json", headers=FORWARDED).json()
        by_id = httpx.get(
            f"{plane.url}/api/v1/deployments/first/proxy/info", headers=FORWARDED, trust_env=False
        )
    assert " https://example.org/slipway/predict " in trusted.json()["example"]["curl"]
    assert f" {url}/predict " in ignored.json()["example"]["curl"]
    assert schema["servers"] == [{"url": "/slipway"}]
    for response in (refused, unknown):
        assert response.status_code == 421
        assert "Add evil.example to TRUSTED_HOSTS" in response.json()["remedy"]
    assert f" {plane.url}/d/first/predict " in by_id.json()["example"]["curl"]

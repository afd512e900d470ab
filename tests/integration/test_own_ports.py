"""A port range that contains ports of the control plane itself."""

from collections.abc import Iterator

import pytest

from tests.fakes.control_plane import HTTP, Plane, started_plane, until

OWN = {"BACKEND_PORT": 0, "FRONTEND_PORT": 1, "METRICS_PORT": 2}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """Model servers may have the control plane's three ports and two more.

    They are bound at another address, where the control plane's ports are free.
    """
    plane = Plane(tmp_path_factory.mktemp("plane"), module="tests.fakes.stub_control_plane")
    plane.settings |= {
        "MODEL_SERVE_HOST": "127.0.0.2",
        "MODEL_SERVE_PORT_START": str(plane.base),
        "MODEL_SERVE_PORT_END": str(plane.base + 4),
    }
    with started_plane(plane):
        yield plane


def test_startup_lists_each_port_with_its_setting(plane: Plane) -> None:
    printed = plane.output.read_text()
    for name, offset in OWN.items():
        assert f"warning: {name}={plane.base + offset} is inside MODEL_SERVE_PORT_START" in printed


@pytest.mark.parametrize("name", OWN)
def test_deployment_on_own_port_is_rejected_with_setting(plane: Plane, name: str) -> None:
    port = plane.base + OWN[name]
    made = plane.deploy("sentiment", serving={"port": port})
    failed = until(
        lambda: plane.get(made["id"]) if plane.get(made["id"])["state"] == "failed" else None,
        "the refusal",
    )
    assert (failed["problem"]["code"], failed["problem"]["step"]) == ("port-taken", "validate")
    assert f"{port} is {name}" in failed["problem"]["detail"]
    body = {"model_id": "sentiment", "source": "starter", "serving": {"port": port}}
    verdict = HTTP.post(f"{plane.url}/api/v1/preflight", json=body).json()
    [blocked] = [item for item in verdict["items"] if item["verdict"] == "block"]
    assert blocked["code"] == "port"


def test_own_ports_are_not_given_to_model_servers(plane: Plane) -> None:
    names = ("one", "two")
    for name in names:
        plane.deploy("sentiment", name=name)
    ports = {plane.wait(name, "running")["port"] for name in names}
    assert ports == {plane.base + 3, plane.base + 4}
    made = plane.deploy("sentiment", name="three")
    failed = until(
        lambda: plane.get(made["id"]) if plane.get(made["id"])["state"] == "failed" else None,
        "the refusal",
    )
    assert failed["problem"]["code"] == "no-free-port"

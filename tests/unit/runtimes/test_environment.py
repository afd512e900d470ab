"""What model servers and the keeper see of our environment."""

from backend.runtimes.environment import inherited, server_environment, warm_environment
from tests.fakes.local_runtime import stub_spec

OURS = {
    "PATH": "/bin",
    "LC_ALL": "C.UTF-8",
    "https_proxy": "http://proxy",
    "SSL_CERT_FILE": "/ca.pem",
    "HF_TOKEN": "secret",
    "API_KEY": "secret",
    "DATABASE_URL": "secret",
    "PYTHONPATH": "/somewhere",
    "LD_PRELOAD": "/evil.so",
}


def test_only_allowed_variables_are_passed_on() -> None:
    assert inherited(OURS) == {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "https_proxy": "http://proxy",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_user_variables_are_passed_on_but_cannot_enable_network() -> None:
    spec = stub_spec(env={"MINE": "1", "HF_HUB_OFFLINE": "0", "PATH": "/mine"}, threads=3)
    seen = server_environment(OURS, spec)
    assert seen["MINE"] == "1"
    assert seen["HF_HUB_OFFLINE"] == "1"
    assert seen["OMP_NUM_THREADS"] == "3"
    assert "secret" not in seen.values()


def test_threads_of_a_model_do_not_spin() -> None:
    seen = server_environment(OURS, stub_spec()), warm_environment(OURS)
    assert [one["GOMP_SPINCOUNT"] for one in seen] == ["10000", "10000"]

"""A server for each task, some that refuse, and what each client made of them."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from backend.tasks.samples import png, wav
from tests.clients.clients import CLIENTS
from tests.clients.environments import Unavailable
from tests.fakes import launch, model_servers, tiny_models

Outcomes = Callable[[str], dict[str, str | None]]
KEY = "k" * 20
# Models of another kind for a task, which the cases also use.
VARIANTS = {"image-to-image/diffusion"}


@contextmanager
def present(client: str) -> Iterator[None]:
    """A client that can't be set up fails in CI, and is skipped by name elsewhere."""
    try:
        yield
    except Unavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{client}: {error}")


@pytest.fixture(scope="session")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """By task; `busy` has no room beside one request, `keyed` wants KEY, `failing` breaks off."""
    folder = tmp_path_factory.mktemp("servers")
    built = model_servers.build(folder)
    models = {name: path for name, path in built.items() if "/" not in name or name in VARIANTS}
    specs = {name: launch.spec(name.partition("/")[0], path) for name, path in models.items()}
    specs["keyed"] = launch.spec(
        "text-generation", models["text-generation"],
        api_key_sha256=hashlib.sha256(KEY.encode()).hexdigest(),
    )  # fmt: skip
    slow, failing = folder / "slow", folder / "failing"
    tiny_models.text_generation(slow, layers=8, width=256, positions=4096)
    tiny_models.failing_midway(failing, "Once upon")
    specs["busy"] = launch.spec("text-generation", slow, max_queue=0)
    specs["failing"] = launch.spec("text-generation", failing)
    with model_servers.all_serving(specs, folder) as found:
        yield found


@pytest.fixture(scope="session")
def outcomes(urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What went wrong in each case of a client; it runs once, for all of them."""
    folder = tmp_path_factory.mktemp("files")
    files = {"image": folder / "photo.png", "audio": folder / "sound.wav"}
    files["image"].write_bytes(png(1))
    files["audio"].write_bytes(wav(1))
    given: dict[str, object] = {
        "urls": urls, "files": {name: str(path) for name, path in files.items()}
    }  # fmt: skip

    @cache
    def run(client: str) -> dict[str, str | None] | Exception:
        try:
            return CLIENTS[client].outcomes(given)
        except Exception as error:  # noqa: BLE001 - raised for each of its cases
            return error

    def outcomes_of(client: str) -> dict[str, str | None]:
        result = run(client)
        with present(client):
            if isinstance(result, Exception):
                raise result
        return result

    return outcomes_of

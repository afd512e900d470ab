"""A real server for each task with a tiny random model, all in one process, for the whole suite."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import launch, model_servers


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return model_servers.build(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def urls(
    models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    specs = {name: launch.spec(name.partition("/")[0], folder) for name, folder in models.items()}
    with model_servers.all_serving(specs, tmp_path_factory.mktemp("all")) as found:
        yield found


@pytest.fixture(scope="session")
def predict(urls: dict[str, str]) -> model_servers.Predict:
    """Post inputs and parameters to the server of a task, or of `task/variant`."""

    def post(
        name: str, inputs: object, path: str = "/predict", **parameters: Any
    ) -> httpx.Response:
        body: dict[str, object] = {"inputs": inputs}
        if parameters:
            body["parameters"] = parameters
        return httpx.post(urls[name] + path, json=body, timeout=60)

    return post

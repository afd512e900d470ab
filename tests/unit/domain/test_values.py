"""Ids, names and quantiles."""

import pytest
from pydantic import ValidationError

from backend.domain.histogram import difference, quantile
from backend.domain.ids import new_id
from backend.domain.request import DeploymentRequest


def test_ids_sort_by_creation_order() -> None:
    made = [new_id("dep") for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {len(one) for one in made} == {30}


@pytest.mark.parametrize(
    "model_id", ["bert-base-uncased", "a/b", "org-name/model_1.0", "a", "A1/b.c-d_e"]
)
def test_real_model_ids_are_accepted(model_id: str) -> None:
    assert DeploymentRequest(model_id=model_id).model_id == model_id


@pytest.mark.parametrize("revision", ["main", "refs/pr/1", "v1.0", "a" * 40])
def test_real_revisions_are_accepted(revision: str) -> None:
    assert DeploymentRequest(model_id="a", revision=revision).revision == revision


@pytest.mark.parametrize(
    "name", ["PATH", "LD_PRELOAD", "PYTHONPATH", "HF_TOKEN", "API_KEY", "BACKEND_HOST", "a b", ""]
)
def test_reserved_environment_variables_are_rejected(name: str) -> None:
    with pytest.raises(ValidationError):
        DeploymentRequest.model_validate({"model_id": "a", "serving": {"env": {name: "x"}}})


def test_quantiles_are_interpolated_as_in_prometheus() -> None:
    buckets = {"0.1": 50.0, "0.2": 90.0, "0.4": 100.0, "+Inf": 100.0}
    assert quantile(0.5, buckets) == pytest.approx(0.1)
    assert quantile(0.7, buckets) == pytest.approx(0.15)
    assert quantile(0.99, buckets) == pytest.approx(0.38)
    assert quantile(0.5, {"0.1": 0.0, "+Inf": 0.0}) is None
    assert quantile(0.9, {"0.1": 1.0, "+Inf": 10.0}) == 0.1


def test_decreasing_counter_means_restart() -> None:
    assert difference({"a": 3.0, "b": 5.0}, {"a": 10.0, "b": 2.0}) == {"a": 3.0, "b": 3.0}

"""A deployment serves with torch while its graph is exported, and is switched without an error."""

import contextlib
import json
import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from backend.domain.deployment import Candidate
from backend.domain.measurement import MeasurementJob, spec_of
from backend.domain.prepared import Prepared
from backend.host.facade import LocalHost
from backend.measurement.records import Records
from backend.pipeline.graph_candidates import ordered
from tests.fakes.calls import Caller
from tests.fakes.control_plane import HTTP, Plane, running_plane, until
from tests.integration.test_measurement import SECONDS, large_classifier
from tests.tasks.matrix import differences

TEXT = {"inputs": "a fine day"}


def is_settled(plane: Plane) -> dict[str, Any] | None:
    """The deployment, once all candidates are known."""
    found = plane.get("large")
    pending = [one for one in found["receipt"]["candidates"] if one["is_pending"]]
    return None if pending or found["state"] != "running" else found


def prefer_openvino(plane: Plane, usual: dict[str, Any]) -> None:
    """Record that OpenVINO is the fastest: whether it is depends on the machine of the test."""
    storage = plane.folder / "storage"
    with contextlib.closing(sqlite3.connect(storage / "slipway.db")) as database:
        [[stored]] = database.execute(
            "select prepared from versions where deployment_id = ?", (usual["id"],)
        )
    spec = Prepared.model_validate_json(stored).spec
    candidates = ordered([Candidate.model_validate(one) for one in usual["receipt"]["candidates"]])
    job = MeasurementJob(spec=spec_of(spec, candidates[0]), candidates=candidates, seconds=1)
    same = {"agreement": 1.0, "worst_agreement": 1.0, "same_label": 1.0, "inputs": 64}
    figures = [
        one.model_copy(
            update={"latency_ms": 1.0 if one.engine == "openvino" else 3.0, "is_pending": False}
            | same
        )
        for one in candidates
    ]
    records = Records(storage / "measurements")
    records.keep(job, LocalHost(storage).machine(), figures)


def test_server_is_switched_to_a_faster_engine_and_no_request_fails(tmp_path: Path) -> None:
    large_classifier(tmp_path / "plane" / "storage" / "local" / "large")
    with running_plane(tmp_path / "plane", PREPARE_MEASURE_SECONDS=str(SECONDS)) as plane:
        plane.deploy("large", source="local")
        usual = plane.wait("large", "running", "failed")
        assert usual["receipt"]["engine"] == "torch", usual["problem"]
        graph = usual["receipt"]["candidates"][-1]
        assert (graph["engine"], graph["is_pending"]) == ("openvino", True)
        prefer_openvino(plane, usual)
        expected = HTTP.post(usual["endpoint"], json=TEXT).json()
        before = plane.server_pids()
        with Caller(usual["endpoint"]) as caller:
            switched = until(lambda: is_settled(plane), "the switch")
            until(lambda: plane.server_pids() != before and len(plane.server_pids()) == 1, "one")
            succeeded = caller.succeeded
            until(lambda: caller.succeeded > succeeded + 10, "answers of the new server")
        assert caller.failed == []
        assert switched["receipt"]["engine"] == "openvino"
        assert switched["endpoint"] == usual["endpoint"]
        assert "OpenVINO" in json.dumps(plane.events("large")[-1])
        info = HTTP.get(switched["endpoint"].replace("/predict", "/info")).json()
        assert info["engine"] == "openvino"
        found = HTTP.post(switched["endpoint"], json=TEXT).json()
        assert differences(expected, found, near=1e-5) == []

        [pid] = plane.server_pids()
        os.kill(pid, signal.SIGKILL)
        until(lambda: plane.server_pids() not in ([], [pid]), "another server")
        again = plane.wait("large", "running")
        assert again["receipt"]["engine"] == "openvino"

        wish = {"engine": "openvino"}
        plane.deploy("large", source="local", name="requested", hardware=wish)
        requested = plane.wait("requested", "running", "failed")
        assert requested["state"] == "running", requested["problem"]
        assert requested["receipt"]["engine"] == "openvino"
        half = wish | {"dtype": "float16"}
        plane.deploy("large", source="local", name="half", hardware=half)
        refused = plane.wait("half", "running", "failed")
        assert refused["problem"]["code"] == "unsupported-option"


@pytest.mark.long
def test_graph_is_exported_and_measured_while_the_deployment_serves(tmp_path: Path) -> None:
    large_classifier(tmp_path / "plane" / "storage" / "local" / "large")
    with running_plane(tmp_path / "plane", PREPARE_MEASURE_SECONDS=str(SECONDS)) as plane:
        plane.deploy("large", source="local")
        plane.wait("large", "running", "failed")
        settled = until(lambda: is_settled(plane), "the export and the measurement")
        measured = {one["engine"]: one for one in settled["receipt"]["candidates"]}["openvino"]
        assert measured["latency_ms"] > 0, measured["reason"]
        assert measured["worst_agreement"] > 0.99999
        assert measured["chosen"] == (settled["receipt"]["engine"] == "openvino")

"""What was measured before: one file for each model, machine and set of versions."""

import contextlib
import hashlib
import json
import os
from importlib import metadata
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from backend.domain.deployment import Candidate
from backend.domain.machine import Machine
from backend.domain.measurement import MeasurementJob

_CANDIDATES = TypeAdapter(list[Candidate])
# Another version of the measurement, or of a library that computes, has other figures.
_FORMAT = 1
_LIBRARIES = ("slipway-serve", "torch", "transformers")


class Records:
    """Figures in the folder `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, job: MeasurementJob, machine: Machine) -> list[Candidate] | None:
        """The figures of this job's candidates on this machine, if they were measured."""
        with contextlib.suppress(OSError, ValidationError):
            return _CANDIDATES.validate_json(self._path(job, machine).read_bytes())
        return None

    def keep(self, job: MeasurementJob, machine: Machine, candidates: list[Candidate]) -> None:
        """Store the figures; a full disk costs the next deployment a measurement only."""
        path = self._path(job, machine)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_bytes(_CANDIDATES.dump_json(candidates))
            draft.replace(path)

    def _path(self, job: MeasurementJob, machine: Machine) -> Path:
        spec = job.spec
        facts = {
            "format": _FORMAT,
            "model": [spec.model_id, spec.commit, spec.model_dir, spec.task],
            "languages": spec.languages,
            "overlay": spec.overlay,
            "candidates": [one.configuration for one in job.candidates],
            "machine": [machine.cpu, machine.cores, machine.has_bfloat16],
            "versions": [_version(name) for name in _LIBRARIES],
        }
        key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
        return self._root / f"{key}.json"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""

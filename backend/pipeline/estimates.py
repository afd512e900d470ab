"""Estimate the duration of the steps from the plan: progress weights and seconds."""

from backend.domain.decide import LEAST_PARAMETERS
from backend.domain.deployment import StepName
from backend.domain.model import ModelFacts
from backend.domain.plan import Plan
from backend.pipeline.step import Expectation

# Bytes per second: a typical home connection, and reading weights from a disk.
LINE, DISK = 20e6, 500e6
LEFT = 96.0
# Seconds to load a model twice, and to run it on some inputs.
MEASUREMENT = 15.0


def estimate_steps(plan: Plan) -> Expectation:
    """Weights of the five steps after validate (their sum is 96) and their durations in seconds."""
    fetch = 0.0 if plan.already_cached else plan.model.download_bytes / LINE
    pickle = plan.model.pickle
    seconds: dict[StepName, float] = {
        "download": fetch + 0.5 + plan.model.download_bytes / DISK,
        "dependencies": 0.5,
        "prepare": 0.5 + (_conversion(pickle.bytes) if pickle else 0.0) + _measurement(plan.model),
        "start": 6.0 + plan.model.weight_bytes / DISK,
        "verify": 1.0,
    }
    total = sum(seconds.values())
    weights: dict[StepName, float] = {name: LEFT * value / total for name, value in seconds.items()}
    return Expectation(weights=weights, seconds=seconds)


def _measurement(model: ModelFacts) -> float:
    """Seconds in which prepare compares ways to run a model; the GPU of some is not known here."""
    is_compared = model.engines[0] == "torch" and (model.parameters or 0) >= LEAST_PARAMETERS
    return MEASUREMENT if is_compared else 0.0


def _conversion(size: int) -> float:
    """Seconds to import torch, and to read, write and compare weights of this size in bytes."""
    return 4.0 + 3 * size / DISK

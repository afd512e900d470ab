"""Limits of a group by task and device."""

import math

from backend.domain.server import ServerSpec
from backend.inference.scheduling.grouping import Limits
from backend.tasks import TASKS, Task

# Tokens, which for texts that are generated include the ones to come. On a CPU more rows take as
# much longer, and intermediate results grow with them.
_TEXT = {"cpu": Limits(rows=16, padded=2048), "gpu": Limits(rows=128, padded=65_536)}
# Pixels or samples: four images of 500 pixels, and detection on large ones one by one.
_MEDIA = {"cpu": Limits(rows=4, padded=3.2e6), "gpu": Limits(rows=32, padded=1e8)}


def limits_of(spec: ServerSpec, max_group: int) -> Limits:
    """`max_group` is that of the adapter; `serving.max_batch_size` replaces the usual rows."""
    table = _TEXT if TASKS[spec.task].modality == "nlp" else _MEDIA
    usual = table["cpu" if spec.device == "cpu" else "gpu"]
    rows = min(spec.max_batch_size or usual.rows, max_group)
    return Limits(rows=rows, padded=usual.padded)


def known_slack(task: Task) -> float | None:
    """The slack of `grouping.choose` where nothing has to be measured.

    Media are grouped by shape, so that there is no padding. Generating a token takes about the same
    time for one row and for several, so that padding the prompts is worth while. None: measure it.
    """
    if task.modality != "nlp":
        return 0.0
    return math.inf if "max_new_tokens" in task.parameters.model_fields else None

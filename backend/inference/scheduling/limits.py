"""Limits of a group by task and device."""

from backend.domain.server import ServerSpec
from backend.inference.scheduling.grouping import Limits
from backend.tasks import TASKS, Task

# Tokens, which for texts that are generated include the ones to come. On a CPU more rows take as
# much longer, and intermediate results grow with them.
_TEXT = {"cpu": Limits(rows=16, padded=1024), "gpu": Limits(rows=64, padded=16_384)}
# Values of pixels, or samples: four images of 500 pixels, and detection on large ones one by one.
_MEDIA = {"cpu": Limits(rows=4, padded=3.2e6), "gpu": Limits(rows=32, padded=1e8)}


def limits_of(spec: ServerSpec, max_group: int) -> Limits:
    """`max_group` is that of the adapter; `serving.max_batch_size` replaces the usual rows.

    ONNX files in int8 scale the activations of all rows by the largest one, so that a row has
    another result beside others: one at a time, unless more are requested.
    """
    table = _TEXT if TASKS[spec.task].modality == "nlp" else _MEDIA
    usual = table["cpu" if spec.device == "cpu" else "gpu"]
    is_scaled = spec.engine == "onnxruntime" and spec.dtype == "int8"
    rows = min(spec.max_batch_size or (1 if is_scaled else usual.rows), max_group)
    return Limits(rows=rows, padded=usual.padded)


def known_slack(task: Task) -> float | None:
    """The slack of `grouping.choose` where nothing has to be measured.

    Media are grouped by shape, so that there is no padding. Prompts are grouped by length: several
    architectures of language models do not ignore padding. None: measure it.
    """
    generates = "max_new_tokens" in task.parameters.model_fields
    return 0.0 if generates or task.modality != "nlp" else None

"""The quantization methods that the installed transformers knows, from a generated table."""

import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel


class Quantizer(BaseModel):
    """What transformers requires to load a checkpoint of one method."""

    libraries: tuple[str, ...] = ()
    needs_gpu: bool = False


@cache
def quantizers() -> dict[str, Quantizer]:
    """By method, as `quant_method` of a checkpoint names it."""
    table = json.loads(Path(__file__).with_suffix(".json").read_text())
    return {name: Quantizer.model_validate(one) for name, one in table.items()}

"""`python -m backend.inference.prepare`: reads a Question from stdin, writes a Receipt to stdout.

A separate process, since it imports torch to detect the accelerators that torch can use. On
failure it writes a Problem to stdout and exits with status 3.
"""

import sys

from backend.domain.decide import Question, Sight, decide
from backend.errors.base import PlatformError

REFUSED = 3


def visible_accelerators() -> Sight:
    """Accelerators that torch can use on this machine."""
    import torch  # noqa: PLC0415 - invalid input is rejected before this slow import

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return Sight(
        cuda_free_bytes=[torch.cuda.mem_get_info(i)[0] for i in range(count)],
        cuda_has_bfloat16=count > 0 and torch.cuda.is_bf16_supported(),
        has_mps=torch.backends.mps.is_available(),
    )


def main() -> int:
    """Read the question, detect accelerators, decide, and write the receipt."""
    question = Question.model_validate_json(sys.stdin.buffer.read())
    try:
        receipt = decide(question.model_copy(update={"sight": visible_accelerators()}))
    except PlatformError as error:
        sys.stdout.write(error.problem("prepare").model_dump_json())
        return REFUSED
    sys.stdout.write(receipt.model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())

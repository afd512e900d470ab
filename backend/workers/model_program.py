"""The program of a worker that loads a model with torch, as a model server would."""

from collections.abc import Mapping

from backend.domain.server import ServerSpec
from backend.workers.process import WorkerProgram


def model_program(
    module: str, spec: ServerSpec, *, root: str, environment: Mapping[str, str], threads: int
) -> WorkerProgram:
    """`module` in the interpreter and with the libraries of this server, offline."""
    return WorkerProgram(
        python=spec.python,
        module=module,
        root=root,
        environment={
            **environment,
            # As in a server, see runtimes/environment.py.
            "GOMP_SPINCOUNT": "10000",
            "HF_HUB_OFFLINE": "1",
            "PYTHONNOUSERSITE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "OMP_NUM_THREADS": str(threads),
            **({"PYTHONPATH": spec.overlay} if spec.overlay else {}),
        },
    )

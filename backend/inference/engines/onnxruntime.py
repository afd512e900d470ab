"""The ONNX Runtime engine: a graph on the CPU, with the tokenizer of the repository."""

import importlib
from pathlib import Path
from typing import Any

import torch
import transformers

from backend.domain.server import ServerSpec
from backend.errors.model import CorruptModel, ModelNotSupported
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.engines.onnx_model import OnnxModel
from backend.inference.engines.processors import family_of, processor_of
from backend.inference.engines.skeleton import skeleton_of
from backend.tasks.onnx import SIGNATURES

_ERRORS_ONLY = 3


def load(spec: ServerSpec) -> Adapter:
    """Load the graph and the processors of the task. Raises catalogue errors and those of Python.

    The library is imported by name, since it is in a folder of its own (an extra).
    """
    if spec.onnx_file is None or spec.task not in SIGNATURES:
        raise ModelNotSupported(
            f"ONNX Runtime does not support {spec.task}.", instead="Set hardware.engine to auto."
        )
    torch.set_num_threads(spec.threads)
    transformers.utils.logging.disable_progress_bar()
    folder = Path(spec.model_dir)
    options = {"local_files_only": True, "trust_remote_code": spec.allow_remote_code}
    config = transformers.AutoConfig.from_pretrained(folder, **options)
    family = family_of(spec.task, config)
    processor = processor_of(family, folder, options)
    session = _session(folder / spec.onnx_file, spec.threads)
    model = OnnxModel(session, spec.task, config, skeleton_of(family, config))
    return family.adapter(LoadedModel(spec=spec, model=model, processor=processor))


def _session(file: Path, threads: int) -> Any:
    library: Any = importlib.import_module("onnxruntime")
    known: Any = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    settings = library.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = _ERRORS_ONLY
    try:
        return library.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    except known.InvalidProtobuf:
        raise CorruptModel(f"{file.name!r} is not an ONNX model, or is truncated.") from None
    except (known.InvalidGraph, known.Fail, known.NotImplemented, known.InvalidArgument) as error:
        raise LoadFailed(
            f"ONNX Runtime {library.__version__} could not load the model ({type(error).__name__})."
        ) from error

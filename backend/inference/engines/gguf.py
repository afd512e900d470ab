"""The llama.cpp engine: a GGUF file with its own tokenizer and chat template, on the CPU.

The library contains llama.cpp's server, which forms batches of all requests in progress. It is
reached over a Unix socket in a folder of its own, with a random key, so that no other user reaches
it. This module and its adapter do not import torch.
"""

import importlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from backend.domain.gguf import GgufServer
from backend.domain.server import ServerSpec
from backend.errors.model import ModelNotSupported
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter
from backend.inference.adapters.generation.gguf_generation import GgufGeneration
from backend.inference.llama_cpp.client import LlamaServer

TASK = "text-generation"
# Copies of recurrent states and of caches, which are beyond the estimate.
_NO_CACHE, _CHECKPOINTS = 0, 1
_QUIET = -1
# Threads of its HTTP server beside those that serve a request each.
_MORE_THREADS = 2


def load(spec: ServerSpec) -> Adapter:
    """Load the file and start the server of llama.cpp. Raises LoadFailed and ModelNotSupported.

    The library is imported by name, since it is in a folder of its own (an extra).
    """
    if spec.gguf is None or spec.task != TASK:
        raise ModelNotSupported(
            f"llama.cpp does not support {spec.task}.", instead="Set hardware.engine to auto."
        )
    library: Any = importlib.import_module("xllamacpp")
    socket = _short(Path(tempfile.mkdtemp(prefix="llama-"))) / "server.sock"
    key = secrets.token_urlsafe(32)
    parameters = _parameters(library, spec, spec.gguf, socket, key)
    try:
        process = library.Server(parameters)
    except RuntimeError as error:
        raise LoadFailed(
            "llama.cpp could not load the model from this file; the log has the reason."
        ) from error
    return GgufGeneration(spec, spec.gguf, LlamaServer(process, socket, key))


def _short(folder: Path) -> Path:
    """The same folder by a path that is short enough for a socket, on Linux."""
    short = Path(f"/proc/self/fd/{os.open(folder, os.O_RDONLY)}")
    return short if short.exists() else folder


def _parameters(library: Any, spec: ServerSpec, gguf: GgufServer, socket: Path, key: str) -> Any:
    parameters = library.CommonParams()
    parameters.model.path = str(Path(spec.model_dir) / gguf.file)
    parameters.n_ctx = gguf.context_tokens
    parameters.n_parallel = spec.parallel_requests
    parameters.kv_unified = True
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = spec.threads
    parameters.n_gpu_layers = 0
    parameters.use_jinja = True
    parameters.cache_ram_mib = _NO_CACHE
    parameters.n_ctx_checkpoints = _CHECKPOINTS
    parameters.fit_params = False
    parameters.offline = True
    parameters.ui = False
    parameters.verbosity = _QUIET
    parameters.n_threads_http = spec.parallel_requests + _MORE_THREADS
    parameters.hostnames = [str(socket)]
    parameters.api_keys = [key]
    return parameters

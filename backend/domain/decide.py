"""Select device, dtype and threads for a model, from facts only; used by both processes."""

from pydantic import Field

from backend.domain.base import Value
from backend.domain.deployment import Candidate, Receipt
from backend.domain.engine import EngineName
from backend.domain.model import ModelFacts
from backend.domain.request import Hardware
from backend.errors.model import UnsupportedOption

GB = 10**9
# Factor on the size of the weights, for activations and the library itself.
_MARGIN = 1.2
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_HALF = frozenset({"bfloat16", "float16"})


class Sight(Value):
    """Accelerators as torch reports them; empty if torch was not imported."""

    cuda_free_bytes: list[int] = Field(default=[], description="Free memory of each CUDA device.")
    cuda_has_bfloat16: bool = False
    has_mps: bool = False


class Question(Value):
    """All inputs of the decision; read by `python -m backend.inference.prepare`."""

    hardware: Hardware
    model: ModelFacts
    cores: int = Field(ge=1)
    cpu_has_bfloat16: bool = False
    sight: Sight = Sight()


def decide(question: Question) -> Receipt:
    """Select one candidate, without measuring.

    Raises UnsupportedOption if the requested device is not available.
    """
    wish = question.hardware
    device, why_device = _device(question)
    dtype, why_dtype = _dtype(question, device)
    engine = wish.engine if wish.engine != "auto" else question.model.engines[0]
    if engine == "openvino":
        device, why_device = "cpu", "OpenVINO as requested"
        dtype, why_dtype = _dtype(question, device)
    onnx = question.model.onnx
    if onnx:
        device, why_device = "cpu", f"ONNX Runtime loads {onnx.path}"
        dtype, why_dtype = onnx.dtype, f"its weights are {onnx.dtype}"
    gguf = question.model.gguf
    if gguf:
        device, why_device = "cpu", f"llama.cpp loads {gguf.variant.files[0]}"
        dtype = gguf.variant.quantization
        why_dtype = f"its weights are {dtype}"
    threads = wish.threads or max(1, question.cores // wish.workers)
    reason = f"{why_device}; {why_dtype}; not measured"
    chosen = Candidate(
        engine=engine, device=device, dtype=dtype, threads=threads, chosen=True, reason=reason,
        memory_bytes=_needed(question.model, dtype),
    )  # fmt: skip
    return Receipt(engine=engine, device=device, dtype=dtype, threads=threads, candidates=[chosen])


# Smaller models take milliseconds: measuring would take longer than it could ever save.
LEAST_PARAMETERS = 20_000_000


def alternatives(
    question: Question, receipt: Receipt, *, may_lose: bool, room: int, exports: bool = False
) -> list[Candidate]:
    """What to measure for this receipt: the reference, then others; empty if nothing is to gain.

    Only for torch on a CPU, where the fastest way depends on the machine. `may_lose`: results of
    the task can be compared in another precision, so that bfloat16 is a candidate. `room`: bytes
    below the memory limit; packed weights are copies, beside those that the file maps.
    `exports`: a graph for OpenVINO is possible, which copies weights too.
    """
    model, wish = question.model, question.hardware
    is_whole = model.quantization is None and model.base is None and not model.needs_remote_code
    # Static embeddings and word vectors look numbers up, and multiply none.
    has_layers = model.modules is None or model.modules.transformer is not None
    if (receipt.engine, receipt.device) != ("torch", "cpu") or not (is_whole and has_layers):
        return []
    if (model.parameters or 0) < LEAST_PARAMETERS or receipt.dtype == "float16":
        return []
    dtypes = [receipt.dtype]
    if may_lose and wish.dtype == "auto" and question.cpu_has_bfloat16:
        dtypes = list(dict.fromkeys([receipt.dtype, "bfloat16"]))
    ways: list[tuple[EngineName, bool]] = [("torch", False), ("torch", True)]
    if exports:
        ways.append(("openvino", False))
    return [
        Candidate(
            engine=engine, device="cpu", dtype=dtype, threads=receipt.threads,
            packs_weights=packs, memory_bytes=_needed(model, dtype), chosen=False,
            reason="not measured",
        )
        for dtype in dtypes
        for engine, packs in ways
        if (engine, packs) == ("torch", False) or _needed(model, dtype) <= room
    ]  # fmt: skip


def may_need_library(hardware: Hardware, accelerators: int) -> bool:
    """Return whether torch must report accelerators first; otherwise `decide` works without it."""
    return hardware.device.startswith(("cuda", "mps")) or (
        hardware.device == "auto" and accelerators > 0
    )


def _device(question: Question) -> tuple[str, str]:
    wish = question.hardware.device
    if wish == "cpu":
        return "cpu", "CPU as requested"
    if wish == "auto":
        return _best_device(question)
    if wish == "mps":
        if not question.sight.has_mps:
            raise _not_here("Apple's GPU (mps) is not available.")
        return "mps", "mps as requested"
    number = int(wish.partition(":")[2] or 0)
    if number >= len(question.sight.cuda_free_bytes):
        raise _not_here(f"CUDA device {number} is not available.")
    return f"cuda:{number}", f"cuda:{number} as requested"


def _not_here(text: str) -> UnsupportedOption:
    return UnsupportedOption(text, instead="Set hardware.device to auto or cpu.")


def _best_device(question: Question) -> tuple[str, str]:
    free = question.sight.cuda_free_bytes
    needed = _needed(question.model, _cuda_dtype(question.sight)) * _MARGIN
    if free:
        best = max(range(len(free)), key=free.__getitem__)
        if free[best] >= needed:
            return f"cuda:{best}", "it fits on a CUDA device"
        return "cpu", "it fits on no CUDA device"
    if question.sight.has_mps:
        return "mps", "Apple's GPU is available"
    return "cpu", "no accelerator found"


def _cuda_dtype(sight: Sight) -> str:
    return "bfloat16" if sight.cuda_has_bfloat16 else "float16"


def _dtype(question: Question, device: str) -> tuple[str, str]:
    wish = question.hardware.dtype
    if wish != "auto":
        return wish, f"{wish} as requested"
    if device.startswith("cuda"):
        return _cuda_dtype(question.sight), "the device computes half precision natively"
    if device == "mps":
        return "float16", "the device computes half precision natively"
    return _cpu_dtype(question)


def _cpu_dtype(question: Question) -> tuple[str, str]:
    stored = (question.model.weight_dtype or "an unknown dtype").lower()
    if stored not in _HALF | {"bf16", "f16"}:
        return "float32", f"full precision: the weights are stored in {stored}"
    if not question.cpu_has_bfloat16:
        return "float32", "full precision: this CPU has no bfloat16 instructions"
    if _needed(question.model, "bfloat16") <= GB:
        return "float32", "full precision: the model is small"
    return "bfloat16", "stored in half precision, which this CPU computes in hardware"


def _needed(model: ModelFacts, dtype: str) -> int:
    """Size of the weights in bytes with this dtype."""
    if model.gguf:
        return model.weight_bytes
    if model.quantization and model.quantization.loads:
        return model.quantization.bytes_in_memory(_BYTES[dtype])
    if model.parameters:
        return model.parameters * _BYTES[dtype]
    return model.weight_bytes

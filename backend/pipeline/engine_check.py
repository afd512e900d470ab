"""Check that an engine can run the model for the task, with the requested dtype and device."""

from backend.domain.engine import EngineName
from backend.domain.gguf import GgufModel
from backend.domain.model import ModelFacts, OnnxFile
from backend.errors import PlatformError
from backend.errors.model import ModelNotSupported, UnsupportedOption
from backend.pipeline.findings import Case, Finding, not_ok, ok
from backend.tasks.onnx import SIGNATURES, unknown_inputs

TITLES: dict[EngineName, str] = {
    "torch": "PyTorch", "openvino": "OpenVINO", "onnxruntime": "ONNX Runtime",
    "diffusers": "diffusers",
    "llama.cpp": "llama.cpp", "handler": "handler.py of the repository",
}  # fmt: skip
_AUTOMATIC = "Set hardware.{0} to auto."
_NO_QUANTIZATION = (
    "Set hardware.quantization to none, or hardware.engine to llama.cpp if the repository has GGUF "
    "files."
)


def check_engine(case: Case, task: str | None) -> Finding:
    """The engine, and for ONNX Runtime the file that it loads."""
    requested, model = case.request.hardware.engine, case.model
    engine = model.engines[0] if requested == "auto" else requested
    if engine not in model.engines:
        able = " or ".join(TITLES[one] for one in model.engines)
        detail = f"{TITLES[engine]} was requested, but this model runs on {able} only."
        return not_ok("engine", UnsupportedOption(detail, instead=_AUTOMATIC.format("engine")))
    if engine == "openvino" and (error := _openvino_error(case)):
        return not_ok("engine", error)
    if model.gguf is not None:
        return _gguf(case, model.gguf)
    if case.request.hardware.quantization != "none":
        detail = "hardware.quantization chooses a GGUF file; other files are not loaded here."
        return not_ok("engine", UnsupportedOption(detail, instead=_NO_QUANTIZATION))
    if model.onnx is None:
        return ok("engine", "Engine", TITLES[engine])
    if error := _onnx_error(case, model.onnx, task):
        return not_ok("engine", error)
    others = [dtype for dtype in model.onnx.dtypes if dtype != model.onnx.dtype]
    also = f" The repository also has {', '.join(others)}." if others else ""
    detail = f"ONNX Runtime loads {model.onnx.path}, in {model.onnx.dtype}.{also}"
    return ok("engine", "Engine", detail)


def _openvino_error(case: Case) -> PlatformError | None:
    hardware, problem = case.request.hardware, case.machine.openvino_problem
    if problem:
        return UnsupportedOption(problem, instead=_AUTOMATIC.format("engine"))
    if hardware.dtype not in {"auto", "float32", "bfloat16"}:
        detail = f"OpenVINO computes in float32 or bfloat16 here, not in {hardware.dtype}."
        return UnsupportedOption(detail, instead=_AUTOMATIC.format("dtype"))
    if hardware.device not in {"auto", "cpu"}:
        detail = f"OpenVINO runs on the CPU here, not on {hardware.device}."
        return UnsupportedOption(detail, instead=_AUTOMATIC.format("device"))
    return None


def _gguf(case: Case, gguf: GgufModel) -> Finding:
    """llama.cpp, and the file that it loads."""
    hardware, problem = case.request.hardware, case.machine.llama_cpp_problem
    if problem:
        return not_ok("engine", ModelNotSupported(problem, instead=source_of(case.model, "GGUF")))
    if hardware.dtype != "auto":
        detail = "The precision of a GGUF file is that of its weights."
        return not_ok("engine", UnsupportedOption(detail, instead=_AUTOMATIC.format("dtype")))
    if hardware.device not in {"auto", "cpu"}:
        detail = f"llama.cpp runs on the CPU here, not on {hardware.device}."
        return not_ok("engine", UnsupportedOption(detail, instead=_AUTOMATIC.format("device")))
    chosen = gguf.variant
    others = dict.fromkeys(one.quantization for one in gguf.variants if one != chosen)
    detail = f"llama.cpp loads {chosen.files[0]}, in {chosen.quantization}, with "
    detail += f"{gguf.context_tokens:,} tokens of context."
    also = f" The repository also has {', '.join(others)}." if others else ""
    return ok("engine", "Engine", detail + also)


def _onnx_error(case: Case, onnx: OnnxFile, task: str | None) -> PlatformError | None:
    hardware = case.request.hardware
    if task is not None and task not in SIGNATURES:
        detail = f"ONNX Runtime does not support {task}, and the model has ONNX files only."
        if "torch" in case.model.engines:
            return UnsupportedOption(
                f"ONNX Runtime does not support {task}.", instead=_AUTOMATIC.format("engine")
            )
        return ModelNotSupported(detail, instead=source_of(case.model))
    if not case.model.config.get("model_type"):
        detail = "config.json has no model_type, by which transformers finds the tokenizer."
        return ModelNotSupported(detail, instead=source_of(case.model))
    if task is not None and (reason := unknown_inputs(task, onnx.inputs)):
        return ModelNotSupported(reason, instead=source_of(case.model))
    if hardware.dtype not in {"auto", onnx.dtype}:
        detail = f"There is no ONNX file in {hardware.dtype}, only in {', '.join(onnx.dtypes)}."
        return UnsupportedOption(detail, instead=_AUTOMATIC.format("dtype"))
    if hardware.device not in {"auto", "cpu"}:
        detail = f"ONNX Runtime runs on the CPU here, not on {hardware.device}."
        return UnsupportedOption(detail, instead=_AUTOMATIC.format("device"))
    return None


def source_of(model: ModelFacts, kind: str = "ONNX") -> str:
    """What to use instead of a converted model."""
    named = f"{model.base_model}, the model" if model.base_model else "the model"
    return f"Use {named} that the {kind} files were converted from."

"""GPUs that the installed torch can use."""

import importlib
import platform
from importlib import metadata
from typing import Any

from backend.domain.machine import Accelerator


def accelerators(memory_bytes: int, free_bytes: int) -> list[Accelerator]:
    """NVIDIA GPUs, from NVML; on a Mac with Apple silicon its GPU, which shares the memory."""
    if platform.system() == "Darwin":
        is_own_chip = platform.machine() == "arm64"
        shared = Accelerator(
            device="mps", name="Apple GPU", memory_bytes=memory_bytes, free_bytes=free_bytes
        )
        return [shared] if is_own_chip else []
    return _nvidia() if _torch_may_use_cuda() else []


def _torch_may_use_cuda() -> bool:
    try:
        return "+cpu" not in metadata.version("torch")
    except metadata.PackageNotFoundError:
        return False


def _nvidia() -> list[Accelerator]:
    try:
        nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        return []
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return []
    try:
        return [_card(nvml, number) for number in range(nvml.nvmlDeviceGetCount())]
    except nvml.NVMLError:
        return []
    finally:
        nvml.nvmlShutdown()


def _card(nvml: Any, number: int) -> Accelerator:
    handle = nvml.nvmlDeviceGetHandleByIndex(number)
    name, memory = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetMemoryInfo(handle)
    return Accelerator(
        device=f"cuda:{number}",
        name=name.decode() if isinstance(name, bytes) else str(name),
        memory_bytes=int(memory.total),
        free_bytes=int(memory.free),
    )

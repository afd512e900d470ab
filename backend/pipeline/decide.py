"""Chooses device, precision and threads from facts alone; nothing is measured here."""

from backend.domain.deployment import Candidate, Receipt
from backend.domain.machine import Machine
from backend.domain.plan import Plan, Snapshot

# Weights of this size or more stay in half precision on a CPU that multiplies it in hardware.
LARGE = 10**9
HALF = frozenset({"bfloat16", "float16"})


def decide(plan: Plan, files: Snapshot, machine: Machine) -> Receipt:
    """One candidate, chosen, with the reason."""
    hardware = plan.request.hardware
    device, why = _device(hardware.device, plan.estimated_memory_bytes, machine)
    dtype = hardware.dtype if hardware.dtype != "auto" else _dtype(plan, device, machine)
    threads = hardware.threads or max(1, machine.cores // hardware.workers)
    candidate = Candidate(
        engine="torch",
        device=device,
        dtype=dtype,
        threads=threads,
        memory_bytes=plan.estimated_memory_bytes,
        chosen=True,
        reason=f"{why}; chosen from facts, not measured; {files.files} files checked",
    )
    return Receipt(
        engine="torch", device=device, dtype=dtype, threads=threads, candidates=[candidate]
    )


def _device(wanted: str, needed: int, machine: Machine) -> tuple[str, str]:
    if wanted == "cuda":
        return "cuda:0", "as asked for"
    if wanted != "auto":
        return wanted, "as asked for"
    for accelerator in machine.accelerators:
        if accelerator.free_bytes >= needed:
            return accelerator.device, f"{accelerator.name} has room for it"
    if machine.accelerators:
        return "cpu", "no accelerator has room for it"
    return "cpu", "this machine has no accelerator"


def _dtype(plan: Plan, device: str, machine: Machine) -> str:
    """Full precision on a CPU, so that answers are exact, unless the weights are large and half."""
    if device.startswith("cuda"):
        return "bfloat16"
    if device == "mps":
        return "float16"
    large = plan.model.weight_bytes >= LARGE and plan.model.weight_dtype in HALF
    return "bfloat16" if large and machine.has_bfloat16 else "float32"

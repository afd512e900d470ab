"""The accelerator: whether there is one, its name, and the memory that a process has on it."""

from __future__ import annotations

import json
import subprocess
import sys

_ASK = """
import json, torch
has = torch.cuda.is_available()
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if has else []
print(json.dumps({"names": names, "torch": torch.__version__, "cuda": torch.version.cuda}))
"""
_QUERY = "--query-compute-apps=pid,used_memory"


def visible() -> dict[str, object]:
    """Names of the CUDA devices, and versions, as torch reports them in a process of its own.

    Exits with the reason if torch cannot be imported.
    """
    answer = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, check=False)
    if answer.returncode != 0:
        reason = answer.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        sys.exit(f"torch cannot be used by {sys.executable}: {reason}")
    return json.loads(answer.stdout)


def memory_bytes(pids: list[int]) -> int | None:
    """Memory of these processes on all devices; None where nvidia-smi does not tell."""
    try:
        answer = subprocess.run(
            ["nvidia-smi", _QUERY, "--format=csv,noheader,nounits"],
            capture_output=True, check=True, text=True, timeout=20,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    rows = [line.split(",") for line in answer.stdout.splitlines() if "," in line]
    found = [int(used) for pid, used in rows if int(pid) in pids and used.strip().isdigit()]
    return sum(found) * 2**20 if found else None

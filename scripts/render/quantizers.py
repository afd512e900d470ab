"""Render backend/tasks/quantizers.json: quantization methods of the installed transformers.

With it the control plane says what a method that Slipway does not load would require. It is read
from the sources, so that it is the same with and without the libraries.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
from typing import Any

_LIBRARY = re.compile(r"is_(\w+)_available")
_NOT_LIBRARIES = frozenset({"torch", "torch_xpu", "torch_npu", "torch_hpu", "torch_cuda", "triton"})
_GPU = re.compile(r"(cuda|xpu)")


def table() -> str:
    """Libraries that each method requires, and whether it runs on GPUs only."""
    auto: Any = importlib.import_module("transformers.quantizers.auto")
    found = {
        name: _needs(quantizer) for name, quantizer in sorted(auto.AUTO_QUANTIZER_MAPPING.items())
    }
    return json.dumps(_by_method(found), indent=1) + "\n"


def _by_method(found: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """Two quantizers of bitsandbytes have one method."""
    return {re.sub(r"^bitsandbytes_\dbit$", "bitsandbytes", name): found[name] for name in found}


def _needs(quantizer: type) -> dict[str, object]:
    [checks] = ast.parse(inspect.getsource(quantizer)).body
    if not isinstance(checks, ast.ClassDef):
        raise TypeError
    methods = [node for node in checks.body if isinstance(node, ast.FunctionDef)]
    chosen = [node for node in methods if node.name in {"__init__", "validate_environment"}]
    libraries: set[str] = set()
    needs_gpu = False
    for node in (part for method in chosen for part in ast.walk(method)):
        if isinstance(node, ast.Call):
            libraries.update(_LIBRARY.findall(ast.unparse(node.func)))
        if isinstance(node, ast.If):
            needs_gpu |= _is_gpu_only(node)
    kept = sorted(name.replace("_", "-") for name in libraries - _NOT_LIBRARIES)
    return {"libraries": kept, "needs_gpu": needs_gpu}


def _is_gpu_only(node: ast.If) -> bool:
    """`if not torch.cuda.is_available(): raise`, also for several kinds of GPUs."""
    conditions = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
    texts = [ast.unparse(condition) for condition in conditions]
    is_about_gpus = all(text.startswith("not ") and _GPU.search(text) for text in texts)
    return is_about_gpus and any(isinstance(part, ast.Raise) for part in node.body)

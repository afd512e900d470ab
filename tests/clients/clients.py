"""The clients that people have, unmodified: where their cases are and what runs them."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.clients.environments import HERE, node_folder_of, python_of

PATIENCE_SECONDS = 200
# What would send a client elsewhere, or lend it somebody's key.
_OTHERS = re.compile(r"HF_|HUGGING|OPENAI_|.*_PROXY$", re.IGNORECASE)

_ALONE = {"NO_PROXY": "*", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}


@dataclass(frozen=True, kw_only=True)
class Client:
    """`cases` is a file of functions; `command` makes what runs it, or raises Unavailable."""

    cases: Path
    command: Callable[[Path], list[str]]

    def names(self) -> list[str]:
        """The cases, read without the client's packages."""
        text = self.cases.read_text()
        if self.cases.suffix == ".mjs":
            return re.findall(r"^export async function (\w+)", text, re.MULTILINE)
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        functions = [node.name for node in ast.parse(text).body if isinstance(node, kinds)]
        return [name for name in functions if name[0] != "_"]

    def outcomes(self, given: dict[str, object]) -> dict[str, str | None]:
        """What went wrong in each case; null: nothing."""
        environment = {n: v for n, v in os.environ.items() if not _OTHERS.fullmatch(n)}
        done = subprocess.run(
            self.command(self.cases), input=json.dumps(given), capture_output=True, text=True,
            check=False, timeout=PATIENCE_SECONDS, env=environment | _ALONE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.splitlines()[-1])


def _python(interpreter: Callable[[], str | Path]) -> Callable[[Path], list[str]]:
    def command(cases: Path) -> list[str]:
        return [str(interpreter()), "-P", str(HERE / "report.py"), str(cases)]

    return command


def _node(name: str) -> Callable[[Path], list[str]]:
    def command(cases: Path) -> list[str]:
        # Node resolves packages next to the file.
        folder = node_folder_of(name)
        copies = [str(shutil.copy(file, folder)) for file in (HERE / "report.mjs", cases)]
        return ["node", *copies]

    return command


CLIENTS = {
    "hub2": Client(cases=HERE / "hub" / "cases.py", command=_python(lambda: sys.executable)),
    "hub1": Client(cases=HERE / "hub" / "cases.py", command=_python(lambda: python_of("hub1"))),
    "openai": Client(
        cases=HERE / "openai" / "cases.py", command=_python(lambda: python_of("openai"))
    ),
    "huggingface-js": Client(
        cases=HERE / "huggingface-js" / "cases.mjs", command=_node("huggingface-js")
    ),
}

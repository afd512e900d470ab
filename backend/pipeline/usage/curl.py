"""The curl example."""

import json
import shlex

from backend.pipeline.usage.example import Example, FileRef, walk

_BREAK = " \\\n  "
# Placeholder for a file while the body is serialized; JSON escapes NUL, so no text contains it.
_MARK = "\0"


def curl(example: Example) -> str:
    """A command for POSIX shells. Files are read from the working directory."""
    lines = [f"curl {example.endpoint}", f"-H 'Content-Type: {example.content_type}'"]
    if example.key:
        lines.append('-H "Authorization: Bearer $API_KEY"')
    if example.saves:
        lines.append(f"--output {example.saves}")
    pipe = ""
    if example.file:
        lines.append(f"--data-binary @{example.file.name}")
    elif example.files():
        pipe = f"{_printed(example.body)} |{_BREAK}"
        lines.append("--data-binary @-")
    else:
        lines.append(f"-d {shlex.quote(json.dumps(example.body, ensure_ascii=False))}")
    return pipe + _BREAK.join(lines)


def _printed(body: dict[str, object]) -> str:
    """Shell commands that print a body with base64 files of any size in it."""
    files: list[FileRef] = []
    walk(body, files.append)
    marked = json.dumps(body, ensure_ascii=False, default=lambda _: _MARK)
    pieces = marked.split(json.dumps(_MARK)[1:-1])
    commands = [f"printf %s {shlex.quote(pieces[0])}"]
    for file, piece in zip(files, pieces[1:], strict=True):
        commands += [f"base64 < {file.name} | tr -d '\\n'", f"printf %s {shlex.quote(piece)}"]
    return f"{{ {'; '.join(commands)}; }}"

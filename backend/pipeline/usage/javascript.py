"""The example with fetch, for Node.js."""

import json
from typing import cast

from backend.pipeline.usage.example import Example, FileRef


def literal(value: object) -> str:
    """A value in JavaScript syntax; a file as the variable that contains its base64."""
    if isinstance(value, FileRef):
        return value.variable
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        inside = ", ".join(f"{json.dumps(name)}: {literal(one)}" for name, one in items)
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(one) for one in cast('list[object]', value))}]"
    return json.dumps(value, ensure_ascii=False)


def javascript(example: Example) -> str:
    """An ES module."""
    files = example.files()
    tools = [
        *(["readFile"] if files or example.file else []),
        *(["writeFile"] if example.saves else []),
    ]
    imports = f'import {{ {", ".join(tools)} }} from "node:fs/promises";\n\n' if tools else ""
    reads = "".join(
        f'const {file.variable} = (await readFile("{file.name}")).toString("base64");\n'
        for file in files
    )
    auth = ", Authorization: `Bearer ${process.env.API_KEY}`" if example.key else ""
    body = (
        f'await readFile("{example.file.name}")'
        if example.file
        else f"JSON.stringify({literal(example.body)})"
    )
    return (
        f'{imports}{reads}const answer = await fetch("{example.endpoint}", {{\n'
        f'  method: "POST",\n  headers: {{ "Content-Type": "{example.content_type}"{auth} }},\n'
        f"  body: {body},\n}});\n{_end(example)}"
    )


def _end(example: Example) -> str:
    if example.saves:
        return f'await writeFile("{example.saves}", Buffer.from(await answer.arrayBuffer()));\n'
    return "console.log(await answer.json());\n"

"""The example with requests, and values in Python syntax."""

from typing import cast

from backend.pipeline.usage.example import Example, FileRef


def literal(value: object) -> str:
    """A value in Python syntax; a file as the variable that contains its base64."""
    if isinstance(value, FileRef):
        return value.variable
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return f"{{{', '.join(f'{name!r}: {literal(one)}' for name, one in items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(one) for one in cast('list[object]', value))}]"
    return repr(value)


def requests_example(example: Example) -> str:
    """A Python script."""
    imports = [*(["base64"] if example.files() else []), *(["os"] if example.key else [])]
    head = "".join(f"import {name}\n" for name in imports)
    lines = [f"{head}\nimport requests\n" if head else "import requests\n"]
    lines += [_read(file) for file in example.files()]
    lines.append(_raw_call(example) if example.file else _call(example, f"json={_body(example)}"))
    lines.append(_end(example))
    return "\n".join(lines)


def _body(example: Example) -> str:
    return literal(example.body)


def _read(file: FileRef) -> str:
    return (
        f'with open("{file.name}", "rb") as file:\n'
        f"    {file.variable} = base64.b64encode(file.read()).decode()\n"
    )


def _raw_call(example: Example) -> str:
    assert example.file  # noqa: S101 - for the type checker
    call = _call(example, "data=file", f'"Content-Type": "{example.content_type}"')
    indented = "".join(f"    {line}\n" for line in call.splitlines())
    return f'with open("{example.file.name}", "rb") as file:\n{indented}'.rstrip("\n")


def _call(example: Example, body: str, *headers: str) -> str:
    entries = list(headers)
    if example.key:
        entries.append('"Authorization": f"Bearer {os.environ[\'API_KEY\']}"')
    line = f"    headers={{{', '.join(entries)}}},\n" if entries else ""
    return (
        f'answer = requests.post(\n    "{example.endpoint}",\n{line}    {body},\n'
        "    timeout=120,\n)"
    )


def _end(example: Example) -> str:
    if example.saves:
        return (
            f'answer.raise_for_status()\nwith open("{example.saves}", "wb") as file:\n'
            "    file.write(answer.content)\n"
        )
    return "answer.raise_for_status()\nprint(answer.json())\n"

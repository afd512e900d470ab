"""What a person gets in hand after a success: examples that work when they are pasted."""

import json
import shlex

from backend.domain.deployment import ModelInfo, Result, UsageInstructions
from backend.domain.plan import Plan
from backend.domain.prepared import Prepared
from backend.pipeline.openai_usage import openai_example
from backend.tasks import TASKS

PYTHON_END = "answer.raise_for_status()\nprint(answer.json())\n"
DEVICES = {"cpu": "CPU", "mps": "Apple GPU"}


def usage(plan: Plan, prepared: Prepared, url: str, wizard_url: str) -> Result:
    """Examples for the endpoint at `url`."""
    task = TASKS[plan.task]
    sample = task.sample(0)
    endpoint = f"{url}/predict"
    key = prepared.spec.api_key_sha256 is not None
    openai = None
    if task.input == "json":
        body = json.loads(sample.body)
        curl = _curl_json(endpoint, body, key)
        python = _python_json(endpoint, body, key)
        javascript = _javascript_json(endpoint, body, key)
        openai = openai_example(task.name, plan.model, url, body, key=key)
    else:
        name = "photo.png" if task.input == "image" else "sound.wav"
        curl = _curl_file(endpoint, name, sample.content_type, key)
        python = _python_file(endpoint, name, sample.content_type, key)
        javascript = _javascript_file(endpoint, name, sample.content_type, key)
    device = prepared.receipt.device
    sources = {"hub": "Hugging Face Hub", "starter": "Ships with Slipway", "local": "Local folder"}
    return Result(
        usage_instructions=UsageInstructions(
            description=f"{task.title}: {task.summary}",
            endpoint=endpoint,
            content_type=sample.content_type,
            example_curl=curl,
            example_python=python,
            example_javascript=javascript,
            example_openai=openai,
            test_ui_url=f"{wizard_url}/test/{plan.deployment_id}",
        ),
        model_info=ModelInfo(
            source=f"{sources[plan.model.source]}: {plan.model.id}",
            type=plan.type,
            device=DEVICES.get(device, device.upper()),
            cache_location=prepared.spec.model_dir,
        ),
    )


def _auth_curl(key: bool) -> str:
    return ' \\\n  -H "Authorization: Bearer $API_KEY"' if key else ""


def _curl_json(endpoint: str, body: object, key: bool) -> str:
    text = shlex.quote(json.dumps(body, ensure_ascii=False))
    kind = "application/json"
    return f"curl {endpoint} \\\n  -H 'Content-Type: {kind}'{_auth_curl(key)} \\\n  -d {text}"


def _curl_file(endpoint: str, name: str, kind: str, key: bool) -> str:
    head = f"curl {endpoint} \\\n  -H 'Content-Type: {kind}'{_auth_curl(key)}"
    return f"{head} \\\n  --data-binary @{name}"


def _python_head(key: bool) -> str:
    return "import os\n\nimport requests\n" if key else "import requests\n"


def _python_auth(key: bool, *more: str) -> str:
    headers = list(more)
    if key:
        headers.append('"Authorization": f"Bearer {os.environ[\'API_KEY\']}"')
    return f"    headers={{{', '.join(headers)}}},\n" if headers else ""


def _python_json(endpoint: str, body: object, key: bool) -> str:
    return (
        f'{_python_head(key)}\nanswer = requests.post(\n    "{endpoint}",\n{_python_auth(key)}'
        f"    json={body!r},\n    timeout=120,\n)\n{PYTHON_END}"
    )


def _python_file(endpoint: str, name: str, kind: str, key: bool) -> str:
    header = f'"Content-Type": "{kind}"'
    return (
        f'{_python_head(key)}\nwith open("{name}", "rb") as file:\n    answer = requests.post(\n'
        f'        "{endpoint}",\n'
        + "".join(f"    {line}\n" for line in _python_auth(key, header).splitlines())
        + f"        data=file,\n        timeout=120,\n    )\n{PYTHON_END}"
    )


def _javascript_headers(kind: str, key: bool) -> str:
    auth = ", Authorization: `Bearer ${process.env.API_KEY}`" if key else ""
    return f'{{ "Content-Type": "{kind}"{auth} }}'


def _javascript_json(endpoint: str, body: object, key: bool) -> str:
    return (
        f'const answer = await fetch("{endpoint}", {{\n  method: "POST",\n'
        f"  headers: {_javascript_headers('application/json', key)},\n"
        f"  body: JSON.stringify({json.dumps(body, ensure_ascii=False)}),\n}});\n"
        "console.log(await answer.json());\n"
    )


def _javascript_file(endpoint: str, name: str, kind: str, key: bool) -> str:
    return (
        f'import {{ readFile }} from "node:fs/promises";\n\n'
        f'const answer = await fetch("{endpoint}", {{\n'
        f'  method: "POST",\n  headers: {_javascript_headers(kind, key)},\n'
        f'  body: await readFile("{name}"),\n}});\nconsole.log(await answer.json());\n'
    )

"""The example with OpenAI's Python client, for tasks that support the OpenAI API."""

import json
from collections.abc import Callable

from backend.domain.model import ModelFacts

Call = Callable[[ModelFacts, dict[str, object]], str]


def openai_example(
    task: str, model: ModelFacts, url: str, body: dict[str, object], *, key: bool
) -> str | None:
    """A script for the server at `url` with the task's sample `body`; None for other tasks."""
    call = _CALLS.get(task)
    if call is None:
        return None
    head = "import os\n\nfrom openai import OpenAI\n" if key else "from openai import OpenAI\n"
    secret = 'os.environ["API_KEY"]' if key else '"none"'
    client = f'client = OpenAI(base_url="{url}/v1", api_key={secret})\n'
    return f"{head}\n{client}{call(model, body)}"


def _generation(model: ModelFacts, body: dict[str, object]) -> str:
    return _chat(model) if model.has_chat_template else _completion(model, body)


def _chat(model: ModelFacts) -> str:
    return (
        "answer = client.chat.completions.create(\n"
        f"    model={json.dumps(model.id)},\n"
        '    messages=[{"role": "user", "content": "Tell me a short story."}],\n'
        "    max_tokens=64,\n)\n"
        "print(answer.choices[0].message.content)\n"
    )


def _completion(model: ModelFacts, body: dict[str, object]) -> str:
    return (
        "answer = client.completions.create(\n"
        f"    model={json.dumps(model.id)},\n    prompt={_text(body)},\n    max_tokens=64,\n)\n"
        "print(answer.choices[0].text)\n"
    )


def _embedding(model: ModelFacts, body: dict[str, object]) -> str:
    return (
        f"answer = client.embeddings.create(model={json.dumps(model.id)}, input=[{_text(body)}])\n"
        "print(answer.data[0].embedding[:8])\n"
    )


def _text(body: dict[str, object]) -> str:
    """The input text; a JSON string is also a valid Python string."""
    return json.dumps(body["inputs"], ensure_ascii=False)


_CALLS: dict[str, Call] = {
    "text-generation": _generation,
    "feature-extraction": _embedding,
}

"""Which prompt and which route a text takes, from `prompt_name` and `input_type`.

`input_type` is the `task` of sentence-transformers: `query` is its encode_query, `document` its
encode_document. Cohere, Voyage and NVIDIA name the parameter `input_type` as well; the values of
Cohere (search_query, search_document) and NVIDIA (passage) mean the same.
"""

from typing import cast

from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.errors.inference import InvalidInput
from backend.tasks.module_files import TASKS

_SAME = {"search_query": "query", "search_document": "document", "passage": "document"}
# Prompts of a task, the first one that the model has.
_PROMPTS = {"query": ("query",), "document": ("document", "passage", "corpus")}


def task_of(input_type: str | None) -> str | None:
    """The task of sentence-transformers that an `input_type` of any API means."""
    return _SAME.get(input_type or "", input_type)


class Prompts:
    """Prompts and routes of a model."""

    def __init__(self, model: SentenceTransformersModel) -> None:
        stored = model.settings.get("prompts")
        given = cast("dict[str, object]", stored) if isinstance(stored, dict) else {}
        self._texts = {"query": "", "document": ""} | {
            name: str(text or "") for name, text in given.items()
        }
        self._default = str(model.settings.get("default_prompt_name") or "")
        self._model = model

    def names(self) -> list[str]:
        """Prompts that are not empty."""
        return sorted(name for name, text in self._texts.items() if text)

    def choose(self, prompt_name: str | None, input_type: str | None) -> tuple[str, str]:
        """Route and prompt. Raises InvalidInput for names that the model does not have.

        The Hub's API has only `prompt_name`: with the name of a route, it selects that route.
        """
        task = task_of(input_type)
        tasks = self._model.tasks
        known = sorted(tasks or TASKS)
        if task is not None and task not in known:
            raise InvalidInput(f"input_type is not one of this model's: {', '.join(known)}.")
        if task is None and prompt_name in tasks:
            task = prompt_name
        route = tasks.get(task or "", self._model.default_route)
        return route, self._prompt(prompt_name, task)

    def _prompt(self, name: str | None, task: str | None) -> str:
        candidates = _PROMPTS.get(task or "", ()) if name is None else (name,)
        for candidate in candidates:
            if candidate in self._texts:
                return self._texts[candidate]
        if name is None:
            return self._texts.get(self._default, "")
        if name in self._model.tasks:
            return ""
        known = ", ".join(sorted(self._texts))
        raise InvalidInput(f"prompt_name is not one of this model's prompts: {known}.")

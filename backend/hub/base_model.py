"""The model that a repository was made from, by its tags.

The Hub adds `base_model:OWNER/NAME` for the `base_model` of a model card, and the same with the
relation, such as `base_model:quantized:OWNER/NAME`.
"""

from collections.abc import Iterable

from backend.domain.text import model_id

BASE_MODEL = "base_model:"


def base_model_of(tags: Iterable[str]) -> str | None:
    """The first id; None if there is none, or it is not an id."""
    for tag in tags:
        if not tag.startswith(BASE_MODEL):
            continue
        try:
            return model_id(tag.rsplit(":", 1)[-1])
        except ValueError:
            continue
    return None

"""The base model that an adapter names, as far as it is a valid id and revision."""

import pytest

from backend.domain.model import ModelFacts
from backend.domain.peft_adapter import PeftAdapter
from backend.hub.peft_adapters import Reference, references_of


def references(
    stated: str, card: str | None = None, revision: str | None = None
) -> list[Reference]:
    model = ModelFacts(
        id="acme/adapter", source="hub", revision="main", commit="c" * 40, task=None,
        weight_bytes=1, download_bytes=1, files=[], base_model=card,
    )  # fmt: skip
    adapter = PeftAdapter(kind="LORA", stated_base=stated, stated_revision=revision)
    return references_of(model, adapter)


def test_adapter_config_precedes_the_card() -> None:
    assert references("acme/base") == [Reference("acme/base")]
    assert references("acme/base", "acme/base", "v2") == [Reference("acme/base", "v2")]
    both = [Reference("models/base", "v2"), Reference("acme/base")]
    assert references("models/base", "acme/base", "v2") == both


@pytest.mark.parametrize(
    "stated", ["", "/home/me/llama", "./llama", "../base", "C:\\models\\llama", "a/b/c", "a..b/c"]
)
def test_path_is_no_reference(stated: str) -> None:
    assert references(stated) == []
    assert references(stated, "acme/base") == [Reference("acme/base")]


@pytest.mark.parametrize("revision", ["../../../etc", "a//b", "/x", "a\nb"])
def test_revision_cannot_leave_the_cache(revision: str) -> None:
    assert references("acme/base", None, revision) == []

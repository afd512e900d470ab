"""Code of a repository is needed only where transformers has no class of its own."""

import pytest

from backend.tasks.custom_code import code_repositories, names_code, needs_code

PHI3 = {
    "model_type": "phi3",
    "architectures": ["Phi3ForCausalLM"],
    "auto_map": {
        "AutoConfig": "configuration_phi3.Phi3Config",
        "AutoModelForCausalLM": "modeling_phi3.Phi3ForCausalLM",
    },
}
OWN = {"model_type": "own", "architectures": ["Own"], "auto_map": {"AutoConfig": "own.OwnConfig"}}
OWN_HEAD = {
    "model_type": "bert",
    "architectures": ["OwnHead"],
    "auto_map": {"AutoModelForSequenceClassification": "own.OwnHead"},
}
SLOW = {"auto_map": {"AutoTokenizer": ["own.OwnTokenizer", None]}}


@pytest.mark.parametrize(
    ("configs", "needed"),
    [
        ({"config.json": PHI3}, False),
        ({"config.json": OWN}, True),
        ({"config.json": OWN_HEAD}, True),
        ({"config.json": {"model_type": "own"}}, False),
        ({"config.json": PHI3, "tokenizer_config.json": SLOW}, False),
        ({"config.json": PHI3, "tokenizer_config.json": {"auto_map": ["own.Own", None]}}, False),
        # A model type whose library class has no tokenizer of its own.
        ({"config.json": {"model_type": "vit"}, "tokenizer_config.json": SLOW}, True),
        (
            {
                "config.json": {"model_type": "vit", "architectures": ["ViTModel"]},
                "preprocessor_config.json": {"auto_map": {"AutoImageProcessor": "own.Own"}},
            },
            False,
        ),
        (
            {
                "config.json": {"model_type": "bert", "architectures": ["BertModel"]},
                "preprocessor_config.json": {"auto_map": {"AutoImageProcessor": "own.Own"}},
            },
            True,
        ),
    ],
)
def test_code_is_needed_for_what_the_library_lacks(
    configs: dict[str, dict[str, object]], needed: bool
) -> None:
    assert needs_code(configs) is needed


def test_code_in_other_repositories_is_found() -> None:
    assert code_repositories(OWN) == []
    assert code_repositories({"auto_map": ["org/words--words.Words", None]}) == ["org/words"]
    mapped = {"AutoConfig": "org/own--own.OwnConfig", "AutoModel": "own.Own"}
    assert code_repositories({"auto_map": mapped}) == ["org/own"]


def test_deeply_nested_reference_to_code_is_found() -> None:
    deep: object = {"auto_map": {"A": "b.C"}}
    for _ in range(5000):
        deep = [deep]
    assert names_code(deep)


def test_graph_replaces_the_code_of_an_architecture() -> None:
    tokenizer = {"auto_map": {"AutoImageProcessor": "own.Own"}}
    assert not needs_code({"config.json": OWN_HEAD}, has_graph=True)
    own = {"config.json": OWN_HEAD, "preprocessor_config.json": tokenizer}
    assert needs_code(own, has_graph=True)

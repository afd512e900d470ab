"""Tokenizer classes of the installed library, their files and the libraries they require."""

import pytest

from backend.tasks.library import (
    has_model_type,
    tokenizer_libraries,
    tokenizer_of,
    vocabulary_files,
    word_libraries,
)


@pytest.mark.parametrize(
    ("model_type", "named", "files", "libraries"),
    [
        ("deberta-v2", "DebertaV2Tokenizer", ["spm.model"], {"sentencepiece"}),
        ("deberta-v2", "DebertaV2TokenizerFast", ["spm.model", "tokenizer.json"], set()),
        (
            "marian",
            "MarianTokenizer",
            ["source.spm", "target.spm", "vocab.json"],
            {"sentencepiece"},
        ),
        # Its class cannot be imported without SentencePiece, whatever the files are.
        ("marian", None, ["tokenizer.json", "source.spm"], {"sentencepiece"}),
        ("m2m_100", "NllbTokenizer", ["sentencepiece.bpe.model"], {"sentencepiece"}),
        ("m2m_100", "NllbTokenizer", ["sentencepiece.bpe.model", "tokenizer.json"], set()),
        ("roberta", None, ["vocab.json", "merges.txt"], set()),
        ("bert", "BertTokenizer", ["vocab.txt"], set()),
        ("llama", "LlamaTokenizer", ["tokenizer.model"], {"sentencepiece"}),
        ("qwen", None, ["qwen.tiktoken"], {"tiktoken"}),
        ("biogpt", None, ["vocab.json", "merges.txt"], {"sacremoses"}),
        ("t5", "T5Tokenizer", ["spiece.model", "vocab.txt"], {"sentencepiece"}),
        # Files of another tokenizer class are not read.
        ("bert", "BertTokenizer", ["vocab.txt", "spiece.model"], set()),
    ],
)
def test_libraries_follow_from_class_and_files(
    model_type: str, named: str | None, files: list[str], libraries: set[str]
) -> None:
    tokenizer = tokenizer_of({"model_type": model_type}, {"tokenizer_class": named})
    assert tokenizer_libraries(files, tokenizer, is_tiktoken=False) == libraries


@pytest.mark.parametrize(
    ("settings", "libraries"),
    [
        ({"word_tokenizer_type": "mecab"}, {"fugashi", "unidic-lite"}),
        ({"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "ipadic"}},
         {"fugashi", "ipadic"}),
        ({"word_tokenizer_type": "basic"}, set()),
        ({"word_tokenizer_type": "jumanpp"}, {"rhoknp"}),
        ({"word_tokenizer_type": "mecab", "tokenizer_class": "BertTokenizer"}, set()),
    ],
)  # fmt: skip
def test_japanese_tokenizer_requires_what_its_config_names(
    settings: dict[str, object], libraries: set[str]
) -> None:
    named = {"tokenizer_class": "BertJapaneseTokenizer", **settings}
    assert word_libraries(tokenizer_of({"model_type": "bert"}, named), named) == libraries


def test_japanese_tokenizer_may_be_named_in_the_config_of_the_model() -> None:
    config = {"model_type": "bert", "tokenizer_class": "BertJapaneseTokenizer"}
    settings = {"word_tokenizer_type": "mecab"}
    assert "fugashi" in word_libraries(tokenizer_of(config, settings), settings)
    assert word_libraries(None, settings) == set()


def test_token_list_named_tokenizer_model_requires_tiktoken() -> None:
    tokenizer = tokenizer_of({"model_type": "llama"}, {})
    assert tokenizer_libraries(["tokenizer.model"], tokenizer, is_tiktoken=True) == {"tiktoken"}


def test_files_and_types_are_those_of_the_installed_library() -> None:
    assert {"spm.model", "bpe.codes", "prophetnet.tokenizer", "source.spm"} <= vocabulary_files()
    assert has_model_type("deberta-v2")
    assert not has_model_type("own")

"""Tokens of word-vector models: the words of a text that are in the model's vocabulary."""

import json
import re
import string
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from backend.errors.model import CorruptModel

CONFIG = "whitespacetokenizer_config.json"
_WORD = re.compile(r"\S+")


class WhitespaceTokens:
    """Splits a text at white space; leaves out stop words and words without a vector.

    A word is looked up as it is, then without the punctuation around it, then in lower case. Of the
    interface of transformers it has what `/tokenize` and `/decode` use.
    """

    is_fast = True

    def __init__(
        self, vocabulary: Iterable[str], stop_words: Iterable[str] = (), *, lowers: bool = False
    ) -> None:
        self._words = list(vocabulary)
        self._ids = {word: place for place, word in enumerate(self._words)}
        self._stops = frozenset(stop_words)
        self._lowers = lowers

    def __call__(self, text: str, **settings: object) -> dict[str, Any]:
        """Ids of the known words, with their places in the text; there are no special tokens."""
        del settings
        found = [one for one in map(self._find, _WORD.finditer(text)) if one]
        return {
            "input_ids": [token for token, _ in found],
            "special_tokens_mask": [0] * len(found),
            "offset_mapping": [place for _, place in found],
        }

    def __len__(self) -> int:
        return len(self._words)

    def convert_ids_to_tokens(self, ids: Sequence[int]) -> list[str]:
        """The words of these ids."""
        return [self._words[token] for token in ids]

    def decode(self, ids: Sequence[int], **settings: object) -> str:
        """The words of these ids as a text."""
        del settings
        return " ".join(self.convert_ids_to_tokens(ids))

    def _find(self, found: re.Match[str]) -> tuple[int, tuple[int, int]] | None:
        """Id and place of a word; None for stop words and words that are not known."""
        word = found[0].lower() if self._lowers else found[0]
        bare = word.strip(string.punctuation)
        start = found.start() + len(found[0]) - len(found[0].lstrip(string.punctuation))
        end = found.end() - len(found[0]) + len(found[0].rstrip(string.punctuation))
        inner = (start, max(start, end))
        for candidate, place in ((word, found.span()), (bare, inner), (bare.lower(), inner)):
            if candidate in self._stops:
                return None
            if candidate in self._ids:
                return self._ids[candidate], place
        return None


def read_whitespace_tokens(folder: Path) -> WhitespaceTokens:
    """The tokenizer in the folder of WordEmbeddings. Raises CorruptModel."""
    read: Any = json.loads((folder / CONFIG).read_bytes())
    try:
        return WhitespaceTokens(
            read["vocab"], read["stop_words"], lowers=bool(read.get("do_lower_case"))
        )
    except (KeyError, TypeError, AttributeError):
        raise CorruptModel(f"{CONFIG} is not what sentence-transformers writes.") from None

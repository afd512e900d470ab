"""Generated language: words of syllables with Zipf frequencies, and texts of given lengths.

Everything depends on seeds only, so that all contenders and all runs get the same texts.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence

_ONSETS = ("b", "br", "d", "f", "g", "gr", "k", "l", "m", "n", "p", "pr", "s", "st", "t", "tr", "v")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
_CODAS = ("", "", "", "n", "r", "s", "t", "l", "nd")
SHORTEST, LONGEST = 5, 199


def words(count: int, seed: int = 1) -> list[str]:
    """Return `count` different words of one to four syllables, the most frequent first."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = range(chance.choice((1, 2, 2, 3, 3, 4)))
        word = "".join(
            chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)
            for _ in syllables
        )
        found[word] = None
    return list(found)


def zipf(count: int) -> list[float]:
    """Return cumulative weights of `count` words by rank, for `random.choices`."""
    return list(itertools.accumulate(1 / (rank + 3) for rank in range(count)))


def lengths(count: int, seed: int = 2) -> list[int]:
    """Return lengths in tokens from 5 to 199, log-uniform (mean 53), in random order."""
    chance = random.Random(seed)
    low, high = math.log(SHORTEST), math.log(LONGEST + 1)
    return [int(math.exp(chance.uniform(low, high))) for _ in range(count)]


def texts(
    wanted: Sequence[int], count_tokens: Callable[[str], int], vocabulary: list[str], seed: int = 3
) -> list[str]:
    """Return one text per entry of `wanted`, the longest with at most that many tokens."""
    chance, weights = random.Random(seed), zipf(len(vocabulary))
    found: list[str] = []
    for most in wanted:
        picked = chance.choices(vocabulary, cum_weights=weights, k=most)
        low, high = 1, len(picked)
        while low < high:
            middle = (low + high + 1) // 2
            if count_tokens(" ".join(picked[:middle])) <= most:
                low = middle
            else:
                high = middle - 1
        found.append(" ".join(picked[:low]))
    return found

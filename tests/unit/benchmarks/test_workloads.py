"""Texts and groups of the bench."""

from benchmarks.offline.grouping import Row, groups
from benchmarks.texts import LONGEST, SHORTEST, lengths, texts, words


def rows(*sizes: int) -> list[Row]:
    return [Row(size, None) for size in sizes]


def sizes(found: list[list[Row]]) -> list[list[int]]:
    return [[row.size for row in group] for group in found]


def test_groups_of_all_items_are_sorted():
    assert sizes(groups(rows(5, 1, 4, 2, 3), None, 2)) == [[1, 2], [3, 4], [5]]


def test_groups_are_sorted_only_among_as_many_as_wait():
    assert sizes(groups(rows(5, 1, 4, 2, 3), 2, 2)) == [[1, 5], [2, 4], [3]]


def test_lengths_are_log_uniform_within_bounds():
    found = lengths(5000)
    assert min(found) == SHORTEST
    assert max(found) == LONGEST
    assert 50 < sum(found) / len(found) < 56
    below = sum(length < 32 for length in found) / len(found)
    assert 0.45 < below < 0.55


def test_texts_are_the_longest_that_fit_and_always_the_same():
    vocabulary = words(100)

    def count(text: str) -> int:
        return len(text.split()) + 2

    made = texts([5, 50], count, vocabulary)
    assert [count(text) for text in made] == [5, 50]
    assert made == texts([5, 50], count, vocabulary)


def test_words_are_different():
    assert len(set(words(1000))) == 1000

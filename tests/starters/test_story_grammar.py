"""The judge of stories accepts what the grammar writes and refuses what it can't write."""

import random

import pytest

from training.story_grammar import is_story, write_story


@pytest.fixture
def story() -> str:
    return write_story(random.Random(4), plot="lost")


def test_generated_story_matches_grammar(story: str) -> None:
    assert is_story(story)


def test_truncated_story_does_not_match_grammar(story: str) -> None:
    assert not is_story(story[: len(story) // 2])


def test_story_with_changing_hero_name_does_not_match_grammar(story: str) -> None:
    hero = next(word for word in story.split() if story.count(word) > 3 and word.istitle())
    head, tail = story[: len(story) // 2], story[len(story) // 2 :]
    assert not is_story(head + tail.replace(hero, "Zorro"))

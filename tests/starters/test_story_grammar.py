"""The judge of stories accepts what the grammar writes and refuses what it can't write."""

import random

import pytest

from training.story_grammar import is_story, write_story


@pytest.fixture
def story() -> str:
    return write_story(random.Random(4), plot="lost")


def test_a_written_story_is_a_story(story: str) -> None:
    assert is_story(story)


def test_a_story_that_stops_too_soon_is_none(story: str) -> None:
    assert not is_story(story[: len(story) // 2])


def test_a_story_whose_hero_changes_name_is_none(story: str) -> None:
    hero = next(word for word in story.split() if story.count(word) > 3 and word.istitle())
    head, tail = story[: len(story) // 2], story[len(story) // 2 :]
    assert not is_story(head + tail.replace(hero, "Zorro"))

"""Format stories and chats as training texts of `stories`; some heroes are held out."""

import random
import zlib

from training.story_grammar import Bindings, bind, fill, read_words, write_story

BOS, EOS, USER, ASSISTANT = "<s>", "</s>", "<|user|>", "<|assistant|>"


def is_held_out(name: str, kind: str) -> bool:
    """Return whether the hero (name and kind) is held out for the score; one in ten is."""
    return zlib.crc32(f"{name} the {kind}".encode()) % 10 == 0


def held_out_heroes() -> list[tuple[str, str]]:
    words = read_words()
    names = words["he"] + words["she"]
    return [(name, kind) for name in names for kind in words["kind"] if is_held_out(name, kind)]


def sample_hero(rng: random.Random) -> Bindings:
    while is_held_out((bound := bind(rng))["n"], bound["k"]):
        pass
    return bound


def chat(question: str, answer: str) -> str:
    return f"{BOS}{USER}{question}{ASSISTANT}{answer}{EOS}"


def ask(section: str, bound: Bindings, rng: random.Random) -> str:
    """A chat message with random variations: lower case, and no full stop."""
    question = fill(rng.choice(read_words("chat")[section]), bound, rng)
    question = question.lower() if rng.random() < 0.2 else question
    return question.rstrip(".") if rng.random() < 0.3 else question


def write_text(rng: random.Random) -> str:
    bound, draw = sample_hero(rng), rng.random()
    if draw < 0.6:
        return f"{BOS}{write_story(rng, bound)}{EOS}"
    if draw < 0.94:
        section = rng.choices(("ask_kind", "ask_name", "ask_thing", "ask_any"), (5, 3, 1, 2))[0]
        question = ask(section, bound, rng)
        return chat(question, write_story(rng, bound, "lost" if section == "ask_thing" else ""))
    section = rng.choice(("hello", "other"))
    answer = fill(rng.choice(read_words("chat")[f"{section}_answer"]), bound, rng)
    return chat(ask(section, bound, rng), answer)


def write_texts(count: int, rng: random.Random) -> list[str]:
    return [write_text(rng) for _ in range(count)]

"""The grammar of the stories: generate stories, and check whether a text is one."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "stories"
SLOT = re.compile(r"\{(\w+)\}")
PRONOUNS = {
    "he": {"he": "he", "him": "him", "his": "his"},
    "she": {"he": "she", "him": "her", "his": "her"},
}
# Pronouns of the friend; the slots are named after the feminine forms.
FRIEND = {
    "she": {"she": "she", "her": "her", "hers": "her"},
    "he": {"she": "he", "her": "him", "hers": "his"},
}
Alternatives = tuple[str, ...]
Bindings = dict[str, str]


@dataclass(frozen=True)
class Line:
    """One sentence of a plot, in several wordings."""

    wordings: Alternatives
    optional: bool


@cache
def read_words(file: str = "words") -> dict[str, Alternatives]:
    lists: dict[str, list[str]] = {}
    section = ""
    for row in (FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("["):
            section = row.strip("[]")
            lists[section] = []
        elif row and not row.startswith("#"):
            lists[section] += [item.strip() for item in row.split("|")]
    return {name: tuple(items) for name, items in lists.items()}


@cache
def read_plots() -> dict[str, tuple[Line, ...]]:
    plots: dict[str, list[Line]] = {}
    section = ""
    for row in (FOLDER / "plots.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("["):
            section = row.strip("[]")
            plots[section] = []
        elif row and not row.startswith("#"):
            wordings = tuple(item.strip() for item in row.removeprefix("?").split("|"))
            plots[section].append(Line(wordings, row.startswith("?")))
    return {name: tuple(lines) for name, lines in plots.items()}


def bind(rng: random.Random) -> Bindings:
    """Random names, kinds and pronouns of hero and friend; `fill` selects other words on demand."""
    words = read_words()
    hero, friend = rng.choice(("he", "she")), rng.choice(("he", "she"))
    name = rng.choice(words[hero])
    other = rng.choice([candidate for candidate in words[friend] if candidate != name])
    kind, its = rng.sample(words["kind"], 2)
    return {"n": name, "m": other, "k": kind, "l": its, **PRONOUNS[hero], **FRIEND[friend]}


def fill(wording: str, bound: Bindings, rng: random.Random) -> str:
    """Fill the slots of a sentence; newly selected words are stored in `bound`."""

    def value(found: re.Match[str]) -> str:
        slot = found[1]
        if slot not in bound:
            drawn = rng.choice(read_words()[slot.rstrip("2").removesuffix("_cap")])
            bound[slot] = drawn[0].upper() + drawn[1:] if slot.endswith("_cap") else drawn
        return bound[slot]

    return capital(SLOT.sub(value, wording))


def capital(text: str) -> str:
    return text[0].upper() + text[1:] if text else text


def write_story(rng: random.Random, bound: Bindings | None = None, plot: str = "") -> str:
    bound = bind(rng) if bound is None else bound
    plots = read_plots()
    chosen = plot or rng.choice([name for name in plots if name != "opening"])
    lines = [*plots["opening"], *plots[chosen]]
    told = [line for line in lines if not line.optional or rng.random() < 0.5]
    return " ".join(fill(rng.choice(line.wordings), bound, rng) for line in told)


@dataclass
class Reader:
    """Match a text against one plot; with `remembers`, names and things must be consistent."""

    lines: tuple[Line, ...]
    remembers: bool = True
    bound: Bindings = field(default_factory=dict)

    def follows(self, text: str, at: int = 0) -> bool:
        """Return whether the text is exactly the plot from line `at` on."""
        if at == len(self.lines):
            return not text
        if self.lines[at].optional and self.follows(text, at + 1):
            return True
        return any(
            Reader(self.lines, self.remembers, bound).follows(rest, at + 1)
            for wording in self.lines[at].wordings
            for bound, rest in self.starts(wording, text)
        )

    def starts(self, wording: str, text: str) -> Iterator[tuple[Bindings, str]]:
        pattern, seen = "", set[str]()
        for index, part in enumerate(SLOT.split(wording)):
            if index % 2 == 0:
                pattern += re.escape(part)
            elif part in seen:
                pattern += f"(?P={part})"
            else:
                seen.add(part)
                pattern += f"(?P<{part}>{'|'.join(map(re.escape, self.allowed(part)))})"
        if found := re.match(f"(?i:{pattern})(?: |$)", text):
            told = found.groupdict() if self.remembers else {}
            yield {**self.bound, **told}, text[found.end() :]

    def allowed(self, slot: str) -> Alternatives:
        if slot in self.bound:
            return (self.bound[slot],)
        words = read_words()
        if slot in ("n", "m"):
            return words["he"] + words["she"]
        for forms in (PRONOUNS, FRIEND):
            if slot in forms["he"]:
                return tuple(sorted({forms["he"][slot], forms["she"][slot]}))
        return words["kind"] if slot in ("k", "l") else words[slot.rstrip("2").removesuffix("_cap")]


def is_story(text: str, *, same_names: bool = True) -> bool:
    """Return whether the text is a complete story of one plot, with all sentences in order."""
    plots = read_plots()
    opening = Reader(plots["opening"], same_names)
    return any(
        Reader(lines, same_names, bound).follows(rest)
        for wording in plots["opening"][0].wordings
        for bound, rest in opening.starts(wording, text.strip())
        for name, lines in plots.items()
        if name != "opening"
    )

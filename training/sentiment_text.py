"""Generate labeled reviews from hand-written phrase lists: the training data of `sentiment`."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

PHRASES = Path(__file__).parent / "data" / "sentiment"
DOMAINS = [
    "film",
    "book",
    "music",
    "game",
    "outing",
    "food",
    "hotel",
    "travel",
    "phone",
    "app",
    "house",
    "clothes",
    "shop",
    "care",
    "car",
]
OTHER = {"+": "-", "-": "+"}
FRAMES = (("plain", 0.46), ("events", 0.7), ("contrast", 0.83), ("negated", 0.96), ("verbs", 1.0))
DETERMINERS = ("the", "the", "the", "this", "our", "their", "its", "my")
ARTICLE = re.compile(r"\ba (?=[aeiou](?!ni|se|ne))", re.IGNORECASE)
SLOT = re.compile(r"\{(\w+)\}")
PREDICATE = re.compile(r"(?<=\{be\} )\{A\}(?! [\w{])")

Lists = dict[str, list[str]]


def read_lists(folder: Path = PHRASES) -> Lists:
    """All `[section]`s of all files in the folder; items are separated by `|` or a line end."""
    lists: Lists = {}
    for path in sorted(folder.glob("*.txt")):
        section = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                section = line.strip("[] ")
                lists.setdefault(section, [])
            elif line and not line.startswith("#"):
                lists[section] += [item.strip() for item in line.split("|") if item.strip()]
    return lists


def is_attributive(adjective: str) -> bool:
    """Return whether it can precede a noun ("a good film", but not "a worth it film")."""
    return not adjective.startswith(
        ("a ", "an ", "worth it", "worth every", "second to", "hard to b")
    )


@dataclass(frozen=True)
class Reviewer:
    """Generates reviews of one subject and one polarity."""

    lists: Lists
    rng: random.Random
    domain: str
    sign: str

    def pick(self, section: str) -> str:
        return self.rng.choice(self.lists[section])

    def adjective(self, sign: str, *, predicate: bool = False) -> str:
        while not is_attributive(word := self.pick(f"adj{sign}")) and not predicate:
            pass
        return word

    def noun(self) -> str:
        kind = self.adjective(self.sign) if self.rng.random() < 0.2 else ""
        kind = kind or self.rng.choice(("", "", "real", "complete", "total", "absolute", "true"))
        return f"a {kind} {self.pick('noun' + self.sign)}".replace("  ", " ")

    def clause(self, sign: str) -> str:
        """A clause; "it" is often replaced by a thing, and a neutral place or time may follow."""
        section = f"{self.domain}.{sign}" if self.rng.random() < 0.62 else f"clause{sign}"
        phrase = self.pick(section)
        if phrase.startswith("it ") and self.rng.random() < 0.5:
            phrase = f"{{the}} {{T}}{phrase[2:]}"
        return f"{phrase} {{J}}" if self.rng.random() < 0.2 else phrase

    def slot(self, name: str) -> str:
        other = OTHER[self.sign]
        fills = {
            "A": lambda: self.adjective(self.sign),
            "Apred": lambda: self.adjective(self.sign, predicate=True),
            "B": lambda: self.adjective(other),
            "S": lambda: self.pick(f"softadj{other}" if self.rng.random() < 0.6 else f"adj{other}"),
            "R": lambda: self.pick(f"quality{other}"),
            "W": lambda: self.pick(f"bare{other}"),
            "N": self.noun,
            "Q": lambda: self.pick(f"quality{self.sign}"),
            "V": lambda: self.pick(f"verb{self.sign}"),
            "C": lambda: self.clause(self.sign),
            "D": lambda: self.clause(other),
            "E": lambda: self.pick(f"happens{self.sign}"),
            "O": lambda: self.pick(f"did{self.sign}"),
            "U": lambda: self.pick(f"super{self.sign}"),
            "K": lambda: self.pick(f"comp{self.sign}"),
            "M": lambda: self.pick(f"manner{self.sign}"),
            "X": lambda: self.pick(f"taste{self.sign}"),
            "J": lambda: self.pick("adjunct"),
            "T": lambda: self.pick(f"{self.domain}.thing"),
            "P": lambda: self.pick(f"{self.domain}.part"),
            "F": lambda: self.pick("filler"),
            "a": lambda: "a",
            "the": lambda: self.rng.choice(DETERMINERS),
            "this": lambda: self.rng.choice(("this", "this", "the", "that")),
        }
        return fills[name]() if name in fills else self.pick(name)

    def sentence(self) -> str:
        draw = self.rng.random()
        frame = next(name for name, limit in FRAMES if draw < limit)
        text = PREDICATE.sub("{Apred}", self.pick(frame))
        while SLOT.search(text):
            text = SLOT.sub(lambda found: self.slot(found[1]), text)
        return ARTICLE.sub("an ", text)

    def review(self) -> str:
        sentences = [self.sentence() for _ in range(self.rng.choices((1, 2, 3), (70, 22, 8))[0])]
        if self.rng.random() < 0.2:
            sentences.insert(self.rng.randrange(len(sentences) + 1), self.pick("filler"))
        if self.rng.random() < 0.08:
            sentences[0] = f"{self.pick('intro')}, {sentences[0]}"
        ends = [self.rng.choice((".", ".", ".", ".", "!", "", "...")) for _ in sentences]
        text = " ".join(s + e for s, e in zip(sentences, ends, strict=True))
        return with_typo(text, self.rng) if self.rng.random() < 0.08 else text


def with_typo(text: str, rng: random.Random) -> str:
    """Swap two adjacent characters, or drop one."""
    at = rng.randrange(max(1, len(text) - 2))
    if rng.random() < 0.5:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def write_reviews(count: int, seed: int) -> list[tuple[str, int]]:
    """`count` pairs (text, label), label 1 for positive; half of each, random subjects."""
    rng = random.Random(seed)
    lists = read_lists()
    pairs: list[tuple[str, int]] = []
    for index in range(count):
        sign = "-+"[index % 2]
        pairs.append((Reviewer(lists, rng, rng.choice(DOMAINS), sign).review(), index % 2))
    return pairs

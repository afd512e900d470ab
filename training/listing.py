"""Write `starters.json`: the texts that the wizard shows, with measured sizes and scores."""

import argparse
import json
import re
from pathlib import Path

from safetensors import safe_open

from training.common import STARTERS

SCORE = re.compile(r"^\| score \| \*\*([0-9.]+)\*\*: (.+) \|$", re.MULTILINE)
LICENSE = "apache-2.0"
# Texts for the wizard; `example` is a text or the name of a file in the starter's folder.
TEXTS = (
    {
        "id": "sentiment",
        "title": "Sentiment of a review",
        "task": "text-classification",
        "description": "Classifies a short English review as positive or negative.",
        "limits": "English reviews of a few sentences; no neutral label; does not detect irony.",
        "example": "What a wonderful film",
    },
    {
        "id": "digits",
        "title": "Handwritten digits",
        "task": "image-classification",
        "description": "Recognizes one digit in an image, dark on light or light on dark.",
        "limits": "One digit on a plain background; every image is classified as a digit.",
        "example": "sample.png",
    },
    {
        "id": "tones",
        "title": "Telephone keypad tones",
        "task": "audio-classification",
        "description": "Recognizes the telephone key (0 to 9, *, #) in an audio recording.",
        "limits": "One key per recording; all audio is classified as a key; scored on synthetic "
        "audio.",
        "example": "sample.wav",
    },
    {
        "id": "stories",
        "title": "Short stories",
        "task": "text-generation",
        "description": "Generates a short children's story from a beginning or a chat message.",
        "limits": "Eight plots and about 600 words; confuses its heroes; answers no questions.",
        "example": "Once upon a time",
    },
)


def read_score(folder: Path) -> tuple[float, str]:
    """Score in the model card, and its metric with the test data."""
    found = SCORE.search((folder / "README.md").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{folder / 'README.md'} contains no score")
    return float(found[1]), found[2]


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def count_parameters(folder: Path) -> int:
    with safe_open(folder / "model.safetensors", framework="numpy") as weights:
        shapes = [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118
    total = 0
    for shape in shapes:
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


def list_starters(folder: Path = STARTERS) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = []
    for text in TEXTS:
        home = folder / text["id"]
        score, score_of = read_score(home)
        measured = {
            "score": score,
            "score_of": score_of,
            "parameters": count_parameters(home),
            "download_bytes": bytes_of(home),
            "license": LICENSE,
        }
        listed.append({**text, **measured})
    return listed


def main() -> None:
    parser = argparse.ArgumentParser(description="Write starters.json from the four folders.")
    parser.add_argument("--folder", type=Path, default=STARTERS)
    folder: Path = parser.parse_args().folder
    text = json.dumps(list_starters(folder), indent=2, ensure_ascii=False) + "\n"
    (folder / "starters.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

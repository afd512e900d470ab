"""Load each starter from disk and print its score next to the one in its model card."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from training import digits_score, sentiment_score, stories_score, tones_score
from training.common import STARTERS
from training.listing import read_score

SCORES: dict[str, Callable[[Path], float]] = {
    "sentiment": sentiment_score.score,
    "digits": digits_score.score,
    "tones": tones_score.score,
    "stories": stories_score.score,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Evaluate the starters.")
    parser.add_argument("names", nargs="*", help="names of starters; default: all")
    parser.add_argument("--folder", type=Path, default=STARTERS)
    arguments = parser.parse_args()
    for name in arguments.names or SCORES:
        begun = time.perf_counter()
        score = SCORES[name](arguments.folder / name)
        said, _ = read_score(arguments.folder / name)
        seconds = time.perf_counter() - begun
        sys.stdout.write(f"{name}: {score:.4f} (card {said:.4f}) in {seconds:.1f} s\n")


if __name__ == "__main__":
    main()

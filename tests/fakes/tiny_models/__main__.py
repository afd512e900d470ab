"""Tiny models by hand: `python -m tests.fakes.tiny_models OUT NAME…` writes each to OUT/NAME.

Names are those of BUILDERS; folders of a variant, `task/variant`, lie one deeper.
"""

import sys
from pathlib import Path

from tests.fakes.tiny_models import BUILDERS

if __name__ == "__main__":
    out = Path(sys.argv[1])
    for name in sys.argv[2:]:
        BUILDERS[name](out / name)

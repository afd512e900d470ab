"""Run by a client's own Python: calls every function of a file of cases, and reports each outcome.

`python -P report.py CASES < GIVEN`: GIVEN is `{"urls": {name: url}, "files": {name: path}}`; the
last line of the output is `{case: null, or what went wrong}`.
"""

import asyncio
import inspect
import json
import runpy
import sys
import traceback
from pathlib import Path


def main() -> None:
    cases = Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(cases.parent))
    given = json.load(sys.stdin)
    found = runpy.run_path(str(cases))
    outcomes = {}
    for name, case in found.items():
        if inspect.isfunction(case) and case.__module__ == "<run_path>" and name[0] != "_":
            outcomes[name] = outcome(case, given)
    print(json.dumps(outcomes))


def outcome(case, given) -> str | None:
    try:
        done = case(given["urls"], given["files"])
        if inspect.iscoroutine(done):
            asyncio.run(done)
    except Exception:  # noqa: BLE001 - whatever a client raises is reported
        return traceback.format_exc(limit=-6)
    return None


if __name__ == "__main__":
    main()

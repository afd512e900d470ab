"""`memory.enforcement` is what holds the limit of the server, from the first moment it is shown."""

import json
from pathlib import Path
from typing import Any

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until


def recorded(plane: Plane) -> set[str]:
    """What the keeper wrote down when it started the servers."""
    files = (plane.folder / "storage" / "run").glob("srv_*/held.json")
    return {json.loads(file.read_text())["enforcement"] for file in files}


def test_memory_enforcement_is_stable(tmp_path: Path) -> None:
    with stub_plane(tmp_path) as plane:
        plane.deploy("sentiment", name="one")
        before: set[str | None] = set()
        running: list[dict[str, Any]] = []

        def is_measured() -> bool:
            shown = plane.get("one")
            memory = shown["memory"] or {"enforcement": None, "measured_bytes": None}
            if shown["state"] == "running":
                running.append(memory)
            else:
                before.add(memory["enforcement"])
            return shown["state"] == "running" and memory["measured_bytes"] is not None

        until(is_measured, "the first measure", pause=0.01)
        [expected] = recorded(plane)
        assert {memory["enforcement"] for memory in running} == {expected}
        assert before <= {None, expected}

        assert plane.verb("one", "restart").status_code == 202
        assert plane.wait("one", "running")["memory"]["enforcement"] == expected
        assert HTTP.get(f"{plane.url}/api/v1/system").json()["memory_enforcement"] == expected

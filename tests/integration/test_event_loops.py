"""No event loop is held: neither that of the control plane nor that of a model server."""

import base64
import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from tests.fakes.control_plane import HTTP, Plane, started_plane, until
from tests.fakes.watched_control_plane import RECORD
from tests.fakes.watched_loop import LIMIT_SECONDS


def use(plane: Plane, sentiment: str, digits: str) -> None:
    """What people and their programs do, several at a time."""
    picture = io.BytesIO()
    Image.effect_noise((2000, 2000), 80).save(picture, "PNG")
    large = {"inputs": ["a text of some words " * 40] * 500, "parameters": {"truncation": True}}
    bodies = [
        (sentiment, {"inputs": "a fine day"}),
        (sentiment, large),
        (sentiment, {"inputs": "x" * 5_000_000}),
        (digits, {"inputs": base64.b64encode(picture.getvalue()).decode()}),
        (digits, {"inputs": "no image"}),
    ]
    pages = ("deployments", "system", "models?source=starter", "tasks", "cache")
    with ThreadPoolExecutor(4) as pool:
        posts = [pool.submit(HTTP.post, url, json=body) for url, body in bodies * 3]
        reads = [pool.submit(HTTP.get, f"{plane.url}/api/v1/{page}") for page in pages * 2]
        assert {one.result().status_code for one in posts} <= {200, 400, 413, 422, 429}
        for one in reads:
            assert one.result().status_code == 200, one.result().url
    body = {"concurrency": 4, "seconds": 1}
    assert HTTP.post(f"{plane.url}/api/v1/deployments/sentiment/load-tests", json=body).is_success
    tests = f"{plane.url}/api/v1/deployments/sentiment/load-tests"
    until(lambda: HTTP.get(tests).json()[0]["state"] == "completed", "the load test")


def test_no_callback_holds_a_loop_for_long(tmp_path: Path) -> None:
    module = "tests.fakes.watched_control_plane"
    with started_plane(Plane(tmp_path / "plane", {}, module=module)) as plane:
        urls: list[str] = []
        for name in ("sentiment", "digits"):
            plane.deploy(name)
            running = plane.wait(name, "running", "failed")
            assert running["state"] == "running", running["problem"]
            urls.append(running["endpoint"])
        use(plane, *urls)
        plane.verb("sentiment", "pause")
        plane.wait("sentiment", "paused")
        record = plane.folder / "storage" / "run" / RECORD
        assert not record.exists() or record.read_text() == ""


def test_the_watch_sees_what_holds_a_loop(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys, time\nfrom pathlib import Path\n"
        "from tests.fakes import watched_loop\n"
        "watched_loop.install(Path(sys.argv[1]))\n"
        "async def held():\n"
        "    end = time.thread_time() + float(sys.argv[2])\n"
        "    while time.thread_time() < end: pass\n"
        "asyncio.run(held())"
    )
    for seconds in (0.0, 3 * LIMIT_SECONDS):
        record = tmp_path / f"{seconds}"
        run = [sys.executable, "-c", code, str(record), str(seconds)]
        subprocess.run(run, check=True, cwd=Path(__file__).parents[2])
        assert record.exists() == (seconds > LIMIT_SECONDS)

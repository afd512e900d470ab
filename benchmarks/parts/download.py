"""Download from loopback with hash check, against `curl` to the same disk."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from benchmarks.cores import on_core
from benchmarks.figures import median, ratio
from benchmarks.processes import environment, free_port, process, wait_until_up
from benchmarks.product import Product, running_product
from benchmarks.result import Curve, Plot, Result
from benchmarks.settings import Settings

TITLE = "Download of one file from loopback"
HEADER = ["MB", "Slipway MB/s", "curl MB/s", "ratio"]
MB = 1_000_000
SIZES, QUICK_SIZES, LONG_SIZES = (10, 50, 200), (10, 50), (10, 50, 200, 1000, 5000)
HIDDEN = 1000
DOWNLOAD_SECONDS, POLL_SECONDS = 300.0, 0.01


def run(settings: Settings, result: Result) -> None:
    """Each size is downloaded by both in turn, from a Hub in a process of its own."""
    sizes = QUICK_SIZES if settings.quick else LONG_SIZES if settings.long else SIZES
    if shutil.which("curl") is None:
        result.note("skipped: curl is not installed")
        return
    if not settings.long:
        result.note("a file of 5 GB is downloaded with `--long` only")
    table = result.table(TITLE, HEADER)
    points: list[tuple[float, float]] = []
    seconds: dict[int, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(dir=settings.scratch) as scratch:
        folder = Path(scratch)
        repeats = settings.pick(3, 1)
        names = {
            (size, number): f"bench/size-{size}-{number}"
            for size in sizes
            for number in range(repeats)
        }
        for (size, _), name in names.items():
            write_model(folder / "models" / name, size * MB)
        with _hub(settings, folder) as port, _product(settings, port) as product:
            for size in sizes:
                ours: list[float] = []
                curl: list[float] = []
                for number in range(repeats):
                    name = names[size, number]
                    curl.append(_curl(settings, port, name, folder))
                    ours.append(_download(product, name, f"d{size}-{number}"))
                seconds[size] = (median(ours), median(curl))
                share = ratio(median(curl), median(ours))
                points.append((size, share))
                result.row(table, size, size / median(ours), size / median(curl), share)
                result.measure(f"{size} MB: rate over curl", share, 0.8)
    # Without what each download costs once: the difference between the smallest and the largest.
    (ours_first, curl_first), (ours_last, curl_last) = seconds[sizes[0]], seconds[sizes[-1]]
    further = ratio(curl_last - curl_first, ours_last - ours_first)
    result.measure(f"each further MB from {sizes[0]} to {sizes[-1]}: rate over curl", further)
    result.plots.append(
        Plot(
            name="download",
            title=TITLE,
            x="MB",
            y="rate / curl",
            curves=[Curve(name="Slipway", points=points)],
        )
    )


@contextlib.contextmanager
def _product(settings: Settings, port: int) -> Generator[Product]:
    hub = {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "MAX_MEMORY_PER_MODEL_GB": "64"}
    with running_product(settings, **hub) as product:
        yield product


@contextlib.contextmanager
def _hub(settings: Settings, folder: Path) -> Generator[int]:
    """The Hub of the tests on the client's core; it knows the hash of every file beforehand."""
    port, log = free_port(), folder / "hub.log"
    command = [
        sys.executable, "-m", "tests.fakes.hub", "--port", str(port),
        "--models", folder / "models",
    ]  # fmt: skip
    with process(command, settings.cores.client, log, environment()) as started:
        wait_until_up(port, started, log, 300)
        yield port


def write_model(folder: Path, size: int) -> None:
    """Write a BERT whose safetensors file has this size in bytes; the weights are zero.

    One matrix of embeddings makes up the file, which is sparse, so that reading it is no limit.
    """
    rows = size // (4 * HIDDEN)
    config = {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": rows,
        "hidden_size": HIDDEN, "num_hidden_layers": 1, "num_attention_heads": 10,
        "intermediate_size": HIDDEN, "max_position_embeddings": 64,
    }  # fmt: skip
    entry = {
        "dtype": "F32", "shape": [rows, HIDDEN], "data_offsets": [0, 4 * rows * HIDDEN],
    }  # fmt: skip
    header = json.dumps({"embeddings.word_embeddings.weight": entry}).encode()
    header += b" " * (-len(header) % 8)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')
    (folder / "hub.json").write_text('{"pipeline_tag": "feature-extraction"}')
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 4 * rows * HIDDEN)


def _curl(settings: Settings, port: int, name: str, folder: Path) -> float:
    """Seconds."""
    url = f"http://127.0.0.1:{port}/{name}/resolve/main/model.safetensors"
    target = folder / "curl.bin"
    began = time.perf_counter()
    with on_core(settings.cores.server):
        subprocess.run(
            ["curl", "--silent", "--fail", "--noproxy", "*", "--output", target, url],
            check=True, timeout=DOWNLOAD_SECONDS,
        )  # fmt: skip
    took = time.perf_counter() - began
    target.unlink()
    return took


def _download(product: Product, model_id: str, name: str) -> float:
    """Seconds of the step `download`; the deployment is cancelled when it has succeeded."""
    plane = product.plane
    key = plane.deploy(model_id, source="hub", name=name, task="feature-extraction")["id"]
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    while time.monotonic() < deadline:
        value = plane.get(key)
        steps = {step["name"]: step for step in value["progress"]["steps"]}
        if steps["download"]["state"] == "succeeded":
            plane.verb(key, "cancel")
            return steps["download"]["elapsed_seconds"]
        if value["state"] == "failed":
            message = f"{model_id} failed: {value['problem']}"
            raise RuntimeError(message)
        time.sleep(POLL_SECONDS)
    message = f"{model_id} was not downloaded within {DOWNLOAD_SECONDS:.0f} s"
    raise RuntimeError(message)

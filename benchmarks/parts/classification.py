"""BERT-base, ViT-base and wav2vec2-base at concurrency 8 against the limits of their engine."""

from __future__ import annotations

from benchmarks.product import running_product
from benchmarks.result import Result
from benchmarks.serving import FULL, OWN, Contender, limits_of, measure
from benchmarks.settings import Settings
from benchmarks.workloads import Workload, audio, images, mixed_texts

TITLE = "Text, image and audio classification"
CONCURRENCY = 8
HEADER = ["model", "engine", "of torch float32", "of its engine, waiting only", "p99 ms", "errors"]


def run(settings: Settings, result: Result) -> None:
    """One model after the other."""
    table = result.table(f"{TITLE}, c={CONCURRENCY}", HEADER)
    with running_product(settings) as product:
        for work in _workloads(settings):
            deployed = product.deploy(work.model)
            with limits_of(settings, deployed, work.items, [None, CONCURRENCY]) as limits:
                contender = Contender(work.model, deployed.port, work.requests())
                level = measure(contender, limits, [CONCURRENCY], settings.pick(3, 1))[CONCURRENCY]
            product.delete(deployed)
            waiting, full = level.share(OWN, CONCURRENCY), level.share(FULL)
            result.row(
                table, work.model, deployed.engine, full, waiting, level.p99_ms, level.errors
            )
            result.measure(f"{work.model}, c=8: of its engine, waiting only", waiting, 0.9)
            target = 4.0 if "bfloat16" in deployed.engine else None
            result.measure(f"{work.model}, c=8: over torch float32", full, target)


def _workloads(settings: Settings) -> list[Workload]:
    media = [images(settings), audio(settings)]
    # The part `embeddings` sends texts.
    return media if settings.quick else [mixed_texts(settings, "bert-base"), *media]

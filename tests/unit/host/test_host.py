"""What the machine has, whether a model fits, how fast it will write."""

import os
from pathlib import Path

import pytest

from backend.domain.machine import Machine
from backend.domain.model import ModelFacts, ModelFile
from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.host import machine as machines
from backend.host.enforcement import enforcement
from backend.host.facade import LocalHost
from backend.host.fit import fit
from backend.host.memory import PROCESS_BYTES, estimate_memory
from backend.host.speed import expected_speed

LLAMA: dict[str, object] = {
    "num_hidden_layers": 22, "hidden_size": 2048, "num_attention_heads": 32,
    "num_key_value_heads": 4, "max_position_embeddings": 2048,
}  # fmt: skip
MACHINE = Machine(
    platform="Linux",
    cpu="x",
    cores=2,
    memory_bytes=16 * 10**9,
    memory_free_bytes=10 * 10**9,
    disk_bytes=1,
    disk_free_bytes=1,
    has_bfloat16=False,
    accelerators=[],
)


def facts(parameters: int | None, **changes: object) -> ModelFacts:
    given: dict[str, object] = {
        "id": "m", "source": "hub", "revision": "main", "commit": "c", "task": "text-generation",
        "parameters": parameters, "weight_bytes": 2 * (parameters or 0),
        "weight_dtype": "bfloat16", "download_bytes": 0, "files": [], "config": LLAMA,
    }  # fmt: skip
    return ModelFacts.model_validate(given | changes)


@pytest.mark.parametrize(
    ("needed", "limit", "verdict"),
    [
        (2 * 10**9, 8 * 10**9, "fits"),
        (9 * 10**9, 20 * 10**9, "tight"),
        (9 * 10**9, 8 * 10**9, "does-not-fit"),
        (11 * 10**9, 20 * 10**9, "does-not-fit"),
        (None, 8 * 10**9, "unknown"),
    ],
)
def test_verdict_depends_on_free_memory_and_limit(
    needed: int | None, limit: int, verdict: str
) -> None:
    assert fit(needed, MACHINE, limit).verdict == verdict


def test_reason_states_estimate_and_limit() -> None:
    assert fit(9_200_000_000, MACHINE, 8 * 10**9).reason == (
        "It requires about 9.2 GB, more than the limit of 8.0 GB for one model."
    )
    assert fit(500_000_000, MACHINE, 8 * 10**9).reason == (
        "It requires about 500 MB of the 10.0 GB free memory."
    )


def test_estimate_depends_on_precision_and_task() -> None:
    model = facts(1_100_000_000)
    full = estimate_memory(model, "float32", "text-generation")
    half = estimate_memory(model, "bfloat16", "text-generation")
    assert full > 4.4e9 + PROCESS_BYTES
    assert 2.2e9 < half - PROCESS_BYTES < 2.8e9
    assert estimate_memory(model, "float32", "text-classification") < full


def test_weights_without_parameter_count_are_estimated_from_bytes() -> None:
    pickled = facts(None, weight_bytes=10**9, weight_dtype="float16")
    assert estimate_memory(pickled, "float32", "fill-mask") > 2 * 10**9


def test_words_of_word_vectors_need_memory_and_their_vectors_are_never_halved() -> None:
    first = EmbeddingModule(kind="WordEmbeddings", folder="0_WordEmbeddings", settings={
        "tokenizer_class": "sentence_transformers.models.tokenizer.WhitespaceTokenizer"
    })  # fmt: skip
    name = "0_WordEmbeddings/whitespacetokenizer_config.json"
    changes: dict[str, object] = {
        "config": {}, "files": [ModelFile(path=name, bytes=4_000_000, git_sha1="0" * 40)],
    }  # fmt: skip
    words = facts(10**8, modules=SentenceTransformersModel(routes={"": [first]}), **changes)
    plain = facts(10**8, **changes)
    task = "feature-extraction"
    more = estimate_memory(words, "float32", task) - estimate_memory(plain, "float32", task)
    assert 60e6 < more < 80e6
    assert estimate_memory(words, "bfloat16", task) > 4e8 + PROCESS_BYTES


@pytest.mark.parametrize(
    "nonsense", [{"hidden_size": -1}, {"hidden_size": 1e99}, {"text_config": 3}]
)
def test_invalid_config_still_gives_estimate(nonsense: dict[str, object]) -> None:
    estimate = estimate_memory(facts(10**6, config=nonsense), "float32", "text-generation")
    assert PROCESS_BYTES < estimate < 10**9


def test_speed_is_bandwidth_divided_by_weights() -> None:
    model = facts(1_100_000_000)
    assert expected_speed(model, "bfloat16", "text-generation", 10e9) == (
        "About 4 tokens per second: 10.0 GB/s memory bandwidth over 2.2 GB read for each token."
    )
    assert expected_speed(model, "bfloat16", "fill-mask", 10e9) is None


def test_machine_facts_are_plausible(tmp_path: Path) -> None:
    found = LocalHost(tmp_path / "not" / "there" / "yet").machine()
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert 0 < found.memory_free_bytes <= found.memory_bytes
    assert 0 < found.disk_free_bytes <= found.disk_bytes


def test_container_limits_are_applied(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("2000000000\n")
    (tmp_path / "memory.current").write_text("500000000\n")
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    assert machines.container_memory(tmp_path) == (2_000_000_000, 500_000_000)
    assert machines.cores(tmp_path) == 1


def test_unlimited_cgroup_means_no_limit(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    old = tmp_path / "old" / "memory"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert machines.container_memory(tmp_path) == (None, 0)
    assert machines.container_memory(tmp_path / "old") == (None, 0)
    assert machines.cores(tmp_path) == machines.cores(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("line", "has"),
    [
        ("flags\t\t: fpu avx2 avx512f", False),
        ("flags\t\t: fpu avx512_bf16", True),
        ("flags\t\t: amx_tile amx_bf16", True),
        ("Features\t: fp asimd bf16 i8mm", True),
        ("", False),
    ],
)
def test_bfloat16_support_is_read_from_cpu_flags(tmp_path: Path, line: str, has: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor : 0\nmodel name : Some CPU\n{line}\n")
    assert machines.has_bfloat16(cpuinfo) is has
    assert machines.cpu_name(cpuinfo) == "Some CPU"


def test_memory_enforcement_is_value_of_contract() -> None:
    assert enforcement() in {"cgroup2", "cgroup1", "rlimit", "none"}

"""Looking a model up, against a Hub on a real socket."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.domain.decide import Question, decide
from backend.domain.request import Hardware
from backend.errors.hub import (
    HubOffline,
    HubRateLimited,
    HubUnauthorized,
    HubUnreachable,
    ModelGated,
    ModelNotFound,
    RevisionNotFound,
)
from backend.errors.model import CorruptModel, MissingFiles, UnsafeRepository, UnsupportedFormat
from backend.hub.base import ModelQuery
from backend.pipeline.support import unsupported, unusable_extra
from tests.fakes.hub import FakeHub, Fault
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.weights import repository, safetensors, with_header


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as running:
        yield running


async def test_facts_pin_commit_and_list_files_with_hashes(hub: FakeHub, tmp_path: Path) -> None:
    repo = hub.add("org/model", repository(4000), meta={"tags": ["license:mit"]})
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
    assert facts.commit == repo.refs["main"]
    assert [file.path for file in facts.files] == [
        "config.json", "model.safetensors", "tokenizer.json",
    ]  # fmt: skip
    assert facts.files[1].sha256
    assert facts.files[0].git_sha1
    assert (facts.task, facts.parameters, facts.weight_dtype, facts.license) == (
        "text-classification", 1000, "float32", "mit",
    )  # fmt: skip
    assert facts.download_bytes == sum(file.bytes for file in facts.files)


async def test_facts_list_sentence_transformers_modules(hub: FakeHub, tmp_path: Path) -> None:
    types = ("sentence_transformers.models.Pooling", "custom.Mixer")
    modules = json.dumps([{"type": one, "path": "1_Mix", "idx": 0} for one in types]).encode()
    pooling = json.dumps({"pooling_mode": "max"}).encode()
    files = repository() | {"modules.json": modules, "1_Mix/config.json": pooling}
    hub.add("org/model", files | {"1_Mix/model.safetensors": safetensors({"a": [2]})})
    hub.add("org/odd", repository() | {"modules.json": b'{"0": "Pooling"}'})
    outside = [{"type": types[0], "path": "../1_Mix"}]
    hub.add("org/outside", repository() | {"modules.json": json.dumps(outside).encode()})
    async with models_at(hub.url, tmp_path) as models:
        found = (await facts_of(models, "org/model")).modules
        assert found is not None
        assert [(one.kind, one.settings) for one in found.modules] == [
            ("Pooling", {"pooling_mode": "max"}), ("custom.Mixer", {"pooling_mode": "max"}),
        ]  # fmt: skip
        with pytest.raises(CorruptModel, match=r"modules\.json"):
            await facts_of(models, "org/odd")
        with pytest.raises(UnsafeRepository, match=r"\.\./1_Mix"):
            await facts_of(models, "org/outside")


async def test_facts_download_no_weights(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/model", repository(20_000_000))
    async with models_at(hub.url, tmp_path) as models:
        await facts_of(models, "org/model")
    assert hub.sent("model.safetensors") < 200_000


async def test_long_safetensors_header_is_read_completely(hub: FakeHub, tmp_path: Path) -> None:
    many = safetensors({f"layer.{n}.{'x' * 80}": [2] for n in range(2000)})
    hub.add("org/model", repository() | {"model.safetensors": many})
    async with models_at(hub.url, tmp_path) as models:
        assert (await facts_of(models, "org/model")).parameters == 4000


async def test_shards_of_index_are_selected_and_summed(hub: FakeHub, tmp_path: Path) -> None:
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    files = repository() | {
        "model.safetensors.index.json": json.dumps(index).encode(),
        "model-1.safetensors": safetensors({"a": [10]}),
        "model-2.safetensors": safetensors({"b": [20]}),
        "pytorch_model.bin": b"pickle",
        "onnx/model.onnx": b"onnx",
    }
    del files["model.safetensors"]
    hub.add("org/model", files)
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
    assert facts.parameters == 30
    assert {file.path for file in facts.files} == {
        "config.json", "tokenizer.json", "model.safetensors.index.json", "model-1.safetensors",
        "model-2.safetensors",
    }  # fmt: skip


async def test_large_bfloat16_model_keeps_dtype_where_cpu_supports_it(
    hub: FakeHub, tmp_path: Path
) -> None:
    count = 50_000_000
    header = {"weight": {"dtype": "BF16", "shape": [count], "data_offsets": [0, 2 * count]}}
    shard = tmp_path / "sparse"
    shard.write_bytes(with_header(header))
    os.truncate(shard, shard.stat().st_size + 2 * count)
    shards = {f"model-{number:05}-of-00011.safetensors": shard for number in range(11)}
    index = {"weight_map": {f"weight.{number}": name for number, name in enumerate(shards)}}
    files = repository() | {"model.safetensors.index.json": json.dumps(index).encode()}
    del files["model.safetensors"]
    hub.add("org/large", {**files, **shards})
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/large")

    def dtype(*, has_it: bool) -> str:
        question = Question(hardware=Hardware(), model=facts, cores=2, cpu_has_bfloat16=has_it)
        return decide(question).dtype

    assert (dtype(has_it=True), dtype(has_it=False)) == ("bfloat16", "float32")


@pytest.mark.parametrize(
    ("extra", "needs_code"),
    [
        ({"config.json": json.dumps({"auto_map": {"AutoModel": "modeling_x.X"}}).encode()}, True),
        ({"config.json": json.dumps({"text_config": {"auto_map": {"A": "m.M"}}}).encode()}, True),
        (
            {"tokenizer_config.json": json.dumps({"auto_map": {"AutoTokenizer": "t.T"}}).encode()},
            False,
        ),
        ({"modeling_x.py": b"raise SystemExit"}, False),
        ({"custom_generate/generate.py": b"raise SystemExit"}, False),
    ],
)
async def test_code_is_reported_and_downloaded_only_if_the_model_needs_it(
    hub: FakeHub, tmp_path: Path, extra: dict[str, bytes], needs_code: bool
) -> None:
    hub.add("org/model", repository() | {"modeling_own.py": b"raise SystemExit"} | extra)
    async with models_at(hub.url, tmp_path) as models:
        task = "text-classification"
        facts = await facts_of(models, "org/model", task=task)
        allowed = await facts_of(models, "org/model", task=task, remote_code=True)
    assert (facts.has_code, facts.needs_remote_code) == (True, needs_code)
    assert not [file.path for file in facts.files if file.path.endswith(".py")]
    assert any(file.path.endswith(".py") for file in allowed.files) == needs_code


@pytest.mark.parametrize("branches", [["no_timm"], ["main-2"]])
async def test_revision_without_timm_is_found(
    hub: FakeHub, tmp_path: Path, branches: list[str]
) -> None:
    config = {"model_type": "detr", "architectures": ["DetrForObjectDetection"]}
    files = repository() | {"config.json": json.dumps(config).encode()}
    repo = hub.add("org/detr", files)
    for branch in branches:
        repo.commit(files | {"note.txt": branch.encode()}, branch)
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/detr")
    found = "no_timm" if branches == ["no_timm"] else None
    assert facts.timm_free_revision == found
    assert unsupported(facts, "object-detection") is None
    remedy = unusable_extra(facts, "No build of torchvision.").problem().remedy
    assert ("revision no_timm" in remedy) == (found is not None)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"architectures": ["OwnForSequenceClassification"]}, "has no model_type"),
        ({"model_type": "bert", "architectures": ["OwnForSequenceClassification"],
          "auto_map": {"AutoModelForSequenceClassification": "org/code--own.Own"}},
         "in another repository (org/code)"),
    ],
)  # fmt: skip
async def test_model_without_a_class_is_unsupported(
    hub: FakeHub, tmp_path: Path, config: dict[str, object], reason: str
) -> None:
    hub.add("org/model", repository() | {"config.json": json.dumps(config).encode()})
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
    error = unsupported(facts, "text-classification")
    assert error is not None
    assert reason in (error.problem().detail or "")


@pytest.mark.parametrize(
    ("library", "weights", "kind"),
    [
        ("flair", "model.safetensors", "Model of Flair"),
        ("coqui", "model.pth", "Model of coqui"),
        ("transformers", "model.safetensors", "Weights without a config"),
    ],
)
async def test_weights_of_another_library_are_named(
    hub: FakeHub, tmp_path: Path, library: str, weights: str, kind: str
) -> None:
    hub.add("org/model", {weights: safetensors({"a": [2]})}, meta={"library_name": library})
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(UnsupportedFormat) as caught:
            await facts_of(models, "org/model")
    assert caught.value.values["kind"] == kind


async def test_each_hub_error_has_its_own_class(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/gated", repository(), gated="auto")
    hub.add("org/secret", repository(), private=True)
    hub.add("org/model", repository())
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(ModelGated) as gated:
            await facts_of(models, "org/gated")
        with pytest.raises(ModelNotFound):
            await facts_of(models, "org/none")
        with pytest.raises(ModelNotFound):
            await facts_of(models, "org/secret")
        with pytest.raises(RevisionNotFound):
            await facts_of(models, "org/model", revision="v9")
        hub.fault(Fault("status", "/api/models/org/model*", status=401))
        with pytest.raises(HubUnauthorized):
            await facts_of(models, "org/model")
        hub.clear_faults()
        hub.fault(Fault("status", "/api/models/org/model*", status=429))
        with pytest.raises(HubRateLimited):
            await facts_of(models, "org/model")
    assert f"{hub.url}/org/gated" in gated.value.problem().remedy


async def test_authorized_token_can_read_gated_model(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/gated", repository(), gated="manual", readers={"hf_good"})
    async with models_at(hub.url, tmp_path, token=lambda: "hf_bad") as models:
        with pytest.raises(ModelGated):
            await facts_of(models, "org/gated")
    async with models_at(hub.url, tmp_path, token=lambda: "hf_good") as models:
        assert (await facts_of(models, "org/gated")).gated


async def test_gated_model_has_detail_page(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/gated", repository(), gated="auto", meta={"pipeline_tag": "text-generation"})
    async with models_at(hub.url, tmp_path) as models:
        shown = await models.detail("hub", "org/gated")
    assert shown.facts is None
    assert (shown.card.gated, shown.card.task) == (True, "text-generation")


async def test_one_server_error_is_retried(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/model", repository())
    hub.fault(Fault("status", "/api/models/*", times=1, status=502))
    async with models_at(hub.url, tmp_path) as models:
        assert (await facts_of(models, "org/model")).commit


async def test_silent_hub_times_out(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/model", repository())
    hub.fault(Fault("no-answer", "*"))
    began = time.monotonic()
    async with models_at(hub.url, tmp_path, question_seconds=0.5, search_seconds=0.3) as models:
        with pytest.raises(HubUnreachable):
            await facts_of(models, "org/model")
        with pytest.raises(HubUnreachable):
            await models.search(ModelQuery(source="hub", search="model"))
    assert time.monotonic() - began < 10


async def test_missing_hub_is_unreachable(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with models_at(url, tmp_path) as models:
            with pytest.raises(HubUnreachable):
                await facts_of(models, "org/model")


async def test_renamed_model_redirect_is_resolved(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("owner/bert", repository())
    hub.redirects["bert"] = "owner/bert"
    async with models_at(hub.url, tmp_path) as models:
        assert (await facts_of(models, "bert")).id == "bert"


async def test_decompressed_response_size_is_limited(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/model", repository())
    hub.fault(Fault("gzip-bomb", "/api/models/*"))
    async with models_at(hub.url, tmp_path, question_seconds=30) as models:
        with pytest.raises(HubUnreachable, match="larger than 10 MB"):
            await facts_of(models, "org/model")


@pytest.mark.parametrize(
    "name", ["../../outside", "a\\..\\b", "/etc/passwd", "a//b", "a\0b", "é" * 255, "c:x", ".."]
)
async def test_path_traversal_in_file_name_rejects_repository(
    hub: FakeHub, tmp_path: Path, name: str
) -> None:
    repo = hub.add("org/model", repository())
    repo.index_override = [{"type": "file", "path": name, "size": 1, "oid": "a" * 40}]
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(UnsafeRepository):
            await facts_of(models, "org/model")


@pytest.mark.parametrize(
    ("shard", "error"),
    [
        ("../../secret", UnsafeRepository),
        ("/etc/hostname", UnsafeRepository),
        ("missing.safetensors", MissingFiles),
    ],
)
async def test_index_with_foreign_path_is_rejected(
    hub: FakeHub, tmp_path: Path, shard: str, error: type[Exception]
) -> None:
    files = repository()
    del files["model.safetensors"]
    index = json.dumps({"weight_map": {"a": shard}}).encode()
    hub.add("org/model", files | {"model.safetensors.index.json": index})
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(error):
            await facts_of(models, "org/model")


async def test_corrupt_header_fails_before_download(hub: FakeHub, tmp_path: Path) -> None:
    entry = {"dtype": "F32", "shape": [100], "data_offsets": [0, 400]}
    hub.add("org/model", repository() | {"model.safetensors": with_header({"w": entry}, b"short")})
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(CorruptModel):
            await facts_of(models, "org/model")


async def test_repository_without_loadable_weights_lists_formats(
    hub: FakeHub, tmp_path: Path
) -> None:
    files = repository()
    del files["model.safetensors"]
    hub.add("org/checkpoint", files | {"last.ckpt": b"pickle"})
    hub.add("org/gguf", files | {"model-00001-of-00002.gguf": b"gguf"})
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(MissingFiles, match="pickle"):
            await facts_of(models, "org/checkpoint")
        with pytest.raises(UnsupportedFormat, match="GGUF"):
            await facts_of(models, "org/gguf")


async def test_token_is_sent_to_hub_only(tmp_path: Path) -> None:
    with FakeHub() as hub, FakeHub() as other:
        for one in (hub, other):
            one.add("org/model", repository())
        hub.fault(Fault("redirect", "*/resolve/*", location=other.url))
        async with models_at(hub.url, tmp_path, token=lambda: "hf_secret") as models:
            await facts_of(models, "org/model")
        assert {seen.headers.get("authorization") for seen in hub.faults.seen} == {
            "Bearer hf_secret"
        }
        assert other.faults.seen
        assert not [seen for seen in other.faults.seen if "authorization" in seen.headers]


async def test_search_paginates_hub_results(hub: FakeHub, tmp_path: Path) -> None:
    for number in range(5):
        hub.add(f"org/model-{number}", repository(), meta={"pipeline_tag": "fill-mask"})
    async with models_at(hub.url, tmp_path) as models:
        first = await models.search(ModelQuery(source="hub", search="model", limit=3))
        rest = await models.search(
            ModelQuery(source="hub", search="model", limit=3, cursor=first.next_cursor)
        )
        none = await models.search(ModelQuery(source="hub", search="model", task="x"))
    assert [card.id for card in (*first.items, *rest.items)] == [f"org/model-{n}" for n in range(5)]
    assert rest.next_cursor is None
    assert none.items == []
    assert {card.task for card in first.items} == {"fill-mask"}


async def test_offline_mode_sends_no_request(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/model", repository())
    async with models_at(hub.url, tmp_path, offline=True) as models:
        with pytest.raises(HubOffline):
            await facts_of(models, "org/model")
        assert (await models.search(ModelQuery(source="hub", search="model"))).items == []
    assert hub.faults.seen == []


async def test_facts_request_can_be_cancelled(hub: FakeHub, tmp_path: Path) -> None:
    hub.add("org/model", repository())
    hub.fault(Fault("no-answer", "*"))
    async with models_at(hub.url, tmp_path) as models:
        pending = asyncio.create_task(facts_of(models, "org/model"))
        await asyncio.sleep(0.1)
        pending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pending

"""Files on the command line of a load test."""

from pathlib import Path

import pytest

from backend.cli.load_input import load_request
from backend.errors.cli import UnusableFile


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("one.json", '{"inputs": "a"}', 1),
        ("list.json", '[{"inputs": "a"}, {"inputs": "b"}]', 2),
        ("lines.jsonl", '{"inputs": "a"}\n\n{"inputs": "b"}\n{"inputs": "c"}', 3),
    ],
)
def test_bodies_are_read_from_json(tmp_path: Path, name: str, content: str, count: int):
    file = tmp_path / name
    file.write_text(content)
    request = load_request(4, 2, file)
    assert (request.concurrency, request.seconds) == (4, 2)
    assert request.inputs is not None
    assert [body["inputs"] for body in request.inputs] == list("abc")[:count]


def test_media_file_is_sent_with_its_type(tmp_path: Path):
    file = tmp_path / "photo.JPG"
    file.write_bytes(b"\xff\xd8 an image")
    request = load_request(8, 10, file)
    assert request.file is not None
    assert (request.file.content_type, request.file.data) == ("image/jpeg", b"\xff\xd8 an image")


def test_without_file_the_server_chooses_samples():
    assert load_request(8, 10, None).model_dump(exclude_unset=True) == {
        "concurrency": 8, "seconds": 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "detail"),
    [
        ("bad.json", b"{", "not valid JSON"),
        ("lines.jsonl", b'{"inputs": "a"}\nnot json', "not valid JSON"),
        ("numbers.json", b"[1, 2]", "inputs"),
        ("empty.json", b"[]", "inputs"),
        ("notes.txt", b"a text", "extension"),
        ("program", b"\x00", "extension"),
        ("empty.png", b"", "file"),
    ],
)
def test_unusable_file_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes, detail: str
):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UnusableFile) as raised:
        load_request(8, 10, file)
    assert name in raised.value.detail
    assert detail in raised.value.detail


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UnusableFile, match=r"none\.json could not be read: No such file"):
        load_request(8, 10, tmp_path / "none.json")

"""Several repositories are downloaded as one."""

from backend.domain.model import ModelFacts
from backend.domain.plan import Snapshot
from backend.hub.several import shares, together
from tests.fakes.hub.client import RecordingReport


def facts(size: int) -> ModelFacts:
    return ModelFacts(
        id="acme/m", source="hub", revision="main", commit="c" * 40, task=None, weight_bytes=size,
        download_bytes=size, files=[],
    )  # fmt: skip


def test_progress_is_that_of_all_downloads() -> None:
    report = RecordingReport()
    first, second = shares(report, [facts(100), facts(300)])
    first("half", fraction=0.5, bytes_done=50, bytes_total=100, file="a")
    second("half", fraction=0.5, bytes_done=150, bytes_total=300, file="b")
    second("done", fraction=1.0)
    assert report.progress == [
        {"message": "half", "fraction": 0.125, "bytes_done": 50, "bytes_total": 400, "file": "a"},
        {"message": "half", "fraction": 0.625, "bytes_done": 250, "bytes_total": 400, "file": "b"},
        {"message": "done", "fraction": 1.0},
    ]


def test_single_download_reports_unchanged() -> None:
    report = RecordingReport()
    assert shares(report, [facts(100)]) == [report]


def test_snapshot_names_the_folder_of_the_base_model() -> None:
    own = Snapshot(directory="/adapter", bytes=1, fetched_bytes=1, files=2)
    base = Snapshot(directory="/base", bytes=10, fetched_bytes=0, files=3)
    both = together([own, base])
    assert (both.directory, both.companion_directory) == ("/adapter", "/base")
    assert (both.bytes, both.fetched_bytes, both.files) == (11, 1, 5)
    assert together([own]) == own

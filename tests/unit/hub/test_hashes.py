"""The memory of file hashes, used by several downloads at one time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backend.hub.hashes import Hashes

SAVES = 300


def test_several_downloads_may_save_their_hashes_at_one_time(tmp_path: Path) -> None:
    hashes = Hashes(tmp_path / "hashes.json")
    with ThreadPoolExecutor(8) as pool:
        for saved in [pool.submit(hashes.save) for _ in range(SAVES)]:
            saved.result()
    assert [path.name for path in tmp_path.iterdir()] == ["hashes.json"]

"""The memory of file hashes, used by several downloads at one time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backend.hub.hashes import Hashes

SAVES = 300


def test_concurrent_downloads_can_save_hashes(tmp_path: Path) -> None:
    hashes = Hashes(tmp_path / "hashes.json")
    with ThreadPoolExecutor(8) as pool:
        for saved in [pool.submit(hashes.save) for _ in range(SAVES)]:
            saved.result()
    assert [path.name for path in tmp_path.iterdir()] == ["hashes.json"]

"""Reading logs that grow and are cut."""

from pathlib import Path

from backend.keeper.logfile import keep_small
from backend.runtimes.server_logs import follow, last_lines


def test_tail_returns_oldest_line_first(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    assert last_lines(log, 3) == ["line 97", "line 98", "line 99"]
    assert last_lines(log, 0) == []


def test_missing_log_has_no_lines(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "server.log", 3) == []


def test_invalid_utf8_does_not_hide_other_lines(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"good\n\xff\xfe bad\nlast\n")
    assert last_lines(log, 3)[0] == "good"
    assert last_lines(log, 3)[2] == "last"


def test_log_over_limit_is_rotated_and_tail_is_readable(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("a") as writer:
        writer.write("".join(f"line {number}\n" for number in range(1000)))
        writer.flush()
        assert keep_small(log, cap_bytes=2000)
        assert log.stat().st_size == 0
        writer.write("after\n")
    assert last_lines(log, 3) == ["line 998", "line 999", "after"]
    assert not keep_small(log, cap_bytes=2000)


def test_at_most_two_rotated_files_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    for number in range(5):
        log.write_text(f"{number}" * 3000)
        assert keep_small(log, cap_bytes=2000)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["server.log", "server.log.1", "server.log.2"]
    assert (tmp_path / "server.log.1").stat().st_size == 2000


async def test_follow_continues_after_rotation(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("first\n")
    lines: list[str] = []
    async for line in follow(log, 10, lambda: "two" in lines):
        lines.append(line)
        if line == "first":
            log.write_text("")
            log.write_text("two\n")
    assert lines == ["first", "two"]

"""No folder of tests is silently left out of `make test` and CI."""

import re
import subprocess
import sys
from pathlib import Path

from scripts import check_sizes, suites
from scripts.failures import failures, summary

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_folder_belongs_to_suite():
    assert suites.without_suite(ROOT / "tests") == []


def test_suites_and_size_limits_use_existing_folders():
    folders = {f"tests/{name}" for names in suites.FOLDERS.values() for name in names}
    folders |= {f"tests/{name}" for name in suites.HELPERS}
    folders |= {folder for folder, _, _ in check_sizes.LIMITS}
    assert [name for name in sorted(folders) if not (ROOT / name).is_dir()] == []


def test_unknown_suite_is_rejected_with_known_names():
    command = [sys.executable, "-m", "scripts.suites", "unti"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "unti" in done.stdout
    assert "unit, contract" in done.stdout


def test_make_runs_selected_suites():
    command = ["make", "-n", "test", "SUITE=unit docs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "scripts.suites unit docs" in done.stdout


def test_new_test_folder_is_reported(tmp_path):
    for name in ("unit", "surprise"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_it.py").touch()
    assert suites.without_suite(tmp_path) == ["surprise"]


def test_test_file_outside_folders_is_reported(tmp_path):
    (tmp_path / "test_stray.py").touch()
    assert suites.without_suite(tmp_path) == ["test_stray.py"]


def test_suite_contains_existing_folders(tmp_path):
    (tmp_path / "setup").mkdir()
    (tmp_path / "setup" / "test_it.py").touch()
    names = [(suite.name, suite.command[-1]) for suite in suites.python_suites(tmp_path)]
    assert names == [("check", "scripts.check"), ("unit", "tests/setup")]


def test_npm_suites_come_from_package_json_scripts(tmp_path):
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "package.json").write_text('{"scripts": {"test": "vitest run"}}')
    assert [suite.name for suite in suites.npm_suites(tmp_path)] == ["wizard"]


def test_suite_without_tests_fails(tmp_path):
    (tmp_path / "test_nothing.py").write_text("")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    assert not suites.run(suites.Suite("empty", command)).is_passed


def test_last_line_counts_suites(capsys):
    results = [suites.Result("unit", True, 1.0), suites.Result("docs", False, 2.0)]
    suites.report(results)
    assert capsys.readouterr().out.splitlines()[-1] == "suites: 1 passed, 1 failed"


def test_report_ends_with_each_failed_test_and_error(tmp_path, capsys):
    (tmp_path / "test_it.py").write_text(
        "def test_sum():\n    assert 1 + 1 == 3\n\ndef test_fine():\n    pass\n"
    )
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    result = suites.run(suites.Suite("unit", command))
    assert "assert 1 + 1 == 3" in capsys.readouterr().out
    suites.report([result])
    output = capsys.readouterr().out
    assert "failed in unit:" in output
    assert re.search(r"test_it\.py::test_sum: .*assert \(1 \+ 1\) == 3", output)
    assert "test_fine" not in output


VITEST = """
\x1b[41m FAIL \x1b[49m a.e2e.ts > one
 FAIL  b.e2e.ts > two > deep
\x1b[31mTimeoutError: locator.waitFor: Timeout 150000ms exceeded.\x1b[39m
Call log: waiting for heading
 FAIL  a.e2e.ts > one
Error: a second error of the same test
"""


def test_vitest_output_is_parsed_without_duplicates():
    error = "TimeoutError: locator.waitFor: Timeout 150000ms exceeded."
    assert failures(VITEST.splitlines()) == [
        ("a.e2e.ts > one", error),
        ("b.e2e.ts > two > deep", error),
    ]


def test_summary_lists_first_failures_and_counts_rest():
    lines = summary([f"FAILED tests/test_it.py::test_{n} - no" for n in range(20)])
    assert lines[0] == "tests/test_it.py::test_0: no"
    assert lines[-1] == "and 14 more"


def test_failed_suite_without_failed_test_shows_last_lines():
    assert summary(["one", "two", "", "three\n", "\x1b[31mno such file\x1b[0m\n"]) == [
        "two",
        "three",
        "no such file",
    ]

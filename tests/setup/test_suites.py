"""No folder of tests is silently left out of `make test` and CI."""

import sys
from pathlib import Path

from scripts import suites

ROOT = Path(__file__).resolve().parents[2]


def test_every_folder_of_tests_belongs_to_a_suite():
    assert suites.without_suite(ROOT / "tests") == []


def test_a_new_folder_of_tests_is_reported(tmp_path):
    for name in ("unit", "surprise"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_it.py").touch()
    assert suites.without_suite(tmp_path) == ["surprise"]


def test_a_test_file_beside_the_folders_is_reported(tmp_path):
    (tmp_path / "test_stray.py").touch()
    assert suites.without_suite(tmp_path) == ["test_stray.py"]


def test_a_suite_is_the_folders_that_are_there(tmp_path):
    (tmp_path / "setup").mkdir()
    (tmp_path / "setup" / "test_it.py").touch()
    names = [(suite.name, suite.command[-1]) for suite in suites.python_suites(tmp_path)]
    assert names == [("check", "scripts.check"), ("unit", "tests/setup")]


def test_npm_suites_are_the_words_that_package_json_has(tmp_path):
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "package.json").write_text('{"scripts": {"test": "vitest run"}}')
    assert [suite.name for suite in suites.npm_suites(tmp_path)] == ["wizard"]


def test_a_suite_that_ran_no_test_has_failed(tmp_path):
    (tmp_path / "test_nothing.py").write_text("")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    assert not suites.run(suites.Suite("empty", command)).is_passed


def test_the_last_line_counts_the_suites(capsys):
    results = [suites.Result("unit", True, 1.0), suites.Result("docs", False, 2.0)]
    suites.report(results)
    assert capsys.readouterr().out.splitlines()[-1] == "suites: 1 passed, 1 failed"

"""When .venv is trusted, when it is made again, and when nothing at all has to be done."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from scripts._setup import command, stamp
from scripts._setup.places import Places
from scripts._setup.torch import Choice
from scripts._setup.venv import Installed, probe, why_rebuild

INSTALLED = Installed((3, 11), "26.3", "2.13.0+cpu", has_cuda_packages=False)
CUDA = Installed((3, 11), "26.3", "2.13.0", has_cuda_packages=True)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A project folder with locks and a real, empty .venv."""
    here = Places(tmp_path)
    here.requirements.mkdir()
    for name in ("constraints.txt", "pip.txt", "run.txt", "dev.txt"):
        (here.requirements / name).write_text(f"{name}\n")
    venv.create(here.venv, symlinks=True)
    return here


def is_current(
    places: Places, installed: Installed = INSTALLED, choice: Choice = "auto", *, dev: bool = False
) -> bool:
    return stamp.is_current(stamp.read(places), places, installed, choice, dev=dev)


def test_working_venv_is_kept(places):
    assert why_rebuild(places, INSTALLED) is None


def test_probe_reports_interpreter_and_missing_pip_and_torch(places):
    assert probe(places.python) == Installed(
        sys.version_info[:2], None, None, has_cuda_packages=False
    )


def test_venv_without_interpreter_is_rebuilt(places):
    places.python.unlink()
    places.python.symlink_to(places.root / "gone")
    assert probe(places.python) is None
    assert why_rebuild(places, None) == "its Python does not run"


def test_venv_with_old_python_is_rebuilt(places):
    old = Installed((3, 9), "21.0", None, has_cuda_packages=False)
    assert why_rebuild(places, old) == "its Python is 3.9"


def test_venv_without_pip_is_rebuilt(places):
    bare = Installed((3, 11), None, None, has_cuda_packages=False)
    assert why_rebuild(places, bare) == "it has no pip"


def test_interrupted_setup_is_detected(places):
    places.unfinished.touch()
    assert why_rebuild(places, INSTALLED) == "the last setup was interrupted"


def test_moved_folder_is_detected(places, tmp_path):
    moved = Places(tmp_path / "elsewhere")
    moved.root.mkdir()
    shutil.move(places.venv, moved.venv)
    assert why_rebuild(moved, INSTALLED) == "the folder was moved or copied"


def test_stamped_setup_is_current(places):
    stamp.write(places, INSTALLED, dev=False)
    assert is_current(places)


def test_setup_without_stamp_is_outdated(places):
    assert not is_current(places)


@pytest.mark.parametrize("name", ["constraints.txt", "pip.txt", "run.txt"])
def test_changed_lock_invalidates_stamp(places, name):
    stamp.write(places, INSTALLED, dev=False)
    (places.requirements / name).write_text("changed\n")
    assert not is_current(places)


def test_changed_dev_lock_affects_tests_only(places):
    stamp.write(places, INSTALLED, dev=True)
    (places.requirements / "dev.txt").write_text("changed\n")
    assert is_current(places)
    assert not is_current(places, dev=True)


def test_run_setup_is_not_test_setup(places):
    stamp.write(places, INSTALLED, dev=False)
    assert not is_current(places, dev=True)


def test_other_interpreter_or_torch_invalidates_stamp(places):
    stamp.write(places, INSTALLED, dev=False)
    assert not is_current(places, Installed((3, 12), "26.3", "2.13.0+cpu", has_cuda_packages=False))
    assert not is_current(places, Installed((3, 11), "26.3", "2.9.0", has_cuda_packages=False))
    assert not is_current(places, Installed((3, 11), "26.3", None, has_cuda_packages=False))


@pytest.mark.parametrize(
    ("installed", "choice", "current"),
    [
        (INSTALLED, "cpu", True),
        (INSTALLED, "cuda", False),
        (INSTALLED, "keep", True),
        (CUDA, "cpu", False),
        (CUDA, "cuda", True),
        (CUDA, "auto", True),
    ],
)
def test_requested_torch_build_is_part_of_stamp(places, installed, choice, current):
    stamp.write(places, installed, dev=False)
    assert is_current(places, installed, choice) is current


def test_broken_stamp_is_ignored(places):
    places.stamp.write_text("{")
    assert stamp.read(places) == {}


def test_command_runs_code_of_its_folder_from_anywhere(tmp_path):
    """Also from a folder whose name the shell would split."""
    here = Places(tmp_path / "a folder")
    cli = here.root / "backend" / "cli"
    cli.mkdir(parents=True)
    (cli / "__main__.py").write_text("import sys; print(sys.argv[1:])")
    venv.create(here.venv, symlinks=True)
    command.write(here)
    done = subprocess.run(
        [here.venv / "bin" / "slipway", "bench", "two words"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "['bench', 'two words']\n"

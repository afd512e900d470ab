"""The torch build that setup selects, from what is installed, requested and offered."""

import pytest

from scripts._setup.phases import SetupFailed
from scripts._setup.torch import (
    BECAUSE_OF_GPU,
    Ask,
    Keep,
    Take,
    TakeCpu,
    after_asking,
    before_asking,
    needs_new_venv,
    pinned,
    satisfies,
)
from scripts._setup.venv import Installed

PIN = "2.13.0"
CPU = Installed((3, 11), "26.3", "2.13.0+cpu", has_cuda_packages=False)
CUDA = Installed((3, 11), "26.3", "2.13.0", has_cuda_packages=True)
OLDER = Installed((3, 11), "26.3", "2.9.1", has_cuda_packages=False)
NONE = Installed((3, 11), "26.3", None, has_cuda_packages=False)


def offer(*names: str) -> dict[str, object]:
    return {"install": [{"metadata": {"name": name}} for name in names]}


WITH_CUDA = offer("torch", "sympy", "nvidia-cublas", "cuda-bindings", "triton")
WITHOUT_CUDA = offer("torch", "sympy", "networkx")


@pytest.mark.parametrize(
    ("choice", "installed", "decided"),
    [
        ("auto", CPU, Keep("2.13.0+cpu")),
        ("auto", CUDA, Keep("2.13.0")),
        ("auto", OLDER, Ask()),
        ("auto", NONE, Ask()),
        ("cpu", CPU, Keep("2.13.0+cpu")),
        ("cpu", CUDA, Ask()),
        ("cuda", CUDA, Keep("2.13.0")),
        ("cuda", CPU, Ask()),
        ("keep", OLDER, Keep("2.9.1")),
    ],
)
def test_installed_torch_decides_or_pip_is_queried(choice, installed, decided):
    assert before_asking(choice, installed, PIN) == decided


def test_keep_without_torch_fails_with_install_command():
    with pytest.raises(SetupFailed, match=r"pip install torch==2\.13\.0"):
        before_asking("keep", NONE, PIN)


@pytest.mark.parametrize("choice", ["auto", "cpu"])
@pytest.mark.parametrize("has_driver", [True, False])
def test_build_without_cuda_is_installed_unchanged(choice, has_driver):
    assert after_asking(choice, WITHOUT_CUDA, has_driver=has_driver) == Take("a build without CUDA")


def test_auto_installs_cuda_only_with_gpu_and_states_size():
    assert after_asking("auto", WITH_CUDA, has_driver=True) == Take(BECAUSE_OF_GPU)
    assert "about 3 GB" in BECAUSE_OF_GPU


@pytest.mark.parametrize(("choice", "has_driver"), [("auto", False), ("cpu", True), ("cpu", False)])
def test_unwanted_cuda_build_selects_cpu_index(choice, has_driver):
    assert after_asking(choice, WITH_CUDA, has_driver=has_driver) == TakeCpu()


def test_requested_cuda_is_installed_without_driver():
    taken = after_asking("cuda", WITH_CUDA, has_driver=False)
    assert isinstance(taken, Take)
    assert "3 GB" in taken.why


def test_requested_cuda_without_offer_fails():
    with pytest.raises(SetupFailed, match="without CUDA"):
        after_asking("cuda", WITHOUT_CUDA, has_driver=True)


def test_changing_build_of_same_version_needs_new_venv():
    assert needs_new_venv(TakeCpu(), CUDA, PIN)
    assert needs_new_venv(Take("with CUDA"), CPU, PIN)
    assert not needs_new_venv(Keep("2.13.0+cpu"), CPU, PIN)
    assert not needs_new_venv(Take("a build without CUDA"), OLDER, PIN)
    assert not needs_new_venv(Take("a build without CUDA"), NONE, PIN)


def test_local_version_label_satisfies_pin():
    assert satisfies("2.13.0+cpu", PIN)
    assert satisfies("2.13.0", PIN)
    assert not satisfies("2.13.1", PIN)
    assert not satisfies(None, PIN)


def test_constraints_file_without_torch_is_rejected(tmp_path):
    file = tmp_path / "constraints.txt"
    file.write_text("numpy==1.0\n")
    with pytest.raises(SetupFailed, match="does not pin torch"):
        pinned(file)

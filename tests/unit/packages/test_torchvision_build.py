"""The requirement of torchvision, and where it is looked for."""

import sys
from pathlib import Path

import pytest

from backend.errors.server import InstallFailed
from backend.packages import torchvision_build


@pytest.mark.parametrize(
    ("torch", "requirement"),
    [
        ("2.13.0", "torchvision==0.28.*"),
        ("2.13.0+cpu", "torchvision==0.28.*"),
        ("2.9.1+cu128", "torchvision==0.24.*"),
        ("2.0.1", "torchvision==0.15.*"),
    ],
)
def test_version_of_torchvision_belongs_to_that_of_torch(torch: str, requirement: str) -> None:
    assert torchvision_build.requirement(torch) == requirement


@pytest.mark.parametrize("torch", ["1.13.1", "3.0.0", "2"])
def test_other_torch_has_no_requirement(torch: str) -> None:
    with pytest.raises(InstallFailed, match="torch 2"):
        torchvision_build.requirement(torch)


def test_index_is_that_of_the_setting_else_of_the_setup_else_of_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "torchvision.txt"
    lock.write_text("timm==1.0\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert torchvision_build.part(lock, None).index is None
    (tmp_path / "torch-index").write_text("https://torch.example/cpu\n")
    assert torchvision_build.part(lock, None).index == "https://torch.example/cpu"
    assert torchvision_build.part(lock, "https://own.example").index == "https://own.example"


def test_another_torch_is_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "torchvision.txt"
    lock.write_text("timm==1.0\n")
    monkeypatch.setattr(torchvision_build, "torch_version", lambda: "2.13.0+cpu")
    one = torchvision_build.part(lock, None).key
    monkeypatch.setattr(torchvision_build, "torch_version", lambda: "2.13.0+cu130")
    assert torchvision_build.part(lock, None).key != one

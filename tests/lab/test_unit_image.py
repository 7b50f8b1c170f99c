# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from lvslab import image, lock
from lvslab.errors import LabError
from lvslab.image import Image


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the recipe be a copy, the images' folder an empty one, and no lab run."""
    shutil.copytree(image.RECIPE_FILES, tmp_path / "recipe")
    monkeypatch.setattr(image, "RECIPE_FILES", tmp_path / "recipe")
    monkeypatch.setattr(image, "IMAGES", tmp_path / "images")
    monkeypatch.setattr(image, "BUILD_LOCK", tmp_path / "images/.lock")
    monkeypatch.setattr(image, "RUN_ROOT", tmp_path / "run")
    monkeypatch.setattr(image, "UML_MODULES", tmp_path / "modules")
    (tmp_path / "modules/6.1.0").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a build be one file; return the engines that were built for."""
    engines: list[str] = []

    def fill(engine: str, work: Path) -> None:
        engines.append(engine)
        Image(work).disk.touch()

    monkeypatch.setattr(image, "_fill", fill)
    return engines


def entries(folders: Path) -> list[str]:
    """List what is in the images' folder."""
    return sorted(path.name for path in (folders / "images").iterdir() if path.name != ".lock")


def edit_a_file(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    path = folder / "recipe/files/etc/fstab"
    path.write_text(path.read_text() + "# one more line\n")


def add_a_file(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    (folder / "recipe/files/etc/motd").touch()


def rename_a_file(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    (folder / "recipe/files/etc/fstab").rename(folder / "recipe/files/etc/fstab2")


def change_a_mode(folder: Path, _patch: pytest.MonkeyPatch) -> None:
    (folder / "recipe/files/usr/local/sbin/lab-identity").chmod(0o644)


def install_more(_folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(image, "INSTALLED", (*image.INSTALLED, "strace"))


def keep_more(_folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(image, "OFFLINE", (*image.OFFLINE, "strace"))


@pytest.mark.parametrize("engine", ["uml", "qemu"])
@pytest.mark.parametrize(
    "change",
    [edit_a_file, add_a_file, rename_a_file, change_a_mode, install_more, keep_more],
)
def test_a_changed_recipe_is_another_image(
    folders: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    change: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    before = image.recipe_hash(engine)
    assert image.recipe_hash(engine) == before
    change(folders, monkeypatch)
    assert image.recipe_hash(engine) != before


def test_another_user_mode_kernel_is_another_image_for_uml_alone(folders: Path) -> None:
    uml, qemu = image.recipe_hash("uml"), image.recipe_hash("qemu")
    (folders / "modules/6.2.0").mkdir()
    assert image.recipe_hash("uml") != uml
    assert image.recipe_hash("qemu") == qemu


def test_without_a_user_mode_kernel_qemus_image_can_be_built(
    folders: Path, built: list[str]
) -> None:
    shutil.rmtree(folders / "modules")
    image.ensure("qemu")
    with pytest.raises(LabError, match="install with: apt-get install user-mode-linux"):
        image.ensure("uml")
    assert built == ["qemu"]


def test_an_unchanged_recipe_is_built_once(built: list[str]) -> None:
    assert image.ensure("uml") == image.ensure("uml")
    image.ensure("qemu")
    assert built == ["uml", "qemu"]


def test_a_new_image_takes_the_place_of_the_old_one(folders: Path, built: list[str]) -> None:
    image.ensure("qemu")
    old = image.ensure("uml")
    edit_a_file(folders, pytest.MonkeyPatch())
    new = image.ensure("uml")
    assert built == ["qemu", "uml", "uml"]
    assert not old.folder.exists()
    assert len(entries(folders)) == 2
    assert new.folder.name in entries(folders)


@pytest.mark.parametrize("text", ["{}", "damaged {} record"])
def test_an_image_that_a_lab_runs_on_stays(folders: Path, built: list[str], text: str) -> None:
    old = image.ensure("uml")
    (folders / "run/abc123").mkdir(parents=True)
    record = json.dumps({"image": str(old.folder)})
    (folders / "run/abc123/lab.json").write_text(text.replace("{}", record))
    edit_a_file(folders, pytest.MonkeyPatch())
    image.ensure("uml")
    assert old.folder.exists()
    assert len(built) == 2


@pytest.mark.parametrize("error", [LabError("mmdebstrap failed"), KeyboardInterrupt(), OSError()])
def test_a_build_that_fails_leaves_nothing(
    folders: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(_engine: str, work: Path) -> None:
        (work / "root").mkdir()
        raise error

    monkeypatch.setattr(image, "_fill", fail)
    with pytest.raises(type(error)):
        image.ensure("uml")
    assert entries(folders) == []


def test_a_build_that_filled_the_disk_says_so(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(_engine: str, _work: Path) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=99))
        raise LabError("dpkg: error processing archive")

    monkeypatch.setattr(image, "_fill", fill)
    with pytest.raises(LabError, match=r"images has 0\.0 GB free and the lab needs"):
        image.ensure("uml")
    assert entries(folders) == []


def test_what_a_killed_build_left_is_removed(folders: Path, built: list[str]) -> None:
    left = folders / "images/.building-qemu/root/etc"
    left.mkdir(parents=True)
    image.forget_half_made()
    assert entries(folders) == []
    left.mkdir(parents=True)
    image.ensure("uml")
    assert len(entries(folders)) == len(built) == 1


def test_what_a_build_works_on_is_not_removed(folders: Path) -> None:
    image.forget_half_made()  # nothing there at all yet
    (folders / "images/.building-uml").mkdir(parents=True)
    with lock.held(image.BUILD_LOCK):
        image.forget_half_made()
    assert entries(folders) == [".building-uml"]


def test_a_build_needs_a_large_disk(
    folders: Path, monkeypatch: pytest.MonkeyPatch, built: list[str]
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=10**9))
    with pytest.raises(LabError, match="free some, or point LVS_LAB_CACHE to a larger disk"):
        image.ensure("uml")
    assert entries(folders) == built == []

# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from lvslab import engines, host, kvm
from lvslab.errors import LabError


@pytest.fixture(autouse=True)
def a_device_that_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kvm").touch()
    monkeypatch.setattr(kvm, "DEVICE", tmp_path / "kvm")
    monkeypatch.setattr(kvm, "CACHE", tmp_path)
    monkeypatch.setattr(kvm, "VERDICT", tmp_path / "verdict")
    monkeypatch.setattr(kvm, "IMAGES", tmp_path / "images")
    (tmp_path / "images/qemu-1").mkdir(parents=True)
    (tmp_path / "images/qemu-1/vmlinuz").touch()


def fake_qemu(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a shell script be the guest; its console is "$1"."""
    monkeypatch.setattr(
        kvm, "command", lambda *_: ("sh", "-c", f'set -- "${{2#file:}}"; {script}', "sh")
    )


def test_a_guest_that_prints_its_banner_works_and_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake_qemu(monkeypatch, 'echo "Linux version 6.1.0" >"$1"; exec sleep 60')
    assert kvm.works()
    fake_qemu(monkeypatch, "exit 1")
    assert kvm.works()
    assert kvm.VERDICT.read_text() == "yes\n"


@pytest.mark.parametrize("script", ["exec sleep 60", "exit 1", 'echo SeaBIOS >"$1"; exec sleep 60'])
def test_a_guest_that_hangs_or_ends_or_never_begins_does_not_work(
    monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(kvm, "PATIENCE", 0.5)
    fake_qemu(monkeypatch, script)
    assert not kvm.works()
    assert kvm.VERDICT.read_text() == "no\n"


def test_without_a_kernel_to_try_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm, "_some_kernel", lambda _scratch: None)
    assert not kvm.works()
    assert not kvm.VERDICT.exists()


def test_without_a_device_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    kvm.DEVICE.unlink()
    monkeypatch.setattr(kvm, "guest_speaks", lambda _accelerator: pytest.fail("tried"))
    assert not kvm.works()


def test_no_kernel_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_argv: object, **_options: object) -> str:
        raise LabError("no network")

    monkeypatch.setattr(host, "run", fail)
    monkeypatch.setattr(kvm, "HOST_KERNELS", tmp_path)
    (tmp_path / "images/qemu-1/vmlinuz").unlink()
    assert kvm.guest_speaks("kvm") is None


@pytest.mark.parametrize(
    ("wanted", "path", "works", "chosen"),
    [
        ("uml", "", True, "uml"),
        ("qemu", "", False, "qemu"),
        ("auto", "bin", True, "qemu"),
        ("auto", "bin", False, "uml"),
        ("auto", "", True, "uml"),  # qemu is not installed
    ],
)
def test_auto_is_qemu_where_it_is_there_and_fast(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    path: str,
    works: object,
    chosen: str,
) -> None:
    (tmp_path / "bin").mkdir()
    for name in host.ENGINES["qemu"]:
        (tmp_path / "bin" / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / (path or "nothing")))
    monkeypatch.setattr(kvm, "works", lambda: works)
    assert engines.choose(wanted) == chosen

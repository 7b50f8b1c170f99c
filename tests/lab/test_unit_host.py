# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from lvslab import engines, host
from lvslab.errors import LabError


def test_an_engine_does_not_need_the_other_engines_packages() -> None:
    uml, qemu = (set(host.packages(engine)) for engine in ("uml", "qemu"))
    assert uml - qemu == {"user-mode-linux", "tcc", "libc6-dev"}
    assert qemu - uml == {"qemu-system-x86", "qemu-utils"}


@pytest.mark.parametrize("engine", ["uml", "qemu"])
def test_every_command_has_its_package(engine: str) -> None:
    assert set(host.commands(engine)) <= set(host.PACKAGES)


def test_a_missing_command_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabError) as caught:
        host.require_commands(("qemu-img", "nc", "mke2fs"))
    assert str(caught.value) == (
        "not on this host: qemu-img, nc, mke2fs; "
        "install with: apt-get install e2fsprogs netcat-openbsd qemu-utils"
    )


def test_a_tun_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host, "TUN", tmp_path / "tun")
    with pytest.raises(LabError, match=r"tun does not open \(No such file or directory\); load it"):
        host.require_tun()


def test_a_small_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=10**9))
    host.require_disk(tmp_path, 10**9)
    with pytest.raises(LabError, match=r"has 1\.0 GB free and the lab needs 3\.2 GB; free some"):
        host.require_disk(tmp_path)


def test_small_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=64 * 10**6))
    engines.require_memory("qemu", 4)  # keeps its memory elsewhere
    with pytest.raises(LabError, match=r"shm has 64 MB free and 805 MB are needed; enlarge"):
        engines.require_memory("uml", 2)


@pytest.mark.parametrize("path", ["/a b", "/a,b", "/a:b", "/a'b", "/a=b", "/a$b"])
def test_a_path_that_a_command_line_can_not_carry(path: str) -> None:
    host.require_plain(Path("/home/me/lvs.cluster-1.0_x@y+z/build"))
    with pytest.raises(LabError, match="point LVS_LAB_CACHE to a folder of plain letters"):
        host.require_plain(Path(path))


def test_a_failed_command_is_one_sentence_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(LabError) as caught:
        host.run(["sh", "-c", "echo first >&2; echo last >&2; exit 7"], log=log)
    assert "failed with 7: last (all of it: " in str(caught.value)
    assert log.read_text() == "first\nlast\n"


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(LabError, match=r"^no-such-command is not on this host$"):
        host.run(["no-such-command"])

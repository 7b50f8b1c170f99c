# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error


def test_a_file_is_replaced_whole_and_readable_by_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.conf"
    os.umask(0o077)
    _files.replace(path, "one\n")
    _files.replace(path, "two\n")
    assert _files.read_text(path) == "two\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in path.parent.iterdir()] == ["x.conf"]


def test_what_is_not_there_reads_as_none_and_is_removed_in_peace(tmp_path: Path) -> None:
    assert _files.read_text(tmp_path / "x") is None
    _files.remove(tmp_path / "x")


def test_a_full_disk_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.conf"
    path.write_text("old\n", encoding="ascii")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LvsError, match=f"^cannot write {path}: No space left on device$"):
        _files.replace(path, "new\n")
    assert path.read_text(encoding="ascii") == "old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.conf"]


def test_a_folder_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    path = tmp_path / "file" / "x.conf"
    with pytest.raises(LvsError, match=f"^cannot write {path}: (Not a directory|File exists)$"):
        _files.replace(path, "")


def test_a_directory_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(LvsError, match=f"^cannot read {tmp_path}: Is a directory$"):
        _files.read_text(tmp_path)
    with pytest.raises(LvsError, match=f"^cannot remove {tmp_path}: "):
        _files.remove(tmp_path)


def test_a_value_the_kernel_refuses_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(
        LvsError, match=r"^net/a: the kernel refuses the value '7': Invalid argument$"
    ):
        _files.write_kernel(tmp_path / "a", "7", "net/a")


def test_a_kernel_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    message = f"net/a: cannot write {tmp_path}: Is a directory"
    with pytest.raises(LvsError, match=f"^{re.escape(message)}$"):
        _files.write_kernel(tmp_path, "7", "net/a")


@pytest.mark.parametrize(
    ("exc", "message"),
    [
        (OSError(errno.EROFS, "x"), "doing: Read-only file system"),
        (
            OSError(errno.EACCES, "x"),
            "doing: Permission denied; this needs root (become: true)",
        ),
        (
            OSError(errno.EPERM, "x"),
            "doing: Operation not permitted; this needs root (become: true)",
        ),
        (OSError("odd"), "doing: odd"),
    ],
)
def test_an_errno_is_told_in_words(exc: OSError, message: str) -> None:
    assert str(os_error("doing", exc)) == message

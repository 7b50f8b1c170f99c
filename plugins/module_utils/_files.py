# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files as a whole: read, replaced atomically, removed; every error names the file."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._errors import os_error


def read_text(path: Path) -> str | None:
    """Return the text of *path*, or None when there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise os_error(f"cannot read {path}", exc) from exc


def read_bytes(path: Path) -> bytes | None:
    """Return the content of *path*, or None when there is no such file."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise os_error(f"cannot read {path}", exc) from exc


def replace(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Put *content* into *path* with *mode*, so that a reader or a crash sees the old or new."""
    data = content if isinstance(content, bytes) else content.encode(errors="surrogateescape")
    temporary: Path | None = None
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        # The dot keeps systemd from reading the half-written file as one of its own.
        handle, name = tempfile.mkstemp(prefix=".lvs-", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as exc:
        if temporary is not None:
            remove(temporary)
        raise os_error(f"cannot write {path}", exc) from exc


def _sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk: what was reported as done outlives a power cut."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def move(source: Path, target: Path) -> None:
    """Put the file *source* in the place of *target*, with its mode and owner, in one step."""
    try:
        source.replace(target)
        _sync_folder(target.parent)
    except OSError as exc:
        raise os_error(f"cannot move {source} to {target}", exc) from exc


def remove(path: Path) -> None:
    """Remove the file or symbolic link *path*; one that is already gone is as wanted."""
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    except OSError as exc:
        raise os_error(f"cannot remove {path}", exc) from exc


def write_kernel(path: Path, value: str, name: str) -> None:
    """Write *value* into a file of /proc/sys; *name* is the key named in the error."""
    try:
        path.write_text(value + "\n", encoding="ascii")
    except OSError as exc:
        if exc.errno == errno.EINVAL:
            raise os_error(f"{name}: the kernel refuses the value '{value}'", exc) from exc
        raise os_error(f"{name}: cannot write {path}", exc) from exc

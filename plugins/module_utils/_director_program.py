# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program lvs-director as one file: a zip archive that Python runs, made of these sources."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._director import main as entry
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error

PATH = "/usr/local/sbin/lvs-director"
_OURS = "ansible_collections.lvs.cluster.plugins.module_utils"
_MAIN = "__main__.py"
_START = f"""\
import sys

from {entry.__name__} import main

sys.exit(main(sys.argv[1:]))
"""
_EXECUTABLE = 0o755
_PLAIN = (stat.S_IFREG | 0o644) << 16  # where zip keeps the mode of a file
_UNIX = 3  # the system whose modes these are
_LONGEST = 127  # bytes of a program's first line that every kernel reads, see execve(2)


@dataclass(frozen=True)
class Program:
    """A program as it is on disk."""

    content: bytes
    mode: int = _EXECUTABLE

    @property
    def listing(self) -> str:
        """What it is made of, in a few lines: its mode, its first one, a hash for each source."""
        first = self.content.partition(b"\n")[0].decode(errors="replace")
        sources = "".join(
            f"{hashlib.sha256(source).hexdigest()} {name}\n"
            for name, source in _unpacked(self.content).items()
        )
        return f"{self.mode:04o}\n{first}\n{sources}"


@dataclass(frozen=True)
class Outcome:
    """What a run has found and left, or would leave; None is no program."""

    before: Program | None
    after: Program | None


def build(interpreter: str) -> Program:
    """Make the program for Python at *interpreter*; equal sources make equal bytes."""
    # It neither looks into the environment nor into the folder of whoever starts it.
    first = f"#!{interpreter} -I\n"
    if not interpreter.startswith("/") or " " in interpreter or len(first.encode()) > _LONGEST:
        raise LvsError(
            f"no program can begin with the path of this Python ({interpreter!r}); name another "
            "one in ansible_python_interpreter, such as /usr/bin/python3"
        )
    files = {_MAIN: _START}
    for name, source in sources(entry.__name__).items():
        parts = name.split(".")
        files.update({f"{'/'.join(parts[:n])}/__init__.py": "" for n in range(1, len(parts))})
        files[f"{'/'.join(parts)}.py"] = source
    target = io.BytesIO(first.encode())
    # Not compressed: what that makes differs between versions of zlib.
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path)  # of 1980, which is when zip begins
            info.create_system, info.external_attr = _UNIX, _PLAIN
            archive.writestr(info, files[path])
    return Program(target.getvalue())


def sources(name: str) -> dict[str, str]:
    """Return the source of module *name*, and of what it imports of this collection, by name.

    Asked of whatever has loaded them: on a managed host that is Ansible's payload.
    """
    found: dict[str, str] = {}
    wanted = [name]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _source(name)
            wanted += _imported(found[name])
    return found


def _source(name: str) -> str:
    spec = _spec(name)
    get_source = getattr(None if spec is None else spec.loader, "get_source", None)
    source = None if get_source is None else get_source(name)
    if source is None:
        raise LvsError(
            f"the source of {name} isn't at hand, so no program can be made of it; run this "
            "module with Ansible's own way of execution, or install the collection anew"
        )
    return str(source)


def _imported(source: str) -> Iterator[str]:
    """Yield the modules of this collection that a source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OURS):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if _spec(inner) is not None else str(node.module)


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:  # it isn't in a package: a name in a module
        return None


def read(path: Path) -> Program | None:
    """Read the program at *path*; LvsError if there is another one, or can be none."""
    if not path.is_absolute() or path.is_dir():
        raise LvsError(
            f"path: {path} is no place for a program; give the absolute path of a file, such as "
            f"{PATH}"
        )
    content = _files.read_bytes(path)
    if content is None:
        return None
    if f"{entry.__name__.replace('.', '/')}.py" not in _unpacked(content):
        raise LvsError(
            f"path: {path} is there, and is not a program of this module; move it away, or "
            "choose another path"
        )
    try:
        return Program(content, stat.S_IMODE(path.stat().st_mode))
    except OSError as exc:
        raise os_error(f"cannot read {path}", exc) from exc


def _unpacked(content: bytes) -> Mapping[str, bytes]:
    """Return what is in a zip archive; nothing is in what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {}


def ensure(path: Path, wanted: Program | None, *, check_mode: bool) -> Outcome:
    """Bring the file at *path* to *wanted*; in check mode, predict."""
    before = read(path)
    if before != wanted and not check_mode:
        if wanted is None:
            _files.remove(path)
        else:
            _files.replace(path, wanted.content, mode=wanted.mode)
    return Outcome(before, wanted)

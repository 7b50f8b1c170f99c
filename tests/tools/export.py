# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay the collection out as ansible_collections/lvs/cluster, for tools that insist on that path.

What is copied is what git knows or would add, with the changes that are not committed yet. Files
of an earlier export that are gone now are removed; what ansible-test keeps there stays.
"""

from __future__ import annotations

import argparse
import filecmp
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path("ansible_collections", "lvs", "cluster")
KEPT = {Path(".git"), Path("tests", "output")}


def source_files() -> set[Path]:
    """Return the path of each file of the collection, relative to its root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout.decode()
    paths = {Path(name) for name in listing.split("\0") if name}
    return {path for path in paths if (ROOT / path).is_symlink() or (ROOT / path).is_file()}


def export(folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Copy the collection below `folder` but for the top folders in `without`; return its root.

    Files that are there and the same already are left alone.
    """
    target = folder / INSIDE
    wanted = {path for path in source_files() if path.parts[0] not in without}
    for path in wanted:
        _copy(ROOT / path, target / path)
    _remove_others(target, wanted)
    return target


def _copy(source: Path, target: Path) -> None:
    if target.is_file() and not target.is_symlink() and not source.is_symlink():
        same_mode = source.stat().st_mode == target.stat().st_mode
        if same_mode and filecmp.cmp(source, target, shallow=False):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


def _remove_others(target: Path, wanted: set[Path]) -> None:
    # deepest first, so that a folder is empty by the time its turn comes
    for path in sorted(target.rglob("*"), reverse=True):
        relative = path.relative_to(target)
        if relative in wanted or not KEPT.isdisjoint((relative, *relative.parents)):
            continue
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif not any(path.iterdir()):
            path.rmdir()


def main() -> None:
    """Export to the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help=f"the folder that shall hold {INSIDE}")
    parser.add_argument("--without", action="append", default=[], help="a top folder to leave out")
    options = parser.parse_args()
    print(export(options.folder, without=tuple(options.without)))


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel settings now and at boot, with a record of what each was before it was first touched.

A key is a tuple of path components below /proc/sys, so that the dot in ``eth0.100`` is never taken
for a separator. Files are written in the slash form of sysctl.d(5), where it is not taken for one
either. A file of ours carries its records as comments::

    # before net/ipv4/conf/eth0/arp_ignore = 0
    net/ipv4/conf/eth0/arp_ignore = 1

What is to last until the next reboot only goes to a file of the same name in /run/sysctl.d, which
systemd applies in the same way and the next boot empties: the record lives as long as the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils._steps import (
    FileStep,
    Plan,
    Step,
    SysctlStep,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Key = tuple[str, ...]

_RECORD = re.compile(r"^# before (\S+) = (.*)$")
# Read by systemd-sysctl and by "sysctl --system"; of two files of one name the first one counts.
_BOOT_DIRS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d")


@dataclass(frozen=True)
class Paths:
    """Where the settings live; tests put the whole of it elsewhere."""

    proc: Path = Path("/proc/sys")
    persistent: Path = Path("/etc/sysctl.d")
    volatile: Path = Path("/run/sysctl.d")
    boot: tuple[Path, ...] = tuple(Path(folder) for folder in _BOOT_DIRS)
    legacy: Path = Path("/etc/sysctl.conf")


SYSTEM = Paths()


@dataclass(frozen=True)
class Entry:
    """One setting in a file of ours; *before* is None where the value was never known."""

    key: Key
    value: str
    before: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """What is: the running values (None: no such key), and the text of our two files."""

    runtime: Mapping[Key, str | None]
    persistent: str | None = None
    volatile: str | None = None

    def entries(self) -> dict[Key, Entry]:
        """Return every recorded setting; that of the persistent file wins."""
        both = (*parse_file(self.volatile or ""), *parse_file(self.persistent or ""))
        return {entry.key: entry for entry in both}


@dataclass(frozen=True)
class Override:
    """A file that is applied at boot after ours and sets one of our keys to something else."""

    path: Path
    key: Key
    value: str
    ours: str

    def __str__(self) -> str:
        return (
            f"{self.path} is applied after this module's file and sets {render_key(self.key)} to "
            f"{self.value}, not {self.ours}: the next boot undoes the setting; remove that line"
        )


def parse_key(text: str) -> Key:
    """Split a key in dotted or slash form; ValueError if it is not one.

    As in sysctl.d(5): the first separator decides, and where it is a dot, dots and slashes
    change places (``net.ipv4.conf.eth0/100.arp_ignore``).
    """
    separator = re.search(r"[./]", text)
    if separator is not None and separator.group() == ".":
        text = text.translate(str.maketrans("./", "/."))
    key = tuple(text.split("/"))
    # No globs, and "-" in front means "ignore errors" to systemd.
    if "/" not in text or text.startswith("-"):
        raise ValueError(f"not a key: {text}")
    if not all(re.fullmatch(r"[^\s=#;*?\[\]]+", part) for part in key) or {".", ".."} & {*key}:
        raise ValueError(f"not a key: {text}")
    return key


def render_key(key: Key) -> str:
    """Return *key* in the slash form of sysctl.d(5)."""
    return "/".join(key)


def normal_value(text: str) -> str:
    """Return a value as compared: the kernel separates the words of a list by tabs."""
    return " ".join(text.split())


def parse_settings(text: str) -> list[tuple[Key, str]]:
    """Return the settings of any sysctl.d file, in order; what is no setting is left out."""
    settings = []
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith(("#", ";")):
            continue
        try:
            settings.append((parse_key(name.strip().lstrip("-")), normal_value(value)))
        except ValueError:
            # Globs among them: they never reach a key that a file names in full.
            continue
    return settings


def parse_file(text: str) -> tuple[Entry, ...]:
    """Parse a file of ours, sorted by key."""
    before = {}
    for line in text.splitlines():
        record = _RECORD.match(line)
        if record:
            before[tuple(record.group(1).split("/"))] = record.group(2)
    values = dict(parse_settings(text))
    return tuple(Entry(key, values[key], before.get(key)) for key in sorted(values))


def render_file(owner: str, entries: Iterable[Entry]) -> str | None:
    """Render a file of the module *owner*; None, so no file, when there is nothing to say."""
    lines = []
    for entry in sorted(entries, key=lambda entry: entry.key):
        if entry.before is not None:
            lines.append(f"# before {render_key(entry.key)} = {entry.before}")
        lines.append(f"{render_key(entry.key)} = {entry.value}")
    if not lines:
        return None
    head = f"# Written by {owner}, which rewrites it; a 'before' line is what it will restore."
    return "\n".join((head, *lines, ""))


def read_value(paths: Paths, key: Key) -> str | None:
    """Return the running value of *key*, or None when this kernel has no such key now."""
    text = read_text(paths.proc.joinpath(*key))
    return None if text is None else normal_value(text)


def read(paths: Paths, filename: str, keys: Iterable[Key]) -> Snapshot:
    """Read our two files, and the running values of *keys* and of every key on record."""
    files = Snapshot(
        runtime={},
        persistent=read_text(paths.persistent / filename),
        volatile=read_text(paths.volatile / filename),
    )
    wanted = {*keys, *files.entries()}
    runtime = {key: read_value(paths, key) for key in sorted(wanted)}
    return Snapshot(runtime, files.persistent, files.volatile)


@dataclass(frozen=True)
class Wish:
    """What is wanted: values to hold, keys to give back, and whether it is to survive a boot."""

    owner: str
    filename: str
    values: Mapping[Key, str]
    released: Collection[Key] = ()
    persistent: bool = True


def make_plan(snapshot: Snapshot, wish: Wish, paths: Paths) -> Plan:
    """Plan the way from *snapshot* to *wish*; other keys in our files are left as they are.

    The order makes an interrupted run harmless: a value is given back before its record goes,
    and a record is on disk before the value changes.
    """
    records = snapshot.entries()
    released = {key: records[key] for key in wish.released if key in records}
    held = {}
    for key, value in wish.values.items():
        known = records.get(key)
        before = known.before if known is not None else snapshot.runtime.get(key)
        held[key] = Entry(key, value, before)

    give_back = {key: entry.before for key, entry in released.items() if entry.before is not None}
    steps: list[Step] = _runtime_steps(
        snapshot,
        {key: v for key, v in give_back.items() if snapshot.runtime.get(key) is not None},
        paths,
    )
    for folder, text, keeps in _files(snapshot, wish, paths):
        untouched = [
            entry for entry in parse_file(text or "") if entry.key not in {*held, *released}
        ]
        after = render_file(wish.owner, [*untouched, *(held.values() if keeps else ())])
        if after != text:
            steps.append(FileStep(folder / wish.filename, text, after))
    steps += _runtime_steps(snapshot, wish.values, paths)
    return tuple(steps)


def predict(runtime: Mapping[Key, str | None], plan: Plan) -> dict[Key, str | None]:
    """Return *runtime* as it will be once *plan* is carried out."""
    changes = {
        tuple(step.name.split("/")): step.after for step in plan if isinstance(step, SysctlStep)
    }
    return {**runtime, **changes}


def _files(
    snapshot: Snapshot, wish: Wish, paths: Paths
) -> tuple[tuple[Path, str | None, bool], ...]:
    """Return folder, text and "is the one that keeps the wish", the keeper first."""
    files = (
        (paths.persistent, snapshot.persistent, wish.persistent),
        (paths.volatile, snapshot.volatile, not wish.persistent),
    )
    return files if wish.persistent else files[::-1]


def _runtime_steps(snapshot: Snapshot, values: Mapping[Key, str], paths: Paths) -> list[Step]:
    steps: list[Step] = []
    for key, value in sorted(values.items()):
        now = snapshot.runtime.get(key)
        if now != value:
            steps.append(SysctlStep(paths.proc.joinpath(*key), render_key(key), now, value))
    return steps


def overrides(paths: Paths, wish: Wish) -> tuple[Override, ...]:
    """Find what is applied at boot after our file and disagrees with it, the last word per key."""
    if not wish.persistent:
        return ()
    last: dict[Key, tuple[Path, str]] = {}
    for path in _later_files(paths, wish.filename):
        for key, value in parse_settings(read_text(path) or ""):
            if key in wish.values:
                last[key] = (path, value)
    return tuple(
        Override(path, key, value, wish.values[key])
        for key, (path, value) in sorted(last.items())
        if value != wish.values[key]
    )


def _later_files(paths: Paths, filename: str) -> list[Path]:
    """List what is read after our file: later names of all folders, then /etc/sysctl.conf."""
    by_name: dict[str, Path] = {}
    for folder in paths.boot:
        try:
            names = [path.name for path in folder.iterdir() if path.name.endswith(".conf")]
        except OSError:
            continue
        for name in names:
            by_name.setdefault(name, folder / name)
    later = [by_name[name] for name in sorted(by_name) if name > filename]
    return [*later, paths.legacy]


def verify(unfinished: Plan) -> None:
    """Raise LvsError when, after everything was applied, *unfinished* steps are still planned."""
    for step in unfinished:
        if isinstance(step, SysctlStep):
            raise LvsError(
                f"{step.name}: {step.after} was written, but the kernel now says {step.before}: "
                "something else on this host sets it too"
            )

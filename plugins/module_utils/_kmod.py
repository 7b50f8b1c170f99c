# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel modules now and at boot, with a record of which were not loaded before.

A file in modules-load.d(5) carries its records as comments::

    # not loaded before: nf_conntrack
    ip_vs

What is to last until the next reboot only goes to the same name in /run/modules-load.d.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._files import read_text
from ansible_collections.lvs.cluster.plugins.module_utils._steps import (
    CommandStep,
    FileStep,
    Plan,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner

_RECORD = "# not loaded before: "
# A line is the word insmod, the path of a file (.ko, .ko.xz ...), and its parameters.
_INSMOD = re.compile(r"^insmod \S*?([^/\s]+?)\.ko(\.\w+)?(\s|$)")


@dataclass(frozen=True)
class Paths:
    """Where the kernel and systemd keep modules; tests put the whole of it elsewhere."""

    loaded: Path = Path("/proc/modules")
    built_in: Path = Path("/sys/module")
    persistent: Path = Path("/etc/modules-load.d")
    volatile: Path = Path("/run/modules-load.d")


SYSTEM = Paths()


@dataclass(frozen=True)
class Loaded:
    """One line of /proc/modules: how often it is used, and by which other modules."""

    uses: int
    users: frozenset[str]


@dataclass(frozen=True)
class BootFile:
    """What a file of ours says: modules to load, and those that were not loaded before."""

    names: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What is: loaded modules, what each wanted one needs (in load order), our two files."""

    loaded: Mapping[str, Loaded]
    chains: Mapping[str, tuple[str, ...]]
    persistent: str | None = None
    volatile: str | None = None

    @property
    def file(self) -> BootFile:
        """Both files as one."""
        both = [parse_file(text or "") for text in (self.persistent, self.volatile)]
        return BootFile(
            tuple(dict.fromkeys(name for file in both for name in file.names)),
            tuple(dict.fromkeys(name for file in both for name in file.records)),
        )


@dataclass(frozen=True)
class Busy:
    """A module that stays loaded since something uses it."""

    name: str
    reason: str


@dataclass(frozen=True)
class Plans:
    """What to do about modules: before the sysctls are set, and after they were given back."""

    load: Plan
    unload: Plan
    busy: tuple[Busy, ...]


def normal_name(text: str) -> str:
    """Return a module's name as the kernel spells it: with underscores."""
    return text.replace("-", "_")


def parse_loaded(text: str) -> dict[str, Loaded]:
    """Parse /proc/modules: name, size, uses, users with commas or "-", ..."""
    loaded = {}
    for line in text.splitlines():
        name, _size, uses, users = line.split()[:4]
        loaded[name] = Loaded(
            int(uses) if uses.isdigit() else 0,  # "-" where modules cannot be unloaded
            frozenset(user for user in users.split(",") if user and user != "-"),
        )
    return loaded


def parse_file(text: str) -> BootFile:
    """Parse a file of ours in modules-load.d."""
    lines = [line.strip() for line in text.splitlines()]
    return BootFile(
        tuple(line for line in lines if line and not line.startswith(("#", ";"))),
        tuple(line[len(_RECORD) :] for line in lines if line.startswith(_RECORD)),
    )


def render_file(owner: str, file: BootFile) -> str | None:
    """Render a file of the module *owner*; None, so no file, when there is nothing to say."""
    if not file.names and not file.records:
        return None
    head = f"# Written by {owner}, which rewrites it; it will unload what was not loaded before."
    return "\n".join((head, *(_RECORD + name for name in file.records), *file.names, ""))


def read(
    paths: Paths, filename: str, wanted: Iterable[str], runner: Runner, modprobe: str
) -> Snapshot:
    """Read what is loaded, our files, and what the *wanted* modules need; LvsError if unknown."""
    loaded = parse_loaded(read_text(paths.loaded) or "")
    return Snapshot(
        loaded=loaded,
        chains={name: _chain(name, loaded, paths, runner, modprobe) for name in wanted},
        persistent=read_text(paths.persistent / filename),
        volatile=read_text(paths.volatile / filename),
    )


def _chain(
    name: str, loaded: Mapping[str, Loaded], paths: Paths, runner: Runner, modprobe: str
) -> tuple[str, ...]:
    """Return the modules which *name* needs, itself last; empty for one built into the kernel."""
    if name not in loaded and (paths.built_in / name).is_dir():
        return ()
    result = runner((modprobe, "--show-depends", name))
    if result.rc != 0:
        if name in loaded:  # from a tree of modules that is no longer there
            return (name,)
        raise LvsError(
            f"modules: the kernel of this host ({os.uname().release}) has no module '{name}': "
            "check the spelling, or install the package with this kernel's modules (after a "
            "kernel update: reboot)"
        )
    return parse_depends(result.out, name)


def parse_depends(text: str, name: str) -> tuple[str, ...]:
    """Parse ``modprobe --show-depends NAME``: modules in load order, without those built in."""
    chain = []
    for line in text.splitlines():
        found = _INSMOD.match(line)
        if found:
            chain.append(normal_name(found.group(1)))
        elif line.startswith("install "):  # modprobe.d runs a command instead of loading it
            chain.append(name)
    return tuple(dict.fromkeys(chain))


def verify(snapshot: Snapshot) -> None:
    """Raise LvsError when a wanted module is still not loaded, although modprobe succeeded."""
    for module, chain in snapshot.chains.items():
        if any(name not in snapshot.loaded for name in chain):
            raise LvsError(
                f"modules: modprobe {module} succeeded, but the module is not loaded: look for "
                f"an 'install {module}' line in /etc/modprobe.d"
            )


@dataclass(frozen=True)
class Wish:
    """What is wanted; modules of None are not managed."""

    owner: str
    filename: str
    modules: tuple[str, ...] | None
    persistent: bool = True


def make_plan(snapshot: Snapshot, wish: Wish, paths: Paths, modprobe: str, rmmod: str) -> Plans:
    """Plan the way from *snapshot* to *wish*."""
    if wish.modules is None:
        return Plans((), (), ())
    file = snapshot.file
    needed = [name for module in wish.modules for name in snapshot.chains[module]]
    missing = [name for name in needed if name not in snapshot.loaded]
    # While modules are wanted, none is unloaded: a scheduler that is no longer listed serves until
    # keepalived has read its new configuration. The record of it lives on, for the end.
    gone, busy = _releasable(() if wish.modules else file.records, snapshot.loaded)
    records = dict.fromkeys((*file.records, *missing))
    kept = tuple(name for name in records if name in needed or name in snapshot.loaded)
    after = BootFile(wish.modules, kept if wish.modules else ())
    if wish.modules == file.names and not missing:
        after = file  # what a reboot has unloaded is no reason to change it, and goes with the next
    files = [
        step
        for folder, text, keeps in _files(snapshot, wish, paths)
        for step in _file_step(
            folder / wish.filename, text, render_file(wish.owner, after) if keeps else None
        )
    ]
    return Plans(
        load=(
            *(step for step in files if step.after is not None),
            *_load(wish.modules, snapshot, modprobe),
        ),
        unload=(
            *(CommandStep((rmmod, name), before=f"module {name} loaded") for name in gone),
            *(step for step in files if step.after is None),
        ),
        busy=tuple(Busy(name, reason) for name, reason in busy.items()),
    )


def _load(wanted: Iterable[str], snapshot: Snapshot, modprobe: str) -> list[Step]:
    steps: list[Step] = []
    there = set(snapshot.loaded)
    for module in wanted:
        new = [name for name in snapshot.chains[module] if name not in there]
        there.update(new)
        if new:
            after = "\n".join(f"module {name} loaded" for name in new)
            steps.append(CommandStep((modprobe, module), after=after))
    return steps


def _releasable(
    surplus: Iterable[str], loaded: Mapping[str, Loaded]
) -> tuple[list[str], dict[str, str]]:
    """Split what is no longer needed into what can go, the last loaded first, and what is used.

    A count of uses cannot be told apart from what the going ones themselves hold (a scheduler
    holds ip_vs twice), so for a module with users only rmmod knows.
    """
    gone: list[str] = []
    busy: dict[str, str] = {}
    for name in reversed([name for name in surplus if name in loaded]):
        state = loaded[name]
        others = sorted(state.users - set(gone))
        if others:
            busy[name] = f"used by {', '.join(others)}"
        elif state.uses and not state.users:
            busy[name] = "in use"
        else:
            gone.append(name)
    return gone, busy


def _files(
    snapshot: Snapshot, wish: Wish, paths: Paths
) -> tuple[tuple[Path, str | None, bool], ...]:
    """Return folder, text and "is the one that keeps the wish", the keeper first."""
    files = (
        (paths.persistent, snapshot.persistent, wish.persistent),
        (paths.volatile, snapshot.volatile, not wish.persistent),
    )
    return files if wish.persistent else files[::-1]


def _file_step(path: Path, before: str | None, after: str | None) -> list[FileStep]:
    return [] if before == after else [FileStep(path, before, after)]

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table, kept as it is wanted: read, compared, and put right where it differs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ansible_collections.lvs.cluster.plugins.module_utils._command import Runner
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, run
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import ServiceKey, Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Plan, plan, touched
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import service_name
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import (
    Declared,
    declared,
    owner_of,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import GenericNetlink

Draw = Callable[[Table], Table]


class Kernel(Protocol):
    """A table that can be read and written; both raise LvsError."""

    def read(self) -> Table:
        """Return all of it."""

    def apply(self, commands: Plan) -> None:
        """Carry out commands in order."""


class Netlink:
    """The kernel's own table, over one conversation that is begun anew after a failure."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._ipvs: GenericNetlink | None = None

    def read(self) -> Table:
        """Return the table; an empty one where IPVS isn't loaded."""
        if self._ipvs is None:
            self._ipvs = run.connect()
        if self._ipvs is None:
            return {}
        try:
            return kernel.read_table(self._ipvs)
        except OSError as exc:
            self.close()
            raise os_error("IPVS", exc) from exc

    def apply(self, commands: Plan) -> None:
        """Carry out commands; IPVS is loaded for the first."""
        if self._ipvs is None:
            self._ipvs = run.connect() or run.load(self._runner)
        try:
            run.apply(self._ipvs, commands)
        except OSError as exc:
            self.close()
            raise os_error("IPVS", exc) from exc

    def close(self) -> None:
        """Hang up."""
        if self._ipvs is not None:
            self._ipvs.close()
            self._ipvs = None


def owned_by_keepalived(keys: Sequence[ServiceKey], path: Path) -> dict[ServiceKey, str]:
    """Return of those services that keepalived declares why they are left alone."""
    if not keys:
        return {}
    owned: tuple[Declared, ...] = declared(path)
    found = ((key, owner_of(key, owned)) for key in keys)
    return {
        key: f"{service_name(key)} belongs to keepalived, which declares it in {owner.path}, line "
        f"{owner.line}: take it out there, or out of the director's configuration"
        for key, owner in found
        if owner
    }


class Keeper:
    """Brings the table to what is drawn over it; `table` is how it is, None before it is known.

    A change is applied to the table as it was last seen; when the kernel refuses, somebody else
    was faster: it is read again. `problems` are those of the last time that there was work.
    """

    def __init__(self, kernel: Kernel, keepalived: Path) -> None:
        self.table: Table | None = None
        self.problems: tuple[str, ...] = ()
        self.cost = 0.0  # s that the last reading took
        self._kernel = kernel
        self._keepalived = keepalived

    def look(self) -> bool:
        """Read the table; return whether it is another one than before. LvsError if it can't."""
        began = time.monotonic()
        before, self.table = self.table, None
        self.table = self._kernel.read()
        self.cost = time.monotonic() - began
        return self.table != before

    def settle(self, draw: Draw) -> Plan:
        """Do what is to be done, and return it; nothing when the table is as drawn."""
        try:
            return self._settled(draw)
        except LvsError:
            self.table = None
        try:
            return self._settled(draw)
        except LvsError as exc:
            self.table = None
            self.problems = (str(exc),)
            return ()

    def _settled(self, draw: Draw) -> Plan:
        if self.table is None:
            self.look()
        table = self.table or {}
        commands = plan(table, draw(table))
        owned = owned_by_keepalived(touched(commands), self._keepalived)
        if owned:
            commands = tuple(one for one in commands if not owned.keys() & {*touched([one])})
        if commands:
            self._kernel.apply(commands)
            self.table = run.applied(table, commands)
        self.problems = tuple(owned.values())
        return commands

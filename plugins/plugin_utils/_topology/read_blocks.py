# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands beside the VRRP instances: scripts, track objects, sync groups, the sync daemon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass

from . import values
from .directives_vrrp import BLOCKS
from .draft import Named, SyncDaemon
from .options import Table, read_options
from .section import Problems, Section, opened

# the kernel's own (IP_VS_SYNC_PORT and IP_VS_SYNC_GROUP in net/netfilter/ipvs/ip_vs_sync.c)
SYNC_PORT = 8848
SYNC_GROUP = "224.0.0.81"

SYNC_DAEMON = ("instance", "interface", "id", "maxlen", "port", "ttl", "group")
# what runs a command, by any of which a file has scripts; the checks' are among them
_SCRIPTS = {"script", "misc_path", "quorum_up", "quorum_down", "notify_up", "notify_down"}


def read_blocks(top: Section) -> tuple[tuple[Named, ...], bool]:
    """Read the named sections, and whether all of them could be read."""
    found = [
        _named(top.problems, path, item, word, table, needed)
        for variable, (word, table, needed) in BLOCKS.items()
        for path, item in top.optional_items(variable)
    ]
    complete = None not in found and not set(BLOCKS) & top.refused
    return tuple(block for block in found if block), complete


def _named(
    problems: Problems, path: str, item: object, word: str, table: Table, needed: str
) -> Named | None:
    """Read one named section; None if it has no name or lacks what it can't be without."""
    section = opened(problems, path, item, ("name", *table))
    if section is None:
        return None
    name = section.require("name", values.name, "give the name that others refer to")
    options = read_options(section, table, {})
    if needed not in options and not section.refused:
        section.refuse(needed, "missing or empty; without it there is nothing to do")
    return None if name is None or section.refused else Named(path, word, name, options)


def read_sync_daemon(top: Section, *, default: bool) -> SyncDaemon | None:
    """Read lvs_sync_daemon; null switches it off."""
    said = "lvs_sync_daemon" in top.values
    if (said and top.values["lvs_sync_daemon"] is None) or not (said or default):
        return None
    section = top.section("lvs_sync_daemon", SYNC_DAEMON)
    get = section.get
    return SyncDaemon(
        instance=get("instance", values.name, None),
        interface=get("interface", values.interface, None),
        id=get("id", values.integer(0, 255), None),
        maxlen=get("maxlen", values.integer(1, 65507), None),
        port=get("port", values.integer(1, 65535), SYNC_PORT),
        ttl=get("ttl", values.integer(1, 255), None),
        group=get("group", values.multicast(4, 6), SYNC_GROUP),
    )


def runs_scripts(value: object) -> bool:
    """Tell whether there is a command to run anywhere in what was read."""
    if is_dataclass(value):
        return runs_scripts(vars(value))
    if isinstance(value, Mapping):
        return bool(_SCRIPTS & value.keys()) or any(map(runs_scripts, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(map(runs_scripts, value))
    return False

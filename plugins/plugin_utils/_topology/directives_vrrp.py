# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of VRRP's sections, each in the order in which it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import values
from .directives_global import DELAY, SOME, extra_if
from .model import Options
from .options import Option, Table, bare, block, flag, on, one, read_options, several, switch
from .raw import raw
from .scripts import command, script, user
from .section import Section, opened, parsed
from .values import INT_MAX, TIMER_MAX


def _tracked(parse: values.Parser[str], limit: int, otherwise: str = "") -> Option:
    """Return a directive of names, each alone or a dictionary of name, weight and reverse.

    *otherwise* is the word for reverse: false, for what may be reverse by itself.
    """
    table = {
        "weight": one(values.integer(-limit, limit)),
        "reverse": one(values.boolean),
    }

    def item(section: Section, place: str, value: object) -> dict[str, object] | None:
        if not isinstance(value, Mapping):
            name = parsed(section.problems, place, parse, value)
            return {"name": name[0]} if name else None
        inner = opened(section.problems, place, value, ("name", *table))
        if inner is None:
            return None
        what = inner.require("name", parse, "name what is tracked")
        found = read_options(inner, table, {})
        if "reverse" in found and "weight" not in found:
            inner.refuse("reverse", "nothing to reverse without a weight; give one")
        return None if what is None else {"name": what, **found}

    def read(section: Section, key: str, default: object) -> object:
        if key not in section.values:
            return default
        found = [item(section, place, value) for place, value in section.optional_items(key)]
        return [tracker for tracker in found if tracker]

    def write(name: str, value: Sequence[Options]) -> list[str]:
        return block(name, [_tracked_line(tracker, otherwise) for tracker in value])

    return Option(read, write)


def _tracked_line(item: Options, otherwise: str) -> str:
    words = [str(item["name"])]
    if "weight" in item:
        turned = {True: "reverse", False: otherwise, None: ""}[item.get("reverse")]
        words += ["weight", str(item["weight"]), *([turned] if turned else [])]
    return " ".join(words)


_ACCEPT = "drops the packets for the virtual addresses, and with them every service"
_TTL = values.integer(0, 255)

_NOTIFY: Table = {
    "notify_master": script(),
    "notify_backup": script(),
    "notify_fault": script(),
    "notify_stop": script(),
    "notify": script(),
}
_TRACK: Table = {
    "track_interface": _tracked(values.interface, 253),
    "track_script": _tracked(values.name, 253, "noreverse"),
    "track_process": _tracked(values.name, 254, "noreverse"),
    "track_file": _tracked(values.name, 254, "noreverse"),
    "track_bfd": _tracked(values.name, 253, "noreverse"),
}
_ALERTS: Table = {
    "notify_priority_changes": on(switch),
    "smtp_alert": on(switch),
}

VRRP_INSTANCE: Table = {
    "nopreempt": on(),
    "preempt": on(),
    # keepalived.conf(5): at most 1000 s
    "preempt_delay": one(values.seconds("0", "1000", "0.001")),
    "down_timer_adverts": one(values.integer(1, 100)),
    "garp_master_delay": one(DELAY),
    "garp_master_repeat": one(SOME),
    "garp_master_refresh": one(values.COUNT),
    "garp_master_refresh_repeat": one(SOME),
    "garp_lower_prio_delay": one(DELAY),
    "garp_lower_prio_repeat": one(values.integer(0, INT_MAX)),
    "garp_extra_if": one(extra_if(0)),
    "lower_prio_no_advert": on(switch),
    "higher_prio_send_advert": on(switch),
    "skip_check_adv_addr": on(switch),
    "strict_mode": one(values.off(_ACCEPT), switch),
    "accept": on(),
    "no_accept": one(values.off(_ACCEPT), flag),
    "use_vmac": bare(one(values.line)),
    "use_vmac_addr": on(),
    "vmac_xmit_base": on(),
    "use_ipvlan": bare(one(values.line)),
    "native_ipv6": on(),
    "dont_track_primary": on(),
    "track_src_ip": on(),
    "mcast_dst_ip": one(values.multicast(4, 6)),
    "promote_secondaries": on(),
    "kernel_rx_buf_size": one(values.COUNT),
}
# written where there is a peer
VRRP_UNICAST: Table = {
    "check_unicast_src": on(),
    "unicast_ttl": one(_TTL),
    "unicast_fault_no_peer": on(),
    "old_unicast_checksum": bare(one(values.choice("mode", "never"))),
}
# keepalived.conf(5) has these two behind each peer
PEER: Table = {"min_ttl": one(_TTL), "max_ttl": one(_TTL)}
# written behind the virtual addresses
VRRP_BLOCKS: Table = {
    "virtual_routes": several(values.line),
    "virtual_rules": several(values.line),
    **_TRACK,
    **_NOTIFY,
    "notify_deleted": bare(script()),
    "notify_master_rx_lower_pri": script(),
    **_ALERTS,
    "raw": raw(),
}

SYNC_GROUP: Table = {
    "group": several(values.name),
    **_TRACK,
    **_NOTIFY,
    **_ALERTS,
    "sync_group_tracking_weight": on(),
    "raw": raw(),
}

VRRP_SCRIPT: Table = {
    "script": command(),
    "interval": one(values.integer(1, TIMER_MAX)),
    "timeout": one(values.integer(0, TIMER_MAX)),
    "weight": one(values.weight(253)),
    "rise": one(values.integer(1, INT_MAX)),
    "fall": one(values.integer(1, INT_MAX)),
    "user": one(user),
    "init_fail": on(),
}

_PROCESS_DELAY = values.seconds("0.001", "3600", "0.001")
TRACK_PROCESS: Table = {
    "process": one(values.line),
    "param_match": one(values.choice("match", "initial", "partial")),
    "weight": one(values.weight(254)),
    "quorum": one(values.integer(1, 65535)),
    "quorum_max": one(values.integer(0, 65535)),
    "delay": one(_PROCESS_DELAY),
    "fork_delay": one(_PROCESS_DELAY),
    "terminate_delay": one(_PROCESS_DELAY),
    "full_command": on(),
}

TRACK_FILE: Table = {
    "file": one(values.path),
    "weight": one(values.weight(254)),
    "init_file": bare(one(values.line)),
}

# keepalived.conf(5): milliseconds, at most UINT_MAX microseconds
_INTERVAL_MS = values.seconds("1", "4294967", "0.001", "milliseconds")
BFD_INSTANCE: Table = {
    "neighbor_ip": one(values.canonical_address),
    "min_rx": one(_INTERVAL_MS),
    "min_tx": one(_INTERVAL_MS),
    "idle_tx": one(values.seconds("1000", "4294967", "0.001", "milliseconds")),
    "multiplier": one(values.integer(1, 255)),
    "passive": on(),
    "ttl": one(values.integer(1, 255)),
    "max_hops": one(values.integer(-1, 255)),
    "weight": one(values.weight(253)),
    "vrrp": on(),
    "checker": on(),
}

# What stands beside the instances, by its variable: the block's word, its table, what must be said
BLOCKS: dict[str, tuple[str, Table, str]] = {
    "lvs_bfd_instances": ("bfd_instance", BFD_INSTANCE, "neighbor_ip"),
    "lvs_track_files": ("track_file", TRACK_FILE, "file"),
    "lvs_track_processes": ("vrrp_track_process", TRACK_PROCESS, "process"),
    "lvs_vrrp_scripts": ("vrrp_script", VRRP_SCRIPT, "script"),
    "lvs_vrrp_sync_groups": ("vrrp_sync_group", SYNC_GROUP, "group"),
}
# the directive that names a block, and the variable that has it
TRACKED_IN = {
    "track_script": "lvs_vrrp_scripts",
    "track_process": "lvs_track_processes",
    "track_file": "lvs_track_files",
    "track_bfd": "lvs_bfd_instances",
}
# the directive that names a block, and the block's word
TRACKS = {directive: BLOCKS[variable][0] for directive, variable in TRACKED_IN.items()}

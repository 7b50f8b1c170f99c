# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of VRRP's sections, each in the order in which it is written."""

from __future__ import annotations

from . import syntax, values
from .directives_global import INT_MAX, TIMER_MAX, UINT_MAX
from .options import Table, flag, on, one, several, switch

_DELAY = values.integer(0, TIMER_MAX)
_COUNT = values.integer(1, UINT_MAX)
_ACCEPT = "drops the packets for the virtual addresses, and with them every service"
_TTL = values.integer(0, 255)

_NOTIFY: Table = {
    "notify_master": syntax.script(),
    "notify_backup": syntax.script(),
    "notify_fault": syntax.script(),
    "notify_stop": syntax.script(),
    "notify": syntax.script(),
}
_TRACK: Table = {
    "track_interface": syntax.tracked(values.interface, 253),
    "track_script": syntax.tracked(values.name, 253, "noreverse"),
    "track_process": syntax.tracked(values.name, 254, "noreverse"),
    "track_file": syntax.tracked(values.name, 254, "noreverse"),
    "track_bfd": syntax.tracked(values.name, 253, "noreverse"),
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
    "garp_master_delay": one(_DELAY),
    "garp_master_repeat": one(_COUNT),
    "garp_master_refresh": one(values.integer(0, UINT_MAX)),
    "garp_master_refresh_repeat": one(_COUNT),
    "garp_lower_prio_delay": one(_DELAY),
    "garp_lower_prio_repeat": one(values.integer(0, INT_MAX)),
    "garp_extra_if": one(syntax.extra_if(0)),
    "lower_prio_no_advert": on(switch),
    "higher_prio_send_advert": on(switch),
    "skip_check_adv_addr": on(switch),
    "strict_mode": one(syntax.never(_ACCEPT), switch),
    "accept": on(),
    "no_accept": one(syntax.never(_ACCEPT), flag),
    "use_vmac": syntax.optional(syntax.line),
    "use_vmac_addr": on(),
    "vmac_xmit_base": on(),
    "use_ipvlan": syntax.optional(syntax.line),
    "native_ipv6": on(),
    "dont_track_primary": on(),
    "track_src_ip": on(),
    "mcast_dst_ip": one(values.multicast(4, 6)),
    "promote_secondaries": on(),
    "kernel_rx_buf_size": one(values.integer(0, UINT_MAX)),
}
# written where there is a peer
VRRP_UNICAST: Table = {
    "check_unicast_src": on(),
    "unicast_ttl": one(_TTL),
    "unicast_fault_no_peer": on(),
    "old_unicast_checksum": syntax.optional(values.choice("mode", "never")),
}
# keepalived.conf(5) has these two behind each peer
PEER: Table = {"min_ttl": one(_TTL), "max_ttl": one(_TTL)}
# written behind the virtual addresses
VRRP_BLOCKS: Table = {
    "virtual_routes": several(syntax.line),
    "virtual_rules": several(syntax.line),
    **_TRACK,
    **_NOTIFY,
    "notify_deleted": syntax.deleted_script(),
    "notify_master_rx_lower_pri": syntax.script(),
    **_ALERTS,
    "raw": syntax.raw(),
}

SYNC_GROUP: Table = {
    "group": several(values.name),
    **_TRACK,
    **_NOTIFY,
    **_ALERTS,
    "sync_group_tracking_weight": on(),
    "raw": syntax.raw(),
}

VRRP_SCRIPT: Table = {
    "script": syntax.quoted_command(),
    "interval": one(values.integer(1, TIMER_MAX)),
    "timeout": one(values.integer(0, TIMER_MAX)),
    "weight": one(syntax.weight(253)),
    "rise": one(values.integer(1, INT_MAX)),
    "fall": one(values.integer(1, INT_MAX)),
    "user": one(syntax.user),
    "init_fail": on(),
}

_PROCESS_DELAY = values.seconds("0.001", "3600", "0.001")
TRACK_PROCESS: Table = {
    "process": one(syntax.line),
    "param_match": one(values.choice("match", "initial", "partial")),
    "weight": one(syntax.weight(254)),
    "quorum": one(values.integer(1, 65535)),
    "quorum_max": one(values.integer(0, 65535)),
    "delay": one(_PROCESS_DELAY),
    "fork_delay": one(_PROCESS_DELAY),
    "terminate_delay": one(_PROCESS_DELAY),
    "full_command": on(),
}

TRACK_FILE: Table = {
    "file": one(syntax.path),
    "weight": one(syntax.weight(254)),
    "init_file": syntax.optional(syntax.line),
}

# keepalived.conf(5): milliseconds, at most UINT_MAX microseconds
_INTERVAL_MS = values.seconds("1", "4294967", "0.001", "milliseconds")
BFD_INSTANCE: Table = {
    "neighbor_ip": one(syntax.address),
    "min_rx": one(_INTERVAL_MS),
    "min_tx": one(_INTERVAL_MS),
    "idle_tx": one(values.seconds("1000", "4294967", "0.001", "milliseconds")),
    "multiplier": one(values.integer(1, 255)),
    "passive": on(),
    "ttl": one(values.integer(1, 255)),
    "max_hops": one(values.integer(-1, 255)),
    "weight": one(syntax.weight(253)),
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

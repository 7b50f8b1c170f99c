# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of global_defs, in the order in which they are written."""

from __future__ import annotations

import re

from . import values
from .options import (
    Option,
    Table,
    bare,
    group,
    groups,
    on,
    one,
    several,
    switch,
    word,
    words,
    write_options,
)
from .raw import raw
from .scripts import script, user
from .values import INT_MAX, RefusedError, show

_DAY = 86400  # seconds
_EXTRA_IF = re.compile(r"(all )?(0|[1-9][0-9]{0,4})")
_UMASK = re.compile(r"0[0-7]{1,3}|I[RWX](USR|GRP|OTH)(\|I[RWX](USR|GRP|OTH))*")


def _umask(value: object) -> str:
    """Parse octal digits, or the names of bits; YAML may have read the octal number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"0{value:o}"
    what = "octal digits such as '0022', or bits such as IWGRP|IWOTH"
    return values.matching(value, _UMASK, what)


def extra_if(lowest: int) -> values.Parser[str]:
    """Return a parser of [all] SECONDS."""

    def parse(value: object) -> str:
        found = _EXTRA_IF.fullmatch(str(value))
        if isinstance(value, bool) or not found or not lowest <= int(found[2]) <= _DAY:
            what = f"{lowest} to {_DAY} seconds, or 'all' and such a number"
            raise RefusedError(f"{show(value)} is no interval; give {what}")
        return str(value)

    return parse


def _strict(name: str, value: object) -> list[str]:  # noqa: ARG001 - as every writer
    """Say why it is off: it can only be."""
    return [f"! {name} is off: on, it drops the packets for every virtual address"]


def _interval(name: str, value: object) -> list[str]:
    """Write a zero as a comment: keepalived 2.2 refuses it, and it means what silence means."""
    return word(name if value else f"! {name}", value)


DELAY = values.integer(0, values.TIMER_MAX)
SOME = values.integer(1, values.UINT_MAX)


def process(name: str) -> Table:
    """Return the directives that say how one of keepalived's processes is scheduled."""
    return {
        f"{name}_priority": one(values.integer(-20, 19)),
        f"{name}_no_swap": on(),
        f"{name}_rt_priority": one(values.integer(1, 99)),
        f"{name}_cpu_affinity": several(
            values.integer(0, 8191), words
        ),  # the kernel's NR_CPUS ends at 8192
        f"{name}_rlimit_rttime": one(values.integer(2, values.UINT_MAX)),
    }


def buffers(name: str) -> Table:
    """Return the directives of a netlink socket's receive buffer."""
    return {f"{name}_rcv_bufs": one(values.COUNT), f"{name}_rcv_bufs_force": on(switch)}


def _timeouts() -> Option:
    # LVS_MAX_TIMEOUT in keepalived: 31 days
    seconds = one(values.integer(0, 2678400))
    table = {"tcp": seconds, "tcpfin": seconds, "udp": seconds}
    return Option(group(table).read, lambda name, value: words(name, write_options(table, value)))


GLOBAL_DEFS: Table = {
    # mail
    "notification_email": several(values.mail),
    "notification_email_from": one(values.mail),
    "smtp_server": one(values.mail_server),
    "smtp_helo_name": one(values.name),
    "smtp_connect_timeout": one(values.integer(1, values.TIMER_MAX)),
    "smtp_alert": on(switch),
    "smtp_alert_vrrp": on(switch),
    "smtp_alert_checker": on(switch),
    "no_email_faults": on(),
    "no_checker_emails": on(switch),
    # the daemon itself
    "router_id": one(values.name),
    "process_names": on(),
    "process_name": one(values.name),
    "vrrp_process_name": one(values.name),
    "checker_process_name": one(values.name),
    "bfd_process_name": one(values.name),
    **process("vrrp"),
    **process("checker"),
    **process("bfd"),
    "max_auto_priority": one(values.integer(-1, 99)),
    "min_auto_priority_delay": one(values.integer(1, 10000000)),
    "umask": one(_umask),
    "random_seed": one(values.COUNT),
    "tmp_config_directory": one(values.path),
    "reload_check_config": bare(one(values.path)),
    "reload_time_file": one(values.path),
    "reload_repeat": on(),
    "reload_file": bare(one(values.path)),
    "data_use_instance": on(switch),
    # scripts
    "enable_script_security": on(),
    "script_user": one(user),
    "startup_script": script(),
    "startup_script_timeout": one(values.integer(1, 1000)),
    "shutdown_script": script(),
    "shutdown_script_timeout": one(values.integer(1, 1000)),
    "notify_fifo": one(values.line),
    "notify_fifo_script": script(),
    "vrrp_notify_fifo": one(values.line),
    "vrrp_notify_fifo_script": script(),
    "vrrp_notify_priority_changes": on(switch),
    "fifo_write_vrrp_states_on_reload": on(),
    "lvs_notify_fifo": one(values.line),
    "lvs_notify_fifo_script": script(),
    # VRRP
    "vrrp_startup_delay": one(values.TIME_ABOVE_0),
    "vrrp_mcast_group4": one(values.multicast(4)),
    "vrrp_mcast_group6": one(values.multicast(6)),
    "vrrp_skip_check_adv_addr": on(),
    "vrrp_strict": one(
        values.off("drops the traffic to the virtual addresses", "set it to false"), _strict
    ),
    "vrrp_check_unicast_src": on(),
    "vrrp_lower_prio_no_advert": on(switch),
    "vrrp_higher_prio_send_advert": on(switch),
    "vrrp_down_timer_adverts": one(values.integer(1, 100)),
    "vrrp_garp_master_delay": one(DELAY),
    "vrrp_garp_master_repeat": one(SOME),
    "vrrp_garp_master_refresh": one(values.COUNT),
    "vrrp_garp_master_refresh_repeat": one(SOME),
    "vrrp_garp_lower_prio_delay": one(DELAY),
    "vrrp_garp_lower_prio_repeat": one(values.integer(0, INT_MAX)),
    "vrrp_garp_interval": one(values.TIME, _interval),
    "vrrp_gna_interval": one(values.TIME, _interval),
    "vrrp_min_garp": on(switch),
    "vrrp_garp_extra_if": one(extra_if(1)),
    "dynamic_interfaces": bare(one(values.choice("option", "allow_if_changes"))),
    "default_interface": one(values.interface),
    "disable_local_igmp": on(),
    "log_unknown_vrids": on(),
    "vmac_prefix": one(values.interface),
    "vmac_addr_prefix": one(values.interface),
    "nftables": bare(one(values.interface)),
    "nftables_priority": one(values.integer(-(2**31), INT_MAX)),
    "nftables_counters": on(),
    "nftables_ifindex": on(),
    "vrrp_rx_bufs_policy": one(values.line),
    "vrrp_rx_bufs_multiplier": one(SOME),
    **buffers("vrrp_netlink_cmd"),
    **buffers("vrrp_netlink_monitor"),
    **buffers("process_monitor"),
    # IPVS
    "lvs_timeouts": _timeouts(),
    "lvs_flush": on(),
    "lvs_flush_on_stop": bare(one(values.choice("option", "VS"))),
    "checker_log_all_failures": on(switch),
    "rs_init_notifies": on(switch),
    "nftables_ipvs": bare(one(values.interface)),
    "nftables_ipvs_priority": one(values.integer(-(2**31), INT_MAX)),
    "nftables_ipvs_start_fwmark": one(SOME),
    **buffers("lvs_netlink_cmd"),
    **buffers("lvs_netlink_monitor"),
    # SNMP
    "snmp_socket": one(values.line),
    "enable_traps": on(),
    "enable_snmp_vrrp": on(),
    "enable_snmp_checker": on(),
    "enable_snmp_rfc": on(),
    "enable_snmp_rfcv2": on(),
    "enable_snmp_rfcv3": on(),
    # all that keepalived knows besides
    "raw": raw(),
}

_GARP_GROUP: Table = {
    # INT_MAX microseconds
    "garp_interval": one(values.seconds("0", "2147", "0.001")),
    "gna_interval": one(values.seconds("0", "2147", "0.001")),
    "interface": one(values.interface),
    "interfaces": several(values.interface),
}
# What stands beside the sections, each as a variable of its own: lvs_ and the word
ROOT: Table = {
    "child_wait_time": one(values.COUNT),
    "garp_group": groups(_GARP_GROUP),
    "linkbeat_interfaces": several(values.line),
    "interface_up_down_delays": several(values.line),
    # of the directors themselves: they stay where the addresses go
    "static_routes": several(values.line),
    "static_rules": several(values.line),
}

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directives of global_defs, in the order in which they are written."""

from __future__ import annotations

from . import syntax, values
from .options import Option, Table, groups, on, one, several, switch, word


def _strict(name: str, value: object) -> list[str]:  # noqa: ARG001 - as every writer
    """Say why it is off: it can only be."""
    return [f"! {name} is off: on, it drops the packets for every virtual address"]


def _interval(name: str, value: object) -> list[str]:
    """Write a zero as a comment: keepalived 2.2 refuses it, and it means what silence means."""
    return word(name if value else f"! {name}", value)


# the bounds of keepalived's own types, which it names in its messages
INT_MAX = 2**31 - 1
UINT_MAX = 2**32 - 1
# keepalived.conf(5): its timers end at 4294 s (UINT_MAX microseconds)
TIMER_MAX = 4294
_INTERVAL = values.seconds("0", "4294", "0.001")
_DELAY = values.integer(0, TIMER_MAX)
_COUNT = values.integer(1, UINT_MAX)
_BYTES = values.integer(0, UINT_MAX)


def process(name: str) -> Table:
    """Return the directives that say how one of keepalived's processes is scheduled."""
    return {
        f"{name}_priority": one(values.integer(-20, 19)),
        f"{name}_no_swap": on(),
        f"{name}_rt_priority": one(values.integer(1, 99)),
        f"{name}_cpu_affinity": syntax.numbers(0, 8191),  # the kernel's NR_CPUS ends at 8192
        f"{name}_rlimit_rttime": one(values.integer(2, UINT_MAX)),
    }


def buffers(name: str) -> Table:
    """Return the directives of a netlink socket's receive buffer."""
    return {f"{name}_rcv_bufs": one(_BYTES), f"{name}_rcv_bufs_force": on(switch)}


def _timeouts() -> Option:
    # LVS_MAX_TIMEOUT in keepalived: 31 days
    seconds = one(values.integer(0, 2678400))
    return syntax.pairs({"tcp": seconds, "tcpfin": seconds, "udp": seconds})


GLOBAL_DEFS: Table = {
    # mail
    "notification_email": several(values.mail),
    "notification_email_from": one(values.mail),
    "smtp_server": one(values.mail_server),
    "smtp_helo_name": one(values.name),
    "smtp_connect_timeout": one(values.integer(1, TIMER_MAX)),
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
    "umask": one(syntax.umask),
    "random_seed": one(_BYTES),
    "tmp_config_directory": one(syntax.path),
    "reload_check_config": syntax.optional(syntax.path),
    "reload_time_file": one(syntax.path),
    "reload_repeat": on(),
    "reload_file": syntax.optional(syntax.path),
    "data_use_instance": on(switch),
    # scripts
    "enable_script_security": on(),
    "script_user": one(syntax.user),
    "startup_script": syntax.script(),
    "startup_script_timeout": one(values.integer(1, 1000)),
    "shutdown_script": syntax.script(),
    "shutdown_script_timeout": one(values.integer(1, 1000)),
    "notify_fifo": one(syntax.line),
    "notify_fifo_script": syntax.script(),
    "vrrp_notify_fifo": one(syntax.line),
    "vrrp_notify_fifo_script": syntax.script(),
    "vrrp_notify_priority_changes": on(switch),
    "fifo_write_vrrp_states_on_reload": on(),
    "lvs_notify_fifo": one(syntax.line),
    "lvs_notify_fifo_script": syntax.script(),
    # VRRP
    "vrrp_startup_delay": one(values.seconds("0.001", "4294", "0.001")),
    "vrrp_mcast_group4": one(values.multicast(4)),
    "vrrp_mcast_group6": one(values.multicast(6)),
    "vrrp_skip_check_adv_addr": on(),
    "vrrp_strict": on(_strict),
    "vrrp_check_unicast_src": on(),
    "vrrp_lower_prio_no_advert": on(switch),
    "vrrp_higher_prio_send_advert": on(switch),
    "vrrp_down_timer_adverts": one(values.integer(1, 100)),
    "vrrp_garp_master_delay": one(_DELAY),
    "vrrp_garp_master_repeat": one(_COUNT),
    "vrrp_garp_master_refresh": one(_BYTES),
    "vrrp_garp_master_refresh_repeat": one(_COUNT),
    "vrrp_garp_lower_prio_delay": one(_DELAY),
    "vrrp_garp_lower_prio_repeat": one(values.integer(0, INT_MAX)),
    "vrrp_garp_interval": one(_INTERVAL, _interval),
    "vrrp_gna_interval": one(_INTERVAL, _interval),
    "vrrp_min_garp": on(switch),
    "vrrp_garp_extra_if": one(syntax.extra_if(1)),
    "dynamic_interfaces": syntax.optional(values.choice("option", "allow_if_changes")),
    "default_interface": one(values.interface),
    "disable_local_igmp": on(),
    "log_unknown_vrids": on(),
    "vmac_prefix": one(values.interface),
    "vmac_addr_prefix": one(values.interface),
    "nftables": syntax.optional(values.interface),
    "nftables_priority": one(values.integer(-(2**31), INT_MAX)),
    "nftables_counters": on(),
    "nftables_ifindex": on(),
    "vrrp_rx_bufs_policy": one(syntax.line),
    "vrrp_rx_bufs_multiplier": one(_COUNT),
    **buffers("vrrp_netlink_cmd"),
    **buffers("vrrp_netlink_monitor"),
    **buffers("process_monitor"),
    # IPVS
    "lvs_timeouts": _timeouts(),
    "lvs_flush": on(),
    "lvs_flush_on_stop": syntax.optional(values.choice("option", "VS")),
    "checker_log_all_failures": on(switch),
    "rs_init_notifies": on(switch),
    "nftables_ipvs": syntax.optional(values.interface),
    "nftables_ipvs_priority": one(values.integer(-(2**31), INT_MAX)),
    "nftables_ipvs_start_fwmark": one(_COUNT),
    **buffers("lvs_netlink_cmd"),
    **buffers("lvs_netlink_monitor"),
    # SNMP
    "snmp_socket": one(syntax.line),
    "enable_traps": on(),
    "enable_snmp_vrrp": on(),
    "enable_snmp_checker": on(),
    "enable_snmp_rfc": on(),
    "enable_snmp_rfcv2": on(),
    "enable_snmp_rfcv3": on(),
    # all that keepalived knows besides
    "raw": syntax.raw(),
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
    "child_wait_time": one(values.integer(0, UINT_MAX)),
    "garp_group": groups(_GARP_GROUP),
    "linkbeat_interfaces": several(syntax.line),
    "interface_up_down_delays": several(syntax.line),
    # of the directors themselves: they stay where the addresses go
    "static_routes": several(syntax.line),
    "static_rules": several(syntax.line),
}

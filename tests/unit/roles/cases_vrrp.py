# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters that together say every directive of global_defs and of VRRP's sections."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    reference,
)

INSTANCE = "lvs_vrrp_instances.0"
# what is neither a directory nor a file on any host: keepalived -t asks for none of them
NOTIFY = ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify")
PROCESSES = ("vrrp", "checker", "bfd")
BUFFERS = (
    *("vrrp_netlink_cmd", "vrrp_netlink_monitor", "process_monitor"),
    *("lvs_netlink_cmd", "lvs_netlink_monitor"),
)


def _second(**more: object) -> dict[str, Any]:
    return {
        "name": "VI_2",
        "virtual_router_id": 52,
        "virtual_ipaddress": ["172.25.0.101"],
        **more,
    }


def _with(*changes: tuple[str, object], profile: str = "fast") -> dict[str, Any]:
    return changed({**reference(), "lvs_profile": profile}, *changes)


def _said(**more: object) -> list[tuple[str, object]]:
    return [(f"{INSTANCE}.{key}", value) for key, value in more.items()]


_TRACKED = [
    (
        "lvs_vrrp_scripts",
        [{"name": "up", "script": "/bin/true"}, {"name": "x", "script": "/bin/false"}],
    ),
    ("lvs_track_processes", [{"name": "web", "process": "nginx"}]),
    ("lvs_track_files", [{"name": "drain", "file": "/run/drain"}]),
    ("lvs_bfd_instances", [{"name": "router", "neighbor_ip": "172.25.0.254"}]),
]
_TRACK = {
    "track_interface": ["eth1"],
    "track_script": ["up", {"name": "x", "weight": -20, "reverse": True}],
    "track_process": [{"name": "web", "weight": 254, "reverse": False}],
    "track_file": [{"name": "drain", "weight": -254}],
    "track_bfd": [{"name": "router", "weight": 253}],
}

VRRP_CASES: dict[str, dict[str, Any]] = {
    "every global directive": _with(
        (
            "lvs_global_defs",
            {
                "notification_email": ["root@localhost"],
                "notification_email_from": "keepalived@localhost",
                "smtp_server": "127.0.0.1",
                "smtp_helo_name": "lb1.example.org",
                "smtp_connect_timeout": 30,
                "smtp_alert": True,
                "smtp_alert_vrrp": False,
                "smtp_alert_checker": True,
                "no_email_faults": True,
                "no_checker_emails": True,
                "router_id": "LVS_1",
                "process_names": True,
                "process_name": "lvs",
                "vrrp_process_name": "lvs_vrrp",
                "checker_process_name": "lvs_check",
                "bfd_process_name": "lvs_bfd",
                **{f"{process}_priority": -20 for process in PROCESSES},
                **{f"{process}_no_swap": True for process in PROCESSES},
                **{f"{process}_rt_priority": 50 for process in PROCESSES},
                **{f"{process}_cpu_affinity": [0] for process in PROCESSES},
                **{f"{process}_rlimit_rttime": 10000 for process in PROCESSES},
                "max_auto_priority": -1,
                "min_auto_priority_delay": 10000000,
                "umask": "IWGRP|IWOTH",
                "random_seed": 7,
                "tmp_config_directory": "/tmp",  # noqa: S108 - it must be writable
                "reload_check_config": "/var/log/keepalived-reload.log",
                "reload_time_file": "/etc/keepalived/reload-at",
                "reload_repeat": True,
                "reload_file": True,
                "data_use_instance": True,
                "vrrp_startup_delay": 5.5,
                "vrrp_mcast_group4": "224.0.0.18",
                "vrrp_mcast_group6": "FF02:0::12",
                "vrrp_skip_check_adv_addr": True,
                "vrrp_strict": False,
                "vrrp_check_unicast_src": True,
                "vrrp_lower_prio_no_advert": True,
                "vrrp_higher_prio_send_advert": True,
                "vrrp_down_timer_adverts": 3,
                "vrrp_garp_master_delay": 1,
                "vrrp_garp_master_repeat": 5,
                "vrrp_garp_master_refresh": 4294967295,
                "vrrp_garp_master_refresh_repeat": 2,
                "vrrp_garp_lower_prio_delay": 1,
                "vrrp_garp_lower_prio_repeat": 2147483647,
                "vrrp_garp_interval": 0.001,
                "vrrp_gna_interval": 0.001,
                "vrrp_min_garp": False,
                "vrrp_garp_extra_if": "all 100",
                "dynamic_interfaces": "allow_if_changes",
                "default_interface": "eth0",
                "disable_local_igmp": True,
                "log_unknown_vrids": True,
                "vmac_prefix": "vm",
                "vmac_addr_prefix": "vma",
                "nftables": "lvs_vrrp",
                "nftables_priority": -1,
                "nftables_counters": True,
                "nftables_ifindex": True,
                "vrrp_rx_bufs_policy": "MTU",
                "vrrp_rx_bufs_multiplier": 3,
                **{f"{name}_rcv_bufs": 500000 for name in BUFFERS},
                **{f"{name}_rcv_bufs_force": True for name in BUFFERS},
                "lvs_timeouts": {"tcp": 900, "tcpfin": 120, "udp": 300},
                "lvs_flush": True,
                "lvs_flush_on_stop": "VS",
                "checker_log_all_failures": True,
                "rs_init_notifies": True,
                "nftables_ipvs": True,
                "nftables_ipvs_priority": -2147483648,
                "nftables_ipvs_start_fwmark": 1000,
                "snmp_socket": "udp:192.0.2.1:705",
                "enable_traps": True,
                "enable_snmp_vrrp": True,
                "enable_snmp_checker": True,
                "enable_snmp_rfc": True,
                "enable_snmp_rfcv2": True,
                "enable_snmp_rfcv3": True,
                "raw": "# a comment\nvrrp_version 3\n",
            },
        )
    ),
    "scripts of the daemon": _with(
        (
            "lvs_global_defs",
            {
                "startup_script": "/bin/true 'with a blank' and-without",
                "startup_script_timeout": 1,
                "shutdown_script": {"script": "/bin/true", "user": "root root"},
                "shutdown_script_timeout": 1000,
                "notify_fifo": "/run/keepalived.fifo root root",
                "notify_fifo_script": "/bin/true {} !#~@",
                "vrrp_notify_fifo": "/run/keepalived-vrrp.fifo",
                "vrrp_notify_fifo_script": "/bin/true",
                "vrrp_notify_priority_changes": True,
                "fifo_write_vrrp_states_on_reload": True,
                "lvs_notify_fifo": "/run/keepalived-lvs.fifo",
                "lvs_notify_fifo_script": "/bin/true",
            },
        )
    ),
    "every directive of an instance": _with(
        *_TRACKED,
        *_said(
            down_timer_adverts=3,
            garp_master_delay=1,
            garp_master_repeat=5,
            garp_master_refresh=60,
            garp_master_refresh_repeat=2,
            garp_lower_prio_delay=1,
            garp_lower_prio_repeat=5,
            garp_extra_if="all 100",
            lower_prio_no_advert=True,
            higher_prio_send_advert=True,
            skip_check_adv_addr=True,
            strict_mode=False,
            accept=True,
            no_accept=False,
            dont_track_primary=True,
            track_src_ip=True,
            promote_secondaries=True,
            kernel_rx_buf_size=65536,
            preempt=True,
            preempt_delay=1000,
            unicast_peer=["172.25.0.99"],
            check_unicast_src=True,
            unicast_ttl=255,
            unicast_fault_no_peer=True,
            old_unicast_checksum="never",
            min_ttl=255,
            max_ttl=255,
            virtual_ipaddress_excluded=["172.25.0.102/32", "172.25.0.103"],
            virtual_routes=["198.51.100.0/24 via 172.25.0.254 dev eth0 no_track"],
            virtual_rules=["from 172.25.0.100/32 table 100 preference 39"],
            **_TRACK,
            **{key: {"script": "/bin/true 'VI 1'", "user": "root"} for key in NOTIFY},
            notify_deleted=True,
            notify_master_rx_lower_pri="/bin/true",
            notify_priority_changes=True,
            smtp_alert=True,
            raw='! said by hand\nnotify_deleted "/bin/true }"\n',
        ),
        (f"{INSTANCE}.notify_deleted", None),
    ),
    "the old one was deleted": _with(*_said(notify_deleted="/bin/true")),
    "multicast": _with(
        *_said(unicast=False, mcast_src_ip=True, mcast_dst_ip="224.0.0.19", state="MASTER"),
    ),
    "nobody is preempted": _with(*_said(nopreempt=True)),
    "virtual MAC": _with(
        *_said(use_vmac="vrrp.51", use_vmac_addr=True, vmac_xmit_base=True),
        ("lvs_global_defs", {"dynamic_interfaces": True, "nftables": True}),
    ),
    "ipvlan": _with(*_said(use_ipvlan="ipvl51 172.25.0.51 bridge", unicast=False)),
    "IPv6 said twice": _with(
        ("lvs_networks", ["172.25.0.0/24", "2001:db8::/64"]),
        (
            "lvs_vrrp_instances.1",
            _second(
                virtual_ipaddress=["2001:db8::100"],
                virtual_ipaddress_excluded=["2001:db8::101", "172.25.0.104"],
                native_ipv6=True,
            ),
        ),
    ),
    "every directive beside an instance": _with(
        (
            "lvs_vrrp_scripts",
            [
                {
                    "name": "up",
                    "script": "/bin/true 'a b' {c} #d",
                    "interval": 2,
                    "timeout": 3,
                    "weight": "-20 reverse",
                    "rise": 2,
                    "fall": 3,
                    "user": "nobody",
                    "init_fail": True,
                }
            ],
        ),
        (
            "lvs_track_processes",
            [
                {
                    "name": "web",
                    "process": "nginx -g daemon",
                    "param_match": "initial",
                    "weight": 254,
                    "quorum": 1,
                    "quorum_max": 9,
                    "delay": 0.5,
                    "full_command": True,
                },
                {"name": "app", "process": "a.out", "fork_delay": 1, "terminate_delay": 3600},
            ],
        ),
        (
            "lvs_track_files",
            [{"name": "drain", "file": "/run/drain", "weight": 1, "init_file": "0 overwrite"}],
        ),
        (
            "lvs_bfd_instances",
            [
                {
                    "name": "router",
                    "neighbor_ip": "172.25.0.254",
                    "min_rx": 10.5,
                    "min_tx": 10,
                    "idle_tx": 1000,
                    "multiplier": 5,
                    "passive": True,
                    "ttl": 255,
                    "max_hops": 0,
                    "weight": -253,
                    "vrrp": True,
                    "checker": True,
                },
                {"name": "far", "neighbor_ip": "198.51.100.1", "passive": True},
            ],
        ),
        *_said(**{**_TRACK, "track_script": ["up"]}),
    ),
    "instances that move together": _with(
        *_TRACKED,
        ("lvs_vrrp_instances.1", _second()),
        (
            "lvs_vrrp_sync_groups",
            [
                {
                    "name": "VG_1",
                    "group": ["VI_1", "VI_2"],
                    **_TRACK,
                    **dict.fromkeys(NOTIFY, "/bin/true"),
                    "notify_priority_changes": True,
                    "smtp_alert": False,
                    "sync_group_tracking_weight": True,
                    "raw": "# by hand",
                }
            ],
        ),
    ),
    "connections told on another way": _with(
        ("lvs_vrrp_instances.1", _second(track_interface=["eth1"])),
        (
            "lvs_sync_daemon",
            {
                "instance": "VI_2",
                "interface": "eth1",
                "id": 0,
                "maxlen": 1400,
                "port": 8849,
                "ttl": 1,
                "group": "ff02::81",
            },
        ),
    ),
    "classic with connections told": _with(("lvs_sync_daemon", {}), profile="classic"),
    "beside the sections": _with(
        ("lvs_child_wait_time", 20),
        (
            "lvs_garp_group",
            [
                {"garp_interval": 0.5, "gna_interval": 0, "interface": "eth0"},
                {"garp_interval": 0.001, "interfaces": ["eth1"]},
            ],
        ),
        ("lvs_linkbeat_interfaces", ["eth0", "eth1 ETHTOOL"]),
        ("lvs_interface_up_down_delays", ["eth0 0.5 1"]),
        ("lvs_static_routes", ["198.51.100.0/24 via 172.25.0.254 dev eth0"]),
        ("lvs_static_rules", ["from 198.51.100.0/24 table 1 preference 40"]),
    ),
}

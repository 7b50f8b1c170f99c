# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters whose services say what they can."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    reference,
)

VIPS = ["172.25.0.100", "172.25.0.101", "172.25.0.102"]
VIPS6 = ["2001:db8::100", "2001:db8::101"]
WEB = {"address": VIPS[0], "port": 80}
CONNECTION = {
    "connect_ip": "172.25.0.99",
    "connect_port": 8080,
    "bindto": "172.25.0.98",
    "bind_port": 1023,
    "bind_if": "eth0",
    "fwmark": 4294967295,
    "connect_timeout": 0.5,
    "retry": 0,
    "delay_before_retry": 0.25,
    "delay_loop": 0.5,
    "warmup": 0,
    "alpha": False,
    "log_all_failures": True,
}
TURNS = {key: CONNECTION[key] for key in [*CONNECTION][7:]}
URLS = [
    {
        "path": "/health?a=1&b=2#top",
        "status_code": [200, "300-302"],
        "digest": "9B3A0C85A887A256D6939DA88AABD8CD",
        "virtualhost": "www.example.org",
        "regex": '^"O\\s?K" {2} # ! $HOME \u00e4$',
        "regex_no_match": True,
        "regex_options": ["caseless", "dotall"],
        "regex_stack": [32768, 65536],
        "regex_min_offset": 0,
        "regex_max_offset": 1000,
    },
    {"path": "/", "status_code": 204},
]
HTTP = {**CONNECTION, "http_protocol": 1.1, "virtualhost": "www.example.org", "fast_recovery": True}
# each with all that it can say; FILE_CHECK and BFD_CHECK name what stands elsewhere
CHECKS: dict[str, dict[str, Any]] = {
    "TCP_CHECK": CONNECTION,
    "HTTP_GET": {**HTTP, "url": URLS},
    "SSL_GET": {**HTTP, "enable_sni": True, "url": URLS},
    "SMTP_CHECK": {**CONNECTION, "helo_name": "mail.example.org"},
    "DNS_CHECK": {**CONNECTION, "dns_type": "aaaa", "name": "www.example.org"},
    "UDP_CHECK": {
        **CONNECTION,
        "payload": "01 aF 3",
        "require_reply": "01 Xf xX",
        "min_reply_length": 1,
        "max_reply_length": 65535,
    },
    "PING_CHECK": CONNECTION,
}
MISC = {
    **TURNS,
    "misc_path": ["/bin/true", "--text", "it's # {not} $HOME !", '"', "a\nb"],
    "misc_timeout": 5,
    "misc_dynamic": True,
    "user": "root root",
}
EVERYTHING = {
    **WEB,
    "name": "everything",
    "lb_algo": "sh",
    "sh-port": True,
    "sh-fallback": True,
    "delay_loop": 2,
    "connect_timeout": 1,
    "retry": 2,
    "delay_before_retry": 0.5,
    "warmup": 0.1,
    "persistence_timeout": 300,
    "persistence_granularity": "255.255.255.0",
    "ha_suspend": True,
    "alpha": True,
    "omega": True,
    "inhibit_on_failure": True,
    "quorum": 2,
    "hysteresis": 1,
    "smtp_alert": False,
    "virtualhost": "www.example.org",
    "snmp_name": "the web, # 1 { of } 2 !",
    "raw": "# said by hand\nsmtp_alert false\n",
    "weight": 2,
    "sorry_server": {"address": "172.25.0.99", "inhibit": True},
    "real_servers": [
        {
            "host": "server12",
            "weight": 65535,
            "uthreshold": 100,
            "lthreshold": 90,
            "inhibit_on_failure": False,
            "alpha": False,
            "delay_loop": 3,
            "connect_timeout": 2,
            "retry": 1,
            "delay_before_retry": 0,
            "warmup": 0,
            "smtp_alert": True,
            "virtualhost": "one.example.org",
            "snmp_name": "first",
            "raw": "TCP_CHECK {\n    connect_port 81\n}\n",
            "checks": [{"type": "TCP_CHECK"}, {"type": "HTTP_GET", "url": [{"path": "/"}]}],
        },
        {"host": "server13", "check": {"type": "NONE"}},
    ],
}
SCRIPTS = {
    **WEB,
    "quorum_up": "/bin/true 'a b' c",
    "quorum_down": {"script": ["/bin/false", "a b", "it's"], "user": "root root"},
    "check": {"type": "MISC_CHECK", **MISC},
    "real_servers": [
        {"host": "server12", "notify_up": "/bin/true", "notify_down": ["/bin/true", "down"]}
    ],
}


def _with(*services: dict[str, Any]) -> dict[str, Any]:
    instances = [
        {"name": "VI_1", "virtual_router_id": 51, "virtual_ipaddress": [*VIPS]},
        {"name": "VI_6", "virtual_router_id": 52, "virtual_ipaddress": [*VIPS6]},
    ]
    return changed(
        reference(),
        ("lvs_networks", ["172.25.0.0/24", "2001:db8::/64"]),
        ("lvs_vrrp_instances", instances),
        ("lvs_virtual_servers", list(services)),
    )


CASES = {
    "a service that says everything": _with(EVERYTHING),
    **{
        f"a {kind} that says everything": _with({**WEB, "check": {"type": kind, **said}})
        for kind, said in CHECKS.items()
    },
    "checks that say nothing": _with(
        *(
            {
                **WEB,
                "port": port,
                "check": {"type": kind, **({"url": [{"path": "/"}]} if "GET" in kind else {})},
            }
            for port, kind in enumerate(CHECKS, start=80)
        )
    ),
    "several checks": _with(
        {**WEB, "checks": [{"type": "PING_CHECK"}, {"type": "TCP_CHECK", "connect_port": 22}]}
    ),
    "flags": _with(
        {**WEB, "lb_algo": "mh", "mh-port": True, "mh-fallback": True},
        {**WEB, "port": 81, "flag-1": True, "flag-2": True, "flag-3": False},
        {**WEB, "port": 53, "protocol": "udp", "ops": True},
    ),
    "calls of SIP": _with(
        {
            **WEB,
            "port": 5060,
            "protocol": "udp",
            "persistence_timeout": 60,
            "persistence_engine": "sip",
        }
    ),
    "a mark": _with(
        {"fwmark": 1, "addresses": [*VIPS], "check": {"type": "TCP_CHECK", "connect_port": 80}},
        {
            "fwmark": 1,
            "addresses": [*VIPS6],
            "persistence_timeout": 9,
            "persistence_granularity": 64,
        },
        {"fwmark": 4294967295, "family": "inet6", "lb_kind": "NAT", "ops": True},
    ),
    "a group of one port": _with(
        {
            "name": "web",
            "group": [
                {"address": VIPS[0], "port": 80},
                {"address": VIPS[1], "last_address": VIPS[2], "port": 80},
            ],
            "sorry_server": {"address": "172.25.0.99"},
        }
    ),
    "a group of everything": _with(
        {
            "name": "web",
            "group": [{"address": VIPS[0], "port": port} for port in (80, 443)] + [{"fwmark": 7}],
            "check": {"connect_port": 80},
        },
        {
            "name": "web6",
            "group": [{"address": VIPS6[0], "last_address": VIPS6[1], "port": 443}],
            "lb_kind": "NAT",
        },
        {"name": "marks", "group": [{"fwmark": 8}, {"fwmark": 9}], "addresses": [VIPS[1]]},
    ),
    "a forward method of each": _with(
        {
            **WEB,
            "real_servers": [
                {"host": "server12", "lb_kind": "NAT", "port": 8080},
                {"host": "server13", "lb_kind": "TUN"},
                {"address": "172.25.0.31", "lb_kind": "TUN", "tunnel": {"type": "ipip"}},
                {"address": "172.25.0.32", "lb_kind": "TUN", "tunnel": {"type": "gre"}},
                {
                    "address": "172.25.0.33",
                    "lb_kind": "TUN",
                    "tunnel": {"type": "gue", "port": 6080, "checksum": "remcsum"},
                },
            ],
            "sorry_server": {"address": "172.25.0.34", "lb_kind": "NAT", "port": 81},
        },
        {
            **WEB,
            "port": 81,
            "lb_kind": "TUN",
            "tunnel": {"type": "gre", "checksum": "csum"},
            "real_servers": [{"host": "server12"}, {"host": "server13", "lb_kind": "DR"}],
        },
    ),
    "scripts": _with(SCRIPTS),
    "files and sessions": changed(
        _with(
            {
                **WEB,
                "checks": [
                    {"type": "FILE_CHECK", "track_file": "load", "weight": "-65535 reverse"},
                    {"type": "FILE_CHECK", "track_file": "more"},
                ],
                "real_servers": [
                    {
                        "host": "server12",
                        "check": {"type": "BFD_CHECK", "name": "b", "alpha": True},
                    },
                    {"host": "server13"},
                ],
            }
        ),
        (
            "lvs_track_files",
            [{"name": name, "file": f"/run/{name}"} for name in ("load", "more")],
        ),
        ("lvs_bfd_instances", [{"name": "b", "neighbor_ip": "172.25.0.12"}]),
    ),
    "a granularity of IPv6": _with(
        {
            "address": VIPS6[0],
            "port": 80,
            "persistence_timeout": 60,
            "persistence_granularity": 64,
        }
    ),
}

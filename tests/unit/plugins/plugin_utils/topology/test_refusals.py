# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused: a row per refusal, with the exact path and the words that matter."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import (
    KNOWN_VARIABLES,
    Unresolved,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    GONE,
    changed,
    dual,
    inventory,
    problems,
    reference,
)

V = "lvs_virtual_servers"
I = "lvs_vrrp_instances"  # noqa: E741 - short beside V, for the table's sake
G = "lvs_global_defs"

# place of the change, value, path in the message (None: the place), words of the message
VALUES: list[tuple[str, object, str | None, list[str]]] = [
    # shapes
    ("lvs_networks", "172.25.0.0/24", None, ["is not a list", "after a dash"]),
    ("lvs_networks", {"a": 1}, None, ["a dictionary is not a list"]),
    ("lvs_networks", None, None, ["null is not a list"]),
    ("lvs_networks", [], None, ["empty", "subnets in CIDR form"]),
    ("lvs_networks", GONE, None, ["missing", "subnets in CIDR form"]),
    (I, "VI_1", None, ["VI_1 is not a list"]),
    (I, [], None, ["empty", "move as one"]),
    (I, GONE, None, ["missing", "move as one"]),
    (f"{I}.0", ["VI_1"], None, ["a list is not a dictionary", "key: value"]),
    (f"{I}.0.virtual_ipaddress", "172.25.0.100", None, ["is not a list"]),
    (f"{I}.0.virtual_ipaddress", [], None, ["empty", "list the virtual addresses"]),
    (f"{I}.0.virtual_ipaddress", GONE, None, ["missing", "list the virtual addresses"]),
    (f"{I}.0.virtual_ipaddress.0", {"address": "172.25.0.100"}, None, ["is not a string"]),
    (f"{I}.0.priorities", [100, 50], None, ["a list is not a dictionary"]),
    (V, {"address": "172.25.0.100"}, None, ["a dictionary is not a list"]),
    (V, [], None, ["empty", "clients may connect to"]),
    (V, GONE, None, ["missing", "clients may connect to"]),
    (f"{V}.0", "172.25.0.100:80", None, ["is not a dictionary"]),
    (f"{V}.0.check", "TCP_CHECK", None, ["TCP_CHECK is not a dictionary"]),
    (f"{V}.0.real_servers", {"host": "server12"}, None, ["a dictionary is not a list"]),
    (f"{V}.0.real_servers", None, None, ["null is not a list"]),
    (f"{V}.0.real_servers", [], None, ["empty", "take the whole group"]),
    (f"{V}.0.real_servers.0", "server12", None, ["server12 is not a dictionary"]),
    (G, ["router_id"], None, ["a list is not a dictionary"]),
    (f"{G}.notification_email", "root@localhost", None, ["is not a list"]),
    # unknown keys
    (f"{I}.0.virtual_routerid", 1, None, ["unknown key; did you mean virtual_router_id?"]),
    (f"{I}.0.zzz", 1, None, ["unknown key; the folder docs lists all "]),
    (f"{I}.0.garp", 1, None, ["unknown key; the nearest are garp_extra_if, accept; the folder"]),
    (f"{I}.0.priorities.server41", 1, None, ["unknown director; did you mean server14?"]),
    (f"{V}.0.adress", 1, None, ["unknown key; did you mean address?"]),
    (f"{V}.0.check.conect_timeout", 1, None, ["unknown key; did you mean connect_timeout?"]),
    (f"{V}.0.real_servers.0.wieght", 1, None, ["unknown key; did you mean weight?"]),
    (f"{G}.routerid", 1, None, ["unknown key; did you mean router_id?"]),
    (
        f"{V}.0",
        {"address": "172.25.0.100", "port": 80, None: 1},
        f"{V}[0].None",
        ["unknown key; "],
    ),
    # missing
    (f"{I}.0.name", GONE, None, ["missing", "VI_1"]),
    (f"{I}.0.virtual_router_id", GONE, None, ["missing", "1 to 255"]),
    (f"{I}.0.priorities.server14", GONE, None, ["missing", "every director"]),
    (f"{V}.0.address", GONE, None, ["missing", "virtual address"]),
    (f"{V}.0.port", GONE, None, ["missing", "port clients connect to"]),
    (
        f"{V}.0.real_servers.0.host",
        GONE,
        f"{V}[0].real_servers[0]",
        ["neither host nor address given"],
    ),
    (
        f"{V}.0.real_servers.0.address",
        "172.25.0.12",
        f"{V}[0].real_servers[0]",
        ["both host and address given"],
    ),
    # words
    ("lvs_profile", "clasic", None, ["clasic is no profile; did you mean classic?"]),
    ("lvs_profile", None, None, ["null is no profile; use one of fast, classic"]),
    (f"{V}.0.protocol", "tpc", None, ["tpc is no protocol; did you mean tcp?"]),
    (f"{V}.0.lb_algo", "wr", None, ["wr is no scheduler; did you mean wrr?"]),
    (
        f"{V}.0.lb_algo",
        "roundrobin",
        None,
        ["use one of rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos"],
    ),
    (f"{V}.0.lb_algo", None, None, ["null is no scheduler"]),
    (f"{V}.0.lb_kind", "dnat", None, ["dnat is no forward method; did you mean NAT?"]),
    (f"{V}.0.lb_kind", "route", None, ["use one of DR, TUN, NAT"]),
    (f"{V}.0.check.type", "HTTP", None, ["HTTP is no check; did you mean HTTP_GET?"]),
    # integers
    (f"{V}.0.port", 0, None, ["0 is outside 1-65535", "from 1 to 65535"]),
    (f"{V}.0.port", 65536, None, ["65536 is outside 1-65535"]),
    (f"{V}.0.port", True, None, ["true is not an integer"]),
    (f"{V}.0.port", "http", None, ["http is not an integer"]),
    (f"{V}.0.port", "80 ", None, ["'80 ' is not an integer"]),
    (f"{V}.0.port", "0x50", None, ["0x50 is not an integer"]),
    (f"{V}.0.port", "080", None, ["080 is not an integer"]),
    (f"{V}.0.port", "٨٠", None, ["is not an integer"]),
    (f"{V}.0.port", "9" * 5000, None, ["99... is not an integer"]),
    (f"{V}.0.port", "x" * 60, None, [f"{'x' * 60} is not an integer"]),
    (f"{V}.0.port", "x" * 61, None, [f"{'x' * 57}... is not an integer"]),
    (f"{V}.0.port", 80.0, None, ["80.0 is not an integer"]),
    (f"{V}.0.port", None, None, ["null is not an integer"]),
    (f"{V}.0.real_servers.0.port", 70000, None, ["70000 is outside 1-65535"]),
    (f"{V}.0.real_servers.0.weight", 65536, None, ["65536 is outside 0-65535"]),
    (f"{V}.0.real_servers.0.weight", "-1", None, ["-1 is outside 0-65535"]),
    (f"{V}.0.real_servers.0.weight", False, None, ["false is not an integer"]),
    (f"{V}.0.persistence_timeout", 0, None, ["0 is outside 1-2678400"]),
    (f"{V}.0.persistence_timeout", 2678401, None, ["2678401 is outside 1-2678400"]),
    (f"{V}.0.check.retry", -1, None, ["-1 is outside 0-4294967295"]),
    (f"{V}.0.check.retry", 1.5, None, ["1.5 is not an integer"]),
    (f"{I}.0.virtual_router_id", 0, None, ["0 is outside 1-255"]),
    (f"{I}.0.virtual_router_id", 256, None, ["256 is outside 1-255"]),
    (f"{I}.0.virtual_router_id", True, None, ["true is not an integer"]),
    (f"{I}.0.priorities.server11", 0, None, ["0 is outside 1-254"]),
    (f"{I}.0.priorities.server11", 255, None, ["255 is outside 1-254"]),
    (f"{I}.1.version", 4, None, ["4 is outside 2-3"]),
    (f"{I}.0.garp_master_delay", 0.5, None, ["0.5 is not an integer"]),
    (f"{I}.0.garp_master_delay", 4295, None, ["4295 is outside 0-4294"]),
    (f"{G}.smtp_connect_timeout", 0, None, ["0 is outside 1-4294"]),
    # seconds
    (f"{V}.0.delay_loop", 0, None, ["0 is outside 0.001-4294", "in steps of 0.001"]),
    (f"{V}.0.delay_loop", -1, None, ["-1 is outside"]),
    (f"{V}.0.delay_loop", "6s", None, ["6s is not a number of seconds"]),
    (f"{V}.0.delay_loop", True, None, ["true is not a number of seconds"]),
    (f"{V}.0.delay_loop", float("nan"), None, ["nan is not a number"]),
    (f"{V}.0.delay_loop", float("inf"), None, ["inf is not a number"]),
    (f"{V}.0.delay_loop", 0.0005, None, ["0.0005 is outside"]),
    (f"{V}.0.delay_loop", 1.0005, None, ["1.0005 is finer than 0.001"]),
    (f"{V}.0.check.connect_timeout", 0, None, ["0 is outside 0.001-4294"]),
    (f"{V}.0.check.connect_timeout", 4295, None, ["4295 is outside"]),
    (f"{V}.0.check.delay_before_retry", -1, None, ["-1 is outside 0-4294"]),
    (f"{I}.0.preempt_delay", 1001, None, ["1001 is outside 0-1000"]),
    (f"{I}.0.advert_int", 0, None, ["0 is outside 1-255"]),
    (f"{I}.0.advert_int", 256, None, ["256 is outside 1-255"]),
    (f"{I}.0.advert_int", 1.5, None, ["1.5 is finer than 1"]),
    (f"{I}.1.advert_int", 0.001, None, ["0.001 is outside 0.01-40.95"]),
    (f"{I}.1.advert_int", 40.96, None, ["40.96 is outside 0.01-40.95"]),
    (f"{I}.1.advert_int", 0.015, None, ["0.015 is finer than 0.01"]),
    (f"{G}.vrrp_garp_interval", "often", None, ["often is not a number of seconds"]),
    (f"{G}.vrrp_gna_interval", -0.5, None, ["-0.5 is outside 0-4294"]),
    # booleans
    (f"{I}.0.unicast", "maybe", None, ["maybe is not a boolean", "true or false"]),
    (f"{I}.0.unicast", 1, None, ["1 is not a boolean"]),
    (f"{I}.0.unicast", None, None, ["null is not a boolean"]),
    (f"{I}.0.lower_prio_no_advert", "", None, ["'' is not a boolean"]),
    (f"{I}.0.higher_prio_send_advert", [], None, ["a list is not a boolean"]),
    ("lvs_demo_web", "perhaps", None, ["perhaps is not a boolean"]),
    (f"{G}.vrrp_skip_check_adv_addr", 0, None, ["0 is not a boolean"]),
    (f"{G}.vrrp_strict", True, None, ["true drops the traffic", "set it to false"]),
    (f"{G}.vrrp_strict", "true", None, ["true drops the traffic"]),
    # addresses
    (f"{V}.0.address", "172.25.0.300", None, ["172.25.0.300 is not an IP address"]),
    (f"{V}.0.address", "web.example.org", None, ["is not an IP address", "not a name"]),
    (f"{V}.0.address", "172.25.0.100/24", None, ["172.25.0.100/24 is not an IP address"]),
    (f"{V}.0.address", "172.025.0.100", None, ["is not an IP address"]),
    (f"{V}.0.address", "::ffff:172.25.0.100", None, ["write 172.25.0.100"]),
    (f"{V}.0.address", "fe80::1%eth0", None, ["is not an IP address"]),
    (f"{V}.0.address", "127.0.0.1", None, ["127.0.0.1 can't be one host's address"]),
    (f"{V}.0.address", "224.0.0.18", None, ["224.0.0.18 can't be one host's address"]),
    (f"{V}.0.address", "::", None, [":: can't be one host's address"]),
    (f"{V}.0.address", 2887319652, None, ["2887319652 is not a string"]),
    (f"{I}.0.virtual_ipaddress.0", "vip.example.org", None, ["is not an IP address"]),
    (f"{I}.0.virtual_ipaddress.0", "172.25.0.100/33", None, ["33 is outside 1-32"]),
    (f"{I}.0.virtual_ipaddress.0", "172.25.0.100/0", None, ["0 is outside 1-32"]),
    (f"{I}.0.virtual_ipaddress.0", "172.25.0.100/", None, ["'' is not an integer"]),
    (f"{I}.1.virtual_ipaddress.0", "2001:db8::100/129", None, ["129 is outside 1-128"]),
    (f"{V}.0.real_servers.0", {"address": "web1"}, f"{V}[0].real_servers[0].address", ["web1"]),
    ("lvs_networks.0", "172.25.0.0", None, ["172.25.0.0 has no prefix length"]),
    ("lvs_networks.0", "172.25.0.11/24", None, ["is a host in a subnet; write 172.25.0.0/24"]),
    ("lvs_networks.0", "lan/24", None, ["lan/24 is not a subnet"]),
    ("lvs_networks.0", "172.25.0.0/33", None, ["33 is outside 1-32"]),
    ("lvs_networks.0", "172.25.0.0/255.255.255.0", None, ["255.255.255.0 is not an integer"]),
    ("lvs_networks.0", 24, None, ["24 is not a string"]),
    ("lvs_networks.2", "172.25.0.0/25", None, ["172.25.0.0/25 overlaps 172.25.0.0/24"]),
    ("lvs_networks.2", "2001:db8::/32", None, ["2001:db8::/32 overlaps 2001:db8::/64"]),
    # strings that keepalived.conf would read differently
    *(
        (place, text, None, ["could change the meaning of keepalived.conf"])
        for place in (f"{I}.0.name", f"{V}.0.name", f"{G}.router_id")
        for text in (
            "a b",
            "a\nb",
            "a\tb",
            'a"b',
            "a'b",
            "a{b",
            "a}b",
            "a!b",
            "a#b",
            "a$b",
            "@a",
            "-a",
            "a\\b",
            "a;b",
            "ä",
            "a\n",
            "~SEQ(x)",
        )
    ),
    (f"{I}.0.name", 1, None, ["1 is not a string"]),
    *((f"{I}.0.{key}", "", None, ["'' is empty; give"]) for key in ("name", "interface")),
    (f"{G}.router_id", {}, None, ["a dictionary is not a string"]),
    (f"{V}.0.real_servers.0.host", "server12\n}", None, ["keepalived.conf"]),
    *(
        (f"{I}.0.interface", text, None, ["is no interface name", "such as eth0"])
        for text in ("eth 0", "eth0\n", "eth0{", "eth/0", "!eth0", "eth0#")
    ),
    (f"{I}.0.interface", "interface-name-16", None, ["is longer than 15 characters"]),
    (f"{I}.0.interface", "lo", None, ["lo never leaves the host"]),
    (f"{I}.0.interface", 0, None, ["0 is not a string"]),
    *(
        (place, text, None, ["is no mail address", "root@localhost"])
        for place in (f"{G}.notification_email.0", f"{G}.notification_email_from")
        for text in ("root", "a@b}", "a@b c", "a@b\n}", "a!@b", "$a@b", "@b", "#a@b")
    ),
    (f"{G}.notification_email_from", 1, None, ["1 is not a string"]),
    (f"{G}.smtp_server", "mx 25", None, ["is no mail server", "host name"]),
    (f"{G}.smtp_server", "mx}", None, ["mx} is no mail server"]),
    (f"{G}.smtp_server", 25, None, ["25 is not a string"]),
    # the password, never named
    ("lvs_auth_pass", "", None, ["the value has 0 characters", "1 to 8"]),
    ("lvs_auth_pass", "123456789", None, ["the value has 9 characters", "1 to 8"]),
    ("lvs_auth_pass", 1111, None, ["the value is not a string", "quotation marks"]),
    *(
        ("lvs_auth_pass", text, None, ["the value could change the meaning of keepalived.conf"])
        for text in ("a b", "a\nb", 'a"b', "a'b", "a{b", "a}b", "a!b", "a#b", "a$b", "@ab", "a\\b")
    ),
    # templates that failed
    ("lvs_networks.0", Unresolved("'x' is\nundefined"), None, ["('x' is undefined)", "define"]),
    (V, Unresolved("boom"), None, ["its template failed (boom)"]),
    (f"{V}.0.port", Unresolved("boom"), None, ["its template failed (boom)"]),
    ("lvs_auth_pass", Unresolved("not shown here"), None, ["failed (not shown here)"]),
]


def path_of(place: str) -> str:
    return "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in place.split("."))[1:]


@pytest.mark.parametrize(
    ("place", "value", "path", "words"),
    VALUES,
    ids=[f"{place}={str(value)[:20]!r}" for place, value, path, words in VALUES],
)
def test_one_bad_value_is_one_line(
    place: str, value: object, path: str | None, words: list[str]
) -> None:
    lines = problems(inventory(changed(dual(), (place, value))))
    assert len(lines) == 1, lines
    found, text = lines[0].split(": ", 1)
    assert found == (path or path_of(place))
    assert all(word in text for word in words), text
    assert any(mark in text for mark in ("; ", ", so ")), text


def test_the_starting_points_are_accepted() -> None:
    assert problems(inventory(reference())) == []
    assert problems(inventory(dual())) == []


@pytest.mark.parametrize("password", ["s3cr3t-long", "s{cr}t", "s3 t"])
def test_b51_the_password_is_in_no_message(password: str) -> None:
    lines = problems(
        inventory(
            changed(reference(), ("lvs_auth_pass", password)),
            {"server14": {"lvs_auth_pass": "oth3r"}},
        )
    )
    assert [line.split(":")[0] for line in lines] == [
        "hostvars[server14].lvs_auth_pass",
        "lvs_auth_pass",
        "lvs_auth_pass",
    ]
    assert not any(password in line or "oth3r" in line for line in lines)


# changes of the reference topology, changes of single hosts, the lines
RULES: dict[str, tuple[list[tuple[str, object]], dict[str, dict[str, Any]], list[str]]] = {
    "B4 VIP outside every subnet": (
        [(f"{I}.0.virtual_ipaddress.0", "172.25.9.100"), (f"{V}.0.address", "172.25.9.100")],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[0]: 172.25.9.100 is outside server11's subnet "
                f"172.25.0.0/24"
                " and those of 1 more; a director needs an address beside each virtual one, "
                "so pick an address of that subnet"
            ),
            (
                f"{V}[0].address: 172.25.9.100 is outside server12's subnet 172.25.0.0/24"
                " and those of 1 more; DR forwards at layer 2, so pick an address of that subnet"
            ),
        ],
    ),
    "B4 VIP in a subnet of one director only": (
        [
            ("lvs_networks.1", "172.25.9.0/24"),
            (f"{I}.0.virtual_ipaddress.1", "172.25.9.100"),
        ],
        {"server11": {"lvs_addresses": ["172.25.0.11", "172.25.9.11"]}},
        [
            (
                f"{I}[0].virtual_ipaddress[1]: 172.25.9.100 is outside server14's subnet"
                " 172.25.0.0/24; a director needs an address beside each virtual one, "
                "so pick an address of that subnet or add one of 172.25.9.0/24 to "
                "server14's lvs_addresses"
            ),
        ],
    ),
    "B12 DR real server in no subnet": (
        [],
        {"server13": {"lvs_addresses": ["10.9.9.13"]}},
        [
            (
                f"{V}[0].address: 172.25.0.100 is on none of server13's subnets; DR forwards at "
                "layer 2, so add one of 172.25.0.0/24 to server13's lvs_addresses"
            ),
        ],
    ),
    "B4 VIP and hosts in no subnet": (
        [("lvs_networks", ["10.1.0.0/16"])],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[0]: 172.25.0.100 is on none of server11's subnets and "
                f"those"
                " of 1 more; a director needs an address beside each virtual one, "
                "so list its subnet in lvs_networks and the hosts' addresses in it"
            ),
            (
                f"{V}[0].address: 172.25.0.100 is on none of server12's subnets and those of 1 "
                f"more; "
                "DR forwards at layer 2, so list its subnet in lvs_networks and the hosts' "
                "addresses"
                " in it"
            ),
        ],
    ),
    "B12 DR real server outside by address": (
        [(f"{V}.0.real_servers", [{"address": "10.9.9.9"}])],
        {},
        [
            (
                f"{V}[0].real_servers[0].address: 10.9.9.9 is outside 172.25.0.0/24, the subnet of "
                "172.25.0.100; DR forwards at layer 2, so give an address of that subnet or set "
                "lb_kind TUN"
            ),
        ],
    ),
    "B3 VIP is a director's address": (
        [(f"{I}.0.virtual_ipaddress.1", "172.25.0.14")],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[1]: 172.25.0.14 is server14's own address; "
                "pick one that no host owns"
            )
        ],
    ),
    "B3 VIP is a real server's address in another spelling": (
        [
            ("lvs_networks.1", "2001:db8::/64"),
            (f"{I}.0.virtual_ipaddress", ["2001:DB8:0:0::0012"]),
            (f"{V}.0.address", "2001:db8::12"),
        ],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[0]: 2001:db8::12 is server12's own address; "
                "pick one that no host owns"
            )
        ],
    ),
    "B4 network address": (
        [(f"{I}.0.virtual_ipaddress.1", "172.25.0.0")],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[1]: 172.25.0.0 is the network address of 172.25.0.0/24; "
                "pick an address inside 172.25.0.0/24"
            )
        ],
    ),
    "B4 broadcast address": (
        [(f"{I}.0.virtual_ipaddress.1", "172.25.0.255")],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[1]: 172.25.0.255 is the broadcast address of "
                "172.25.0.0/24; pick an address inside 172.25.0.0/24"
            )
        ],
    ),
    "B7 VIP twice in an instance": (
        [(f"{I}.0.virtual_ipaddress.1", "172.25.0.100/32")],
        {},
        [f"{I}[0].virtual_ipaddress[1]: 172.25.0.100 is in VI_1 as well; list it once"],
    ),
    "B7 VIP in two instances, and their name and virtual_router_id the same": (
        [
            (
                f"{I}.1",
                {"name": "VI_1", "virtual_router_id": 51, "virtual_ipaddress": ["172.25.0.100"]},
            )
        ],
        {},
        [
            f"{I}[1].name: VI_1 is the name of {I}[0]; choose another",
            f"{I}[1].virtual_router_id: 51 is VI_1's on eth0 as well; give each instance its own",
            f"{I}[1].virtual_ipaddress[0]: 172.25.0.100 is in VI_1 as well; list it once",
        ],
    ),
    "B29 virtual_router_id twice where one director has the interface": (
        [
            (
                f"{I}.1",
                {
                    "name": "VI_2",
                    "virtual_router_id": 51,
                    "virtual_ipaddress": ["172.25.0.101"],
                    "interface": "ens3",
                },
            )
        ],
        {"server14": {"lvs_interface": "ens3"}},
        [f"{I}[1].virtual_router_id: 51 is VI_1's on ens3 as well; give each instance its own"],
    ),
    "B31 equal priorities": (
        [(f"{I}.0.priorities", {"server11": 100, "server14": "100"})],
        {},
        [
            (
                f"{I}[0].priorities.server14: 100 is server11's priority as well; "
                "give each director its own"
            )
        ],
    ),
    "B13 IPv4 and IPv6 in one instance": (
        [(f"{I}.0.virtual_ipaddress.1", "2001:db8::100"), ("lvs_networks.1", "2001:db8::/64")],
        {},
        [
            (
                f"{I}[0].virtual_ipaddress[1]: 2001:db8::100 is IPv6 and 172.25.0.100 is not; "
                "give each family an instance of its own"
            )
        ],
    ),
    "IPv6 with version 2": (
        [
            ("lvs_networks.1", "2001:db8::/64"),
            (f"{I}.0.virtual_ipaddress", ["2001:db8::100", "2001:db8::101"]),
            (f"{I}.0.version", 2),
            (f"{V}.0.address", "2001:db8::100"),
        ],
        {},
        [f"{I}[0].version: 2 knows no IPv6; set version 3 for this instance"],
    ),
    "B34 password with version 3 only": (
        [("lvs_auth_pass", "1111")],
        {},
        [
            (
                "lvs_auth_pass: VRRP version 3 knows no password; leave it out, "
                "or set version 2 for an instance"
            )
        ],
    ),
    "B8 service twice, spelt differently": (
        [
            ("lvs_networks.1", "2001:db8::/64"),
            (f"{I}.0.virtual_ipaddress", ["2001:db8::100"]),
            (f"{V}.0.address", "2001:db8::100"),
            (f"{V}.1", {"address": "2001:DB8::0:100", "port": "80", "name": "other"}),
        ],
        {},
        [
            (
                f"{V}[1]: 2001:db8::100 port 80/tcp is lvs_virtual_servers[0] as well; "
                "list a service once"
            )
        ],
    ),
    "B8 service name twice": (
        [
            (f"{V}.0.name", "web"),
            (f"{V}.1", {"name": "web", "address": "172.25.0.100", "port": 443}),
        ],
        {},
        [f"{V}[1].name: web is the name of {V}[0]; choose another"],
    ),
    "B6 service on an address of no instance": (
        [(f"{V}.0.address", "172.25.0.101")],
        {},
        [
            (
                f"{V}[0].address: 172.25.0.101 is owned by no VRRP instance; "
                "add it to the virtual_ipaddress of one"
            )
        ],
    ),
    "B14 real server not in the group": (
        [(f"{V}.0.real_servers", [{"host": "sever12"}, {"host": "www"}])],
        {},
        [
            (
                f"{V}[0].real_servers[0].host: sever12 is not in group realservers (did you mean "
                "server12?); add it there, or give its address instead of host"
            ),
            (
                f"{V}[0].real_servers[1].host: www is not in group realservers; "
                "add it there, or give its address instead of host"
            ),
        ],
    ),
    "B10 real server is a director": (
        [(f"{V}.0.real_servers", [{"host": "server11"}, {"address": "172.25.0.14"}])],
        {},
        [
            (
                f"{V}[0].real_servers[0].host: server11 is a director; it can't be its own real "
                "server, so give another host"
            ),
            (
                f"{V}[0].real_servers[1].address: 172.25.0.14 is director server14's; "
                "give the real server's own address"
            ),
        ],
    ),
    "B10 real server is the VIP": (
        [(f"{V}.0.real_servers", [{"address": "172.25.0.100"}])],
        {},
        [
            (
                f"{V}[0].real_servers[0].address: 172.25.0.100 is a virtual address; "
                "give the real server's own address"
            )
        ],
    ),
    "B13 real server of the other family": (
        [(f"{V}.0.real_servers", [{"address": "2001:db8::12"}])],
        {},
        [
            (
                f"{V}[0].real_servers[0].address: 2001:db8::12 is IPv6 and 172.25.0.100 is not; "
                "a service has one family, so give an IPv4 address"
            )
        ],
    ),
    "B13 TUN host of the other family": (
        [(f"{V}.0.lb_kind", "TUN"), (f"{V}.0.real_servers", [{"host": "server12"}])],
        {"server12": {"lvs_addresses": ["2001:db8::12"]}},
        [
            (
                f"{V}[0].real_servers[0].host: server12 has no IPv4 address, and 172.25.0.100 is "
                f"one; "
                "add it to the host's lvs_addresses"
            )
        ],
    ),
    "B13 NAT group member of the other family": (
        [(f"{V}.0.lb_kind", "NAT")],
        {"server12": {"lvs_addresses": ["2001:db8::12"]}},
        [
            (
                f"{V}[0].real_servers: server12 has no IPv4 address, and 172.25.0.100 is one; "
                "add it to the host's lvs_addresses"
            )
        ],
    ),
    "B9 real server twice, once by name and once by address": (
        [(f"{V}.0.real_servers", [{"host": "server12"}, {"address": "172.25.0.12"}])],
        {},
        [
            (
                f"{V}[0].real_servers[1].address: 172.25.0.12 port 80 is in this service already; "
                "list a real server once"
            )
        ],
    ),
    "B11 other port with DR": (
        [(f"{V}.0.real_servers", [{"host": "server12", "port": 8080}])],
        {},
        [
            (
                f"{V}[0].real_servers[0].port: 8080 is not the service's port 80; "
                "DR can't change ports, so leave it out or set lb_kind NAT"
            )
        ],
    ),
    "B11 other port with TUN": (
        [
            (f"{V}.0.lb_kind", "TUN"),
            (f"{V}.0.real_servers", [{"address": "10.0.0.1", "port": 8080}]),
        ],
        {},
        [
            (
                f"{V}[0].real_servers[0].port: 8080 is not the service's port 80; "
                "TUN can't change ports, so leave it out or set lb_kind NAT"
            )
        ],
    ),
    "B21 all weights 0": (
        [(f"{V}.0.real_servers", [{"host": "server12", "weight": 0}])],
        {},
        [f"{V}[0].real_servers: all weights are 0; give at least one more than that"],
    ),
    "B43 address of two hosts": (
        [],
        {"server13": {"lvs_addresses": ["172.25.0.12"]}},
        [
            (
                "hostvars[server13].lvs_addresses[0]: 172.25.0.12 is server12's already; "
                "list it once, where it belongs"
            ),
            (
                f"{V}[0].real_servers: 172.25.0.12 port 80 is in this service already; "
                "list a real server once"
            ),
        ],
    ),
    "B43 default address of two hosts": (
        [(f"{V}.0.real_servers", [{"host": "server12"}])],
        {"server13": {"lvs_addresses": GONE, "ansible_host": "172.25.0.12"}},
        [
            (
                "hostvars[server13].ansible_host: 172.25.0.12 is server12's already; "
                "list it once, where it belongs"
            ),
        ],
    ),
    "B43 no address": (
        [],
        {"server12": {"lvs_addresses": GONE, "ansible_host": "web1.example.org"}},
        [
            (
                "hostvars[server12].lvs_addresses: missing, and web1.example.org is not an address "
                "to use instead; list server12's own addresses"
            )
        ],
    ),
    "B43 ansible_host on loopback": (
        [],
        {"server11": {"lvs_addresses": GONE, "ansible_host": "127.0.0.1"}},
        [
            (
                "hostvars[server11].lvs_addresses: missing, and 127.0.0.1 is not an address "
                "to use instead; list server11's own addresses"
            )
        ],
    ),
    "B43 ansible_host not resolved": (
        [],
        {"server12": {"lvs_addresses": GONE, "ansible_host": Unresolved("'x' is undefined")}},
        [
            (
                "hostvars[server12].ansible_host: its template failed ('x' is undefined); "
                "define what it refers to"
            )
        ],
    ),
    "B43 addresses empty": (
        [],
        {"server12": {"lvs_addresses": []}},
        [
            (
                "hostvars[server12].lvs_addresses: empty; "
                "list the host's own addresses, or leave it out where ansible_host is one"
            )
        ],
    ),
    "B44 addresses no list": (
        [],
        {"server12": {"lvs_addresses": "172.25.0.12"}},
        [
            (
                "hostvars[server12].lvs_addresses: 172.25.0.12 is not a list; "
                "write each item after a dash"
            )
        ],
    ),
    "B1 address unreadable": (
        [],
        {"server12": {"lvs_addresses": ["web1"]}},
        [
            (
                "hostvars[server12].lvs_addresses[0]: web1 is not an IP address; "
                "give an IPv4 or IPv6 address, not a name"
            )
        ],
    ),
    "B36 interface of a host": (
        [],
        {"server14": {"lvs_interface": "eth0 "}},
        [
            (
                "hostvars[server14].lvs_interface: 'eth0 ' is no interface name; "
                "give the name of a network interface, such as eth0"
            )
        ],
    ),
    "B41 unknown variable, once for all hosts": (
        [("lvs_virtual_server", []), ("lvs_qqqqq", 1)],
        {},
        [
            (
                "hostvars[server11].lvs_virtual_server: unknown variable; "
                "did you mean lvs_virtual_servers?"
            ),
            (
                "hostvars[server11].lvs_qqqqq: unknown variable; the nearest are lvs_yield, "
                "lvs_profile; the folder docs lists all "
                f"{len(KNOWN_VARIABLES)}"
            ),
        ],
    ),
    "B41 unknown variable of one host": (
        [],
        {"server13": {"lvs_adresses": []}},
        ["hostvars[server13].lvs_adresses: unknown variable; did you mean lvs_addresses?"],
    ),
    "cluster variable that the first director doesn't have": (
        [],
        {"server12": {"lvs_profile": None}, "server13": {"lvs_profile": None}},
        [
            (
                "hostvars[server12].lvs_profile: server11 doesn't know this variable; "
                "say it once, in group_vars/all"
            )
        ],
    ),
    "cluster variable that differs between directors": (
        [],
        {"server14": {"lvs_networks": ["172.25.0.0/16"]}},
        [
            (
                "hostvars[server14].lvs_networks: differs from server11's; "
                "say it once, in group_vars/all"
            )
        ],
    ),
}


@pytest.mark.parametrize(("changes", "own", "expected"), RULES.values(), ids=RULES)
def test_rules(
    changes: list[tuple[str, object]], own: dict[str, dict[str, Any]], expected: list[str]
) -> None:
    assert problems(inventory(changed(reference(), *changes), own)) == expected


def test_the_playbooks_variables_are_known() -> None:
    names = ("lvs_directors_group", "lvs_realservers_group", "lvs_clients_group")
    given = changed(reference(), *((name, "x") for name in names))
    assert problems(inventory(given)) == []


def test_b42_no_director() -> None:
    assert problems(inventory(reference(), directors=[])) == [
        "groups[directors]: no director; add at least one host to this group"
    ]


def test_b15_no_real_server() -> None:
    assert problems(inventory(reference(), real_servers=[])) == [
        f"{V}[0].real_servers: no real server; add hosts to group realservers, or list some here"
    ]


def test_b43_a_host_in_both_groups() -> None:
    both = inventory(reference(), real_servers=["server12", "server14"])
    assert problems(both) == [
        (
            "groups[realservers]: server14 is in group directors as well; "
            "a director can't be its own real server, so take it out of one"
        )
    ]


def test_more_directors_than_the_profile_has_figures_for() -> None:
    names = [f"server{number}" for number in range(21, 29)]
    own = {
        name: {
            **changed(reference(), ("lvs_profile", "classic")),
            "lvs_addresses": [f"172.25.0.{name[-2:]}"],
        }
        for name in names
    }
    assert problems(inventory(reference(), own, names)) == [
        (
            "lvs_vrrp_instances[0].priorities: missing, and the profile has figures for 7 "
            "directors "
            "only; give each of the 8 its own"
        )
    ]


def test_b45_a_host_name_that_keepalived_would_read_differently() -> None:
    own = {"web{1": {**reference(), "lvs_addresses": ["172.25.0.21"]}}
    lines = problems(inventory(reference(), own, real_servers=["web{1"]))
    assert len(lines) == 1
    assert lines[0].startswith("hostvars[web{1]: web{1 could change the meaning of keepalived.conf")


def test_all_problems_at_once_and_none_that_follows_from_another() -> None:
    bad = changed(
        dual(),
        ("lvs_profile", "slow"),
        ("lvs_networks.1", "nowhere"),
        (f"{I}.0.virtual_router_id", 256),
        (f"{I}.1.virtual_ipaddress.0", "nowhere"),
        (f"{V}.0.real_servers.0.weight", -1),
        (f"{V}.1.real_servers.1", "server13"),
        (f"{V}.2.port", 0),
        (f"{V}.3.real_servers.0", {"host": "server21"}),
        (f"{V}.4", {"address": "172.25.0.100", "port": 81, "lb_kind": "BRIDGE"}),
    )
    own = {"server12": {"lvs_addresses": ["nowhere"]}}
    assert [line.split(": ")[0] for line in problems(inventory(bad, own))] == [
        "lvs_profile",
        "lvs_networks[1]",
        f"{I}[0].virtual_router_id",
        f"{I}[1].virtual_ipaddress[0]",
        f"{V}[0].real_servers[0].weight",
        f"{V}[1].real_servers[1]",
        f"{V}[2].port",
        f"{V}[4].lb_kind",
        "hostvars[server12].lvs_addresses[0]",
        f"{V}[3].real_servers[0].host",
    ]

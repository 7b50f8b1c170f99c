# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dumps as check/check_data.c of keepalived 2.2.7 and 2.3.3 writes them, put together by hand."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_dump import Belief, parse

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
RR = Service("rr", (), 0, "255.255.255.255", None, ops=False)
ONE = RealKey("192.0.2.11", 80)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
HEAD = """\
------< Global definitions >------
 Network namespace = (default)
 Virtual server = none
------< LVS Topology >------
 System is compiled with LVS v1.2.1
"""
TAIL = """\
------< Health checkers >------
 [192.0.2.1]:tcp:80 -> [192.0.2.11]:tcp:80
   Enabled = yes
   RS set = 0
   Connection
     Dest = [192.0.2.11]:tcp:80
"""
# what the two versions write differently: of a virtual server, and of its sorry server
VERSIONS = {"2.2": ("alive", ""), "2.3": ("VS alive", "     set = {0}\n     alive = {0}\n")}


def real(  # noqa: PLR0913 - one a line of the dump
    address: str = "192.0.2.11",
    port: int = 80,
    *,
    weight: int = 1,
    effective: int | None = None,
    method: str = "DR",
    limits: str = "0 -> 0",
    inhibit: str = "OFF",
    alive: int = 1,
    is_set: int = 1,
) -> str:
    effective = weight if effective is None else effective
    return f"""\
   ------< Real server >------
   RIP = {address}, RPORT = {port}, WEIGHT = {weight} EFF WEIGHT = {effective}
   forwarding method = {method}
   Alpha is OFF
   connection timeout = 5.000000
   connection limit range = {limits}
   Delay loop = 1.000000
   Inhibit on failure is {inhibit}
     RS up notify script = '/bin/echo' '   RS set = 0', uid:gid 0:0
   Using smtp notification = no
   initial weight = 1
   effective weight = {effective}
   previous effective_weight = 1
   alive = {alive}
   num failed checkers = {1 - alive}
   RS set = {is_set}
   reloaded = 0
   Tracked Files
     /etc/hosts, weight 1
"""


def virtual(  # noqa: PLR0913 - one a line of the dump
    known_by: str = "VIP = 192.0.2.1, VPORT = 80",
    *reals: str,
    family: str = "inet",
    scheduler: str = "rr",
    flags: str = "   flag-1 = disabled\n   flag-2 = disabled\n   flag-3 = disabled\n",
    ops: str = "disabled",
    persistence: str = "",
    protocol: str = "TCP",
    sorry: str = "",
    alive: str = "alive = 1",
    quorum_up: int = 1,
) -> str:
    return f"""\
 ------< Virtual server >------
 VS {known_by}
   VirtualHost = www.example.org
   Address family = {family}
   connection timeout = 5.000000
   delay_loop = 1.000000
   lvs_sched = {scheduler}
   Hashed = disabled
{flags}   One packet scheduling = {ops}
{persistence}   protocol = {protocol}
   alpha is OFF
   omega is OFF
   Inhibit on failure is OFF
   quorum = 1, hysteresis = 0
   Using smtp notification = no
   default forwarding method = DR
{sorry}   {alive}
   quorum_state_up = {quorum_up}
   reloaded = 0
""" + "".join(reals)


def dump(*parts: str) -> str:
    return HEAD + "".join(parts) + TAIL


def entries(service: Service, reals: dict[RealKey, RealServer]) -> Entries:
    return Entries(service, reals)


def test_a_real_server_is_there_if_it_is_set() -> None:
    text = dump(virtual("VIP = 192.0.2.1, VPORT = 80", real(), real("192.0.2.12", is_set=0)))
    assert parse(text) == Belief({HTTP: entries(RR, {ONE: DR})})


def test_nothing_is_known_of_nothing() -> None:
    assert parse("------< Global definitions >------\n Process = x\n") == Belief({})
    assert parse(dump(virtual())) == Belief({HTTP: entries(RR, {})})


@pytest.mark.parametrize(
    ("more", "weight"),
    [
        ({"weight": 7}, 7),
        ({"weight": 0, "effective": -5}, 0),
        ({"weight": 65535, "effective": 70000}, 65535),
        ({"weight": 7, "inhibit": "ON", "alive": 1}, 7),
        ({"weight": 7, "inhibit": "ON", "alive": 0}, 0),
        ({"weight": 7, "inhibit": "OFF", "alive": 0}, 7),
    ],
)
def test_the_weight_is_what_the_kernel_was_told(more: dict[str, Any], weight: int) -> None:
    text = dump(virtual("VIP = 192.0.2.1, VPORT = 80", real(**more)))
    assert parse(text).table[HTTP].real_servers[ONE].weight == weight


def test_a_server_has_the_port_of_its_service_unless_it_is_translated() -> None:
    reals = (real("192.0.2.11", 8080), real("192.0.2.12", 8080, method="NAT"))
    found = parse(dump(virtual("VIP = 192.0.2.1, VPORT = 80", *reals))).table[HTTP]
    assert [(key.address, key.port) for key in found.real_servers] == [
        ("192.0.2.11", 80),
        ("192.0.2.12", 8080),
    ]


@pytest.mark.parametrize(
    ("method", "tunnel"),
    [
        ("TUN", ("ipip", 0, ())),
        ("TUN, type = IPIP", ("ipip", 0, ())),
        ("TUN, type = GUE, port = 6080, no checksum", ("gue", 6080, ())),
        ("TUN, type = GUE, port = 6080, remote checksum", ("gue", 6080, ("remcsum",))),
        ("TUN, type = GRE, checksum", ("gre", 0, ("csum",))),
        ("TUN, type = GRE", ("gre", 0, ())),
    ],
)
def test_tunnels_and_thresholds(method: str, tunnel: tuple[str, int, tuple[str, ...]]) -> None:
    text = dump(virtual("VIP = 192.0.2.1, VPORT = 80", real(method=method, limits="50 -> 100")))
    assert parse(text).table[HTTP].real_servers[ONE] == RealServer("tun", 1, 100, 50, *tunnel)


def test_both_families() -> None:
    six = virtual(
        "VIP = 2001:db8::1, VPORT = 443", real("2001:db8::11", 443), family="inet6", protocol="SCTP"
    )
    assert parse(dump(virtual(), six)) == Belief(
        {
            HTTP: entries(RR, {}),
            ServiceKey("inet6", "sctp", "2001:db8::1", 443): entries(
                Service("rr", (), 0, "128", None, ops=False),
                {RealKey("2001:db8::11", 443): DR},
            ),
        }
    )


@pytest.mark.parametrize("family", ["inet", "inet6"])
def test_a_firewall_mark(family: str) -> None:
    server = real("192.0.2.11" if family == "inet" else "2001:db8::11", 80)
    text = dump(virtual("FWMARK = 4294967295", server, family=family, protocol="none"))
    ((key, there),) = parse(text).table.items()
    assert key == ServiceKey(family, fwmark=4294967295)
    assert [real_key.port for real_key in there.real_servers] == [0]


@pytest.mark.parametrize(
    ("scheduler", "lines", "flags"),
    [
        ("sh", ("sh-port = enabled", "sh-fallback = disabled"), ("flag-2",)),
        ("mh", ("mh-port = enabled", "mh-fallback = enabled"), ("flag-1", "flag-2")),
        ("rr", ("flag-1 = disabled", "flag-2 = disabled", "flag-3 = enabled"), ("flag-3",)),
    ],
)
def test_scheduler_flags(scheduler: str, lines: tuple[str, ...], flags: tuple[str, ...]) -> None:
    text = "".join(f"   {line}\n" for line in lines)
    there = parse(dump(virtual(scheduler=scheduler, flags=text))).table[HTTP].service
    assert (there.scheduler, there.sched_flags) == (scheduler, flags)


@pytest.mark.parametrize(
    ("family", "lines", "timeout", "granularity"),
    [
        ("inet", (), 0, "255.255.255.255"),
        ("inet", ("timeout = 300",), 300, "255.255.255.255"),
        ("inet", ("timeout = 300", "granularity = 255.255.255.0"), 300, "255.255.255.0"),
        ("inet6", ("timeout = 300",), 300, "128"),
        ("inet6", ("timeout = 300", "granularity = 64"), 300, "64"),
    ],
)
def test_persistence(family: str, lines: tuple[str, ...], timeout: int, granularity: str) -> None:
    known_by = f"VIP = {'192.0.2.1' if family == 'inet' else '2001:db8::1'}, VPORT = 0"
    text = "".join(f"   persistence {line}\n" for line in lines)
    ((_key, there),) = parse(dump(virtual(known_by, family=family, persistence=text))).table.items()
    assert there.service.persistence_timeout == timeout
    assert there.service.persistence_granularity == granularity
    assert there.service.persistence_engine is None


@pytest.mark.parametrize(
    ("said", "ops"),
    [("disabled", False), ("enabled", True), ("enabled (inactive due to not UDP)", True)],
)
def test_one_packet_scheduling(said: str, *, ops: bool) -> None:
    assert parse(dump(virtual(ops=said))).table[HTTP].service.ops is ops


# --- groups ----------------------------------------------------------------------------------
GROUP = """\
 ------< Virtual server group >------
 Virtual Server Group = a]:1 b, IPv4 = yes, IPv6 = yes
   VIP Range = 192.0.2.254-192.0.3.1, VPORT = 80
     Alive: 1 tcp, 0 udp, 0 sctp
     reloaded = False
   VIP = 2001:db8::1, VPORT = 81
     Alive: 1 tcp, 0 udp, 0 sctp
     reloaded = False
   FWMARK = 7
     Alive: 1 IPv4, 0 IPv6
     reloaded = False
   FWMARK = 8 IPv6
     Alive: 0 IPv4, 1 IPv6
     reloaded = False
"""


def test_a_group_is_each_of_its_addresses_and_marks() -> None:
    server = virtual(
        "GROUP = [a]:1 b]:0",
        real("192.0.2.11", 8080),
        real("2001:db8::11", 8080),
        real("192.0.2.12", 8080, method="TUN, type = IPIP"),
        real("192.0.2.13", 8080, method="NAT"),
        family="IPv4 & IPv6",
        persistence="   persistence timeout = 300\n   persistence granularity = 255.255.0.0\n",
    )
    found = parse(dump(GROUP, server))
    assert found.left_alone == ()
    four = [("192.0.2.11", 80), ("192.0.2.12", 80), ("192.0.2.13", 8080)]
    six = [("2001:db8::11", 81), ("192.0.2.12", 81)]
    marked = [("192.0.2.11", 0), ("192.0.2.12", 0), ("192.0.2.13", 8080)]
    expected = {
        **{
            ServiceKey("inet", "tcp", address, 80): four
            for address in ("192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1")
        },
        ServiceKey("inet6", "tcp", "2001:db8::1", 81): six,
        ServiceKey("inet", fwmark=7): marked,
        ServiceKey("inet6", fwmark=8): [("2001:db8::11", 0), ("192.0.2.12", 0)],
    }
    assert {
        key: [(real_key.address, real_key.port) for real_key in there.real_servers]
        for key, there in found.table.items()
    } == expected
    # keepalived overwrites a group's granularity
    assert {there.service.persistence_granularity for there in found.table.values()} == {
        "255.255.255.255",
        "128",
    }


def test_a_range_of_one_family_six() -> None:
    group = """\
 ------< Virtual server group >------
 Virtual Server Group = six, IPv4 = no, IPv6 = yes
   VIP Range = 2001:db8::fffe-2001:db8::1:0, VPORT = 80
"""
    found = parse(dump(group, virtual("GROUP = [six]:0", family="inet6"))).table
    assert [key.address for key in found] == ["2001:db8::fffe", "2001:db8::ffff", "2001:db8::1:0"]


def test_what_two_share_is_left_alone() -> None:
    name = "GROUP = [a]:1 b]:0"
    found = parse(dump(GROUP, virtual(name), virtual(name, protocol="UDP")))
    assert sorted({key.protocol for key in found.table}) == ["tcp", "udp"]
    assert found.left_alone == (
        "fwmark 7: two virtual servers of keepalived's are one to the kernel",
        "fwmark 8 (IPv6): two virtual servers of keepalived's are one to the kernel",
    )


@pytest.mark.parametrize(
    "group", ["", GROUP.replace("   VIP Range", "  Fwmark TCP: 1 UDP: 0\n   VIP Range")]
)
def test_marks_of_keepaliveds_own_are_left_alone(group: str) -> None:
    found = parse(dump(group, virtual("GROUP = [a]:1 b]:0", real())))
    assert found == Belief(
        {},
        ("virtual server group a]:1 b: keepalived knows it by firewall marks of its own making",),
    )


# --- what can't be told ----------------------------------------------------------------------
@pytest.mark.parametrize("version", VERSIONS)
def test_a_sorry_server(version: str) -> None:
    alive, more = VERSIONS[version]

    def text(quorum_up: int, inhibit: str = "OFF", kind: str = "") -> str:
        sorry = (
            f"   sorry server {kind}= [192.0.2.99]:tcp:80\n     forwarding method = DR\n"
            f"     Inhibit on failure is {inhibit}\n{more.format(1 - quorum_up)}"
        )
        return dump(
            virtual(
                "VIP = 192.0.2.1, VPORT = 80",
                real(is_set=quorum_up),
                alive=f"{alive} = 1",
                sorry=sorry,
                quorum_up=quorum_up,
            )
        )

    left_alone = Belief({}, ("192.0.2.1:80/tcp: its sorry server may be in use",))
    assert parse(text(1)) == Belief({HTTP: entries(RR, {ONE: DR})})
    assert parse(text(0)) == left_alone
    assert parse(text(1, inhibit="ON")) == left_alone
    assert parse(text(1, kind="(duplicates rs) ")) == left_alone


def test_without_a_sorry_server_the_quorum_does_not_matter() -> None:
    text = dump(virtual("VIP = 192.0.2.1, VPORT = 80", real(), quorum_up=0))
    assert parse(text).table == {HTTP: entries(RR, {ONE: DR})}


@pytest.mark.parametrize("alive", ["alive", "VS alive"])
def test_what_is_not_in_the_kernel_is_left_alone(alive: str) -> None:
    assert parse(dump(virtual(alive=f"{alive} = 0"))) == Belief(
        {}, ("192.0.2.1:80/tcp: keepalived has not put it into the kernel",)
    )


def test_two_real_servers_that_are_one_to_the_kernel() -> None:
    known_by = "VIP = 192.0.2.1, VPORT = 80"
    text = dump(virtual(known_by, real(port=80), real(port=8080)))
    assert parse(text) == Belief(
        {}, ("192.0.2.1:80/tcp: two of its real servers are one to the kernel",)
    )
    translated = (real(port=80, method="NAT"), real(port=8080, method="NAT"))
    assert len(parse(dump(virtual(known_by, *translated))).table[HTTP].real_servers) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("   RS set = 1\n", "", "a section without 'RS set': this is no version"),
        ("   alive = 1\n   quorum", "   quorum", "a section without 'alive'"),
        ("   lvs_sched = rr\n", "", "without 'lvs_sched'"),
        ("method = DR\n   Alpha", "method = 0x7\n   Alpha", "says '0x7': this is no version"),
        (", VPORT = 80", "", r"says '192\.0\.2\.1'"),
        (" EFF WEIGHT = 1", "", "says '192.0.2.11, RPORT = 80, WEIGHT = 1'"),
    ],
)
def test_what_is_not_understood_is_an_error(old: str, new: str, message: str) -> None:
    text = dump(virtual("VIP = 192.0.2.1, VPORT = 80", real()))
    assert old in text
    with pytest.raises(LvsError, match=message):
        parse(text.replace(old, new))

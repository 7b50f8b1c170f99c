# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of packet_filter to the model, and the model to rules in each firewall's language."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import (
    firewalld,
    iptables,
    model,
    nft,
)
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.model import (
    Peer,
    Router,
    Service,
    Sync,
    Wish,
)
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.options import make_wish

PEER = {"address": "172.25.0.14", "max_priority": 250}
ROUTER = {"interface": "eth0", "virtual_router_id": 51, "peers": [PEER]}
SERVICE = {"address": "172.25.0.100", "protocol": "tcp", "port": 80}
SYNC = {"interface": "eth0", "group": "224.0.0.81", "port": 8848, "peers": ["172.25.0.14"]}


def options(**changes: object) -> dict[str, Any]:
    given = {"vrrp": [ROUTER], "services": [SERVICE], "sync": SYNC, "open": True, "notrack": True}
    return {**given, **changes}


def test_options_become_the_model() -> None:
    assert make_wish(options()) == Wish(
        routers=(Router("eth0", 51, (Peer("172.25.0.14", 250),)),),
        services=(Service("172.25.0.100", "tcp", 80),),
        sync=Sync("eth0", "224.0.0.81", 8848, ("172.25.0.14",)),
    )
    empty = options(vrrp=[], services=[], sync=None)
    assert make_wish(empty) == model.NOTHING


def test_addresses_have_one_spelling() -> None:
    services = [{**SERVICE, "address": "FD00::0:100"}, {**SERVICE, "address": "fd00::100"}]
    assert make_wish(options(services=services)).services == (Service("fd00::100", "tcp", 80),)


def test_entries_for_one_router_add_up_and_those_for_all_come_last() -> None:
    every = {**ROUTER, "virtual_router_id": None}
    other = {**ROUTER, "peers": [{"address": "fe80::14", "max_priority": 250}]}
    wish = make_wish(options(vrrp=[every, ROUTER, other, ROUTER]))
    assert [router.virtual_router_id for router in wish.routers] == [51, None]
    assert [peer.address for peer in wish.routers[0].peers] == ["172.25.0.14", "fe80::14"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vrrp": [{**ROUTER, "interface": 'e"0'}]}, "vrrp[0].interface: 'e\"0' is not the name"),
        ({"vrrp": [{**ROUTER, "interface": "eth+"}]}, "vrrp[0].interface: 'eth+' is not the name"),
        ({"vrrp": [{**ROUTER, "interface": "e" * 16}]}, "vrrp[0].interface: 'eeeeeeeeeeeeeeee' is"),
        (
            {"vrrp": [ROUTER, {**ROUTER, "virtual_router_id": 256}]},
            "vrrp[1].virtual_router_id: must be a whole number from 1 to 255, not 256",
        ),
        (
            {"vrrp": [{**ROUTER, "peers": [PEER, {**PEER, "max_priority": 0}]}]},
            "vrrp[0].peers[1].max_priority: must be a whole number from 1 to 255, not 0",
        ),
        (
            {"vrrp": [{**ROUTER, "peers": [{**PEER, "address": "10.0.0.1/24"}]}]},
            "vrrp[0].peers[0].address: '10.0.0.1/24' is not an IPv4 or IPv6 address: write it ",
        ),
        (
            {"vrrp": [{**ROUTER, "peers": [{**PEER, "address": "fe80::1%eth0"}]}]},
            "vrrp[0].peers[0].address: 'fe80::1%eth0' is not an IPv4 or IPv6 address: write it ",
        ),
        (
            {"vrrp": [{**ROUTER, "peers": [{**PEER, "address": "224.0.0.18"}]}]},
            "vrrp[0].peers[0].address: 224.0.0.18 is no address that a peer sends from: give",
        ),
        (
            {"services": [{**SERVICE, "address": "127.0.0.1"}]},
            "services[0].address: 127.0.0.1 is a loopback address and cannot be a virtual IP",
        ),
        (
            {"services": [{**SERVICE, "port": 0}]},
            "services[0].port: must be a whole number from 1 to 65535, not 0",
        ),
        (
            {"sync": {**SYNC, "group": "172.25.0.14"}},
            "sync.group: 172.25.0.14 is not a multicast address, and IPVS sends to one: give",
        ),
        ({"sync": {**SYNC, "port": 65536}}, "sync.port: must be a whole number from 1 to 65535"),
        ({"sync": {**SYNC, "interface": ""}}, "sync.interface: '' is not the name of an interface"),
        (
            {"sync": {**SYNC, "peers": ["fe80::1"]}},
            "sync.peers[0]: fe80::1 cannot send to the group 224.0.0.81, which is of the other ",
        ),
    ],
)
def test_a_bad_value_is_named_with_its_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        make_wish(options(**changes))
    assert str(caught.value).startswith(message)


def test_what_is_restricted() -> None:
    """The families of the peers; both when there is none."""
    wish = make_wish(options())
    assert [(rule.verdict, rule.ipv6, rule.source) for rule in model.restricted(wish)] == [
        ("accept", False, "172.25.0.14"),
        ("drop", False, None),
        ("accept", False, "172.25.0.14"),  # connection sync
        ("drop", False, None),
    ]
    alone = make_wish(options(vrrp=[{**ROUTER, "peers": []}], sync=None))
    assert [(rule.verdict, rule.ipv6) for rule in model.restricted(alone)] == [
        ("drop", False),
        ("drop", True),
    ]


ADVERTISEMENT = model.Rule(
    model.ACCEPT,
    ipv6=False,
    protocol=model.VRRP,
    interface="eth0",
    source="172.25.0.14",
    virtual_router_id=51,
    max_priority=250,
)
TO_VIP6 = 'rule family="ipv6" destination address="fd00::1"'
# 51 * 256 = 13056 is priority 0 of router 51, and 13306 is priority 250


def test_an_advertisement_in_each_language() -> None:
    assert nft.render(ADVERTISEMENT, "inet") == (
        'iifname "eth0" ip saddr 172.25.0.14 ip protocol 112 ip ttl 255 @th,8,16 13056-13306 accept'
    )
    assert iptables.render(ADVERTISEMENT) == (
        "-i eth0 -s 172.25.0.14 -p 112 -m ttl --ttl-eq 255 -m u32 "
        '--u32 "0>>22&0x3C@0>>16&0xFF=51&&0>>22&0x3C@0>>8&0xFF=0:250" -j ACCEPT'
    )


@pytest.mark.parametrize(
    ("rule", "in_nft", "in_iptables", "in_firewalld"),
    [
        (
            model.Rule("accept", ipv6=True, protocol="sctp", destination="fd00::1", port=9),
            "ip6 daddr fd00::1 sctp dport 9 accept",
            "-d fd00::1 -p sctp --dport 9 -j ACCEPT",
            f'{TO_VIP6} port port="9" protocol="sctp" accept',
        ),
        (
            model.Rule("accept", ipv6=False, protocol="tcp", destination="192.0.2.1"),
            "ip daddr 192.0.2.1 meta l4proto tcp accept",
            "-d 192.0.2.1 -p tcp -j ACCEPT",
            'rule family="ipv4" destination address="192.0.2.1" protocol value="tcp" accept',
        ),
        (
            model.Rule("accept", ipv6=True, protocol="icmp", destination="fd00::1"),
            "ip6 daddr fd00::1 icmpv6 type packet-too-big accept",
            "-d fd00::1 -p icmpv6 --icmpv6-type 2 -j ACCEPT",
            f'{TO_VIP6} icmp-type name="packet-too-big" accept',
        ),
    ],
)
def test_a_rule_in_each_language(
    rule: model.Rule, in_nft: str, in_iptables: str, in_firewalld: str
) -> None:
    assert nft.render(rule, "inet") == in_nft
    assert iptables.render(rule) == in_iptables
    assert firewalld.render(rule) == in_firewalld


def test_a_rule_for_a_table_of_both_families_names_its_own() -> None:
    rule = model.Rule(model.DROP, ipv6=True, protocol=model.VRRP, interface="eth0")
    assert nft.render(rule, "inet").startswith('iifname "eth0" meta nfproto ipv6 meta l4proto 112')
    assert nft.render(rule, "ip6", output=True) == 'oifname "eth0" meta l4proto 112 counter drop'


def test_a_ruleset_that_is_none() -> None:
    with pytest.raises(LvsError, match="printed what this module cannot read"):
        nft.parse('{"nftables": [{"rule": {}}]}')

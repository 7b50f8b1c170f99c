# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said about wrong input, option by option, and what right input becomes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import options
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Timeouts,
)

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
HTTP6 = ServiceKey("inet6", "tcp", "2001:db8::1", 80)
FWMARK = ServiceKey("inet", fwmark=7)
ADDRESS = {"service_address": "192.0.2.1", "service_port": 80}
PATH = "services[2]"
REAL_PATH = "services[2].real_servers[0]"


def refusal(caught: pytest.ExceptionInfo[LvsError]) -> str:
    return str(caught.value)


# --- right input -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "key"),
    [
        (ADDRESS, HTTP),
        ({**ADDRESS, "protocol": None, "fwmark": None, "family": None}, HTTP),
        ({**ADDRESS, "protocol": "TCP", "family": "INET"}, HTTP),
        ({**ADDRESS, "service_port": "80"}, HTTP),
        ({**ADDRESS, "service_port": 0}, ServiceKey("inet", "tcp", "192.0.2.1", 0)),
        ({**ADDRESS, "service_port": 65535}, ServiceKey("inet", "tcp", "192.0.2.1", 65535)),
        ({**ADDRESS, "protocol": "sctp"}, ServiceKey("inet", "sctp", "192.0.2.1", 80)),
        ({"service_address": "2001:db8::1", "service_port": 80}, HTTP6),
        ({"service_address": "2001:DB8:0::0001", "service_port": 80, "family": "inet6"}, HTTP6),
        ({"fwmark": 7}, FWMARK),
        ({"fwmark": "7", "family": "inet"}, FWMARK),
        ({"fwmark": 4294967295, "family": "inet6"}, ServiceKey("inet6", fwmark=4294967295)),
    ],
)
def test_what_a_service_is_known_by(given: dict[str, Any], key: ServiceKey) -> None:
    assert options.service_key(given) == key


@pytest.mark.parametrize(
    ("given", "key", "service"),
    [
        ({}, HTTP, Service()),
        ({"scheduler": None, "ops": None, "unheard_of": 1}, HTTP, Service()),
        ({"scheduler": "lblcr"}, HTTP, Service(scheduler="lblcr")),
        ({"scheduler": "fifteen-letters"}, HTTP, Service(scheduler="fifteen-letters")),
        ({"persistence_timeout": 0}, HTTP, Service(persistence_timeout=0)),
        ({"persistence_timeout": "2678400"}, HTTP, Service(persistence_timeout=2678400)),
        ({"persistence_engine": ""}, HTTP, Service(persistence_engine="")),
        ({"persistence_engine": "sip"}, HTTP, Service(persistence_engine="sip")),
        ({"ops": False}, HTTP, Service(ops=False)),
        ({"sched_flags": []}, HTTP, Service(sched_flags=())),
        ({"sched_flags": "flag-2"}, HTTP, Service(sched_flags=("flag-2",))),
        (
            {"sched_flags": ["flag-3", "flag-1", "Flag-3"]},
            HTTP,
            Service(sched_flags=("flag-1", "flag-3")),
        ),
        (
            {"sched_flags": ("sh-port", "flag-3", "sh-fallback"), "scheduler": "sh"},
            HTTP,
            Service("sh", ("flag-1", "flag-2", "flag-3")),
        ),
        (
            {"scheduler": "mh", "sched_flags": ["mh-port"]},
            HTTP,
            Service("mh", ("flag-2",)),
        ),
    ],
)
def test_what_can_be_said_of_a_service(
    given: dict[str, Any], key: ServiceKey, service: Service
) -> None:
    assert options.service(given, key) == service


@pytest.mark.parametrize(
    ("key", "given", "granularity"),
    [
        (HTTP, "255.255.255.0", "255.255.255.0"),
        (HTTP, "128.0.0.0", "128.0.0.0"),
        (HTTP, "24", "255.255.255.0"),
        (HTTP, 24, "255.255.255.0"),
        (HTTP, 1, "128.0.0.0"),
        (HTTP, 31, "255.255.255.254"),
        (FWMARK, 32, "255.255.255.255"),
        (HTTP6, 64, "64"),
        (HTTP6, "1", "1"),
        (HTTP6, "128", "128"),
    ],
)
def test_granularity_is_a_mask_or_a_length_by_family(
    key: ServiceKey, given: object, granularity: str
) -> None:
    found = options.service({"persistence_granularity": given}, key)
    assert found == Service(persistence_granularity=granularity)


def test_a_real_server_has_the_port_of_its_service_unless_given() -> None:
    assert options.real_key({"server_address": "192.0.2.11"}, HTTP) == RealKey("192.0.2.11", 80)
    given = {"server_address": "2001:DB8::B", "server_port": "8080"}
    assert options.real_key(given, HTTP) == RealKey("2001:db8::b", 8080)
    given = {"server_address": "192.0.2.11", "server_port": "0"}
    assert options.real_key(given, HTTP) == RealKey("192.0.2.11", 0)
    assert options.real_key({"server_address": "192.0.2.11"}, FWMARK).port == 0


@pytest.mark.parametrize(
    ("given", "real"),
    [
        ({}, RealServer()),
        ({"weight": None, "tunnel_flags": None}, RealServer()),
        ({"weight": 0}, RealServer(weight=0)),
        ({"weight": "65535"}, RealServer(weight=65535)),
        ({"forward_method": "NAT"}, RealServer(forward_method="nat")),
        ({"u_threshold": 2147483647}, RealServer(u_threshold=2147483647)),
        ({"l_threshold": "0"}, RealServer(l_threshold=0)),
        (
            {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_flags": "csum"},
            RealServer(tunnel_type="gue", tunnel_port=6080, tunnel_flags=("csum",)),
        ),
        ({"tunnel_flags": []}, RealServer(tunnel_flags=())),
        ({"tunnel_flags": ["remcsum", "remcsum"]}, RealServer(tunnel_flags=("remcsum",))),
    ],
)
def test_what_can_be_said_of_a_real_server(given: dict[str, Any], real: RealServer) -> None:
    assert options.real_server(given) == real


def test_timeouts() -> None:
    assert options.timeouts(None, "timeouts") == Timeouts()
    assert options.timeouts({"udp": None}, "timeouts") == Timeouts()
    given = {"tcp": "2147483", "tcp_fin": 1, "udp": 30}
    assert options.timeouts(given, "timeouts") == Timeouts(2147483, 1, 30)


def test_how_to_drain() -> None:
    given = {
        "drain_count": "all",
        "drain_limit": "3",
        "drain_timeout": 86400,
        "drain_then": "remove",
    }
    assert options.drain(given) == options.Drain(inactive=True, limit=3, timeout=86400, remove=True)
    given = {"drain_count": "active", "drain_limit": 0, "drain_timeout": 0, "drain_then": "keep"}
    assert options.drain(given) == options.Drain(inactive=False, limit=0, timeout=0, remove=False)


# --- wrong input: what a service is known by -------------------------------------------------
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {**ADDRESS, "protocol": "icmp"},
            ".protocol: must be one of tcp, udp, sctp, not 'icmp'",
        ),
        ({**ADDRESS, "protocol": 6}, ".protocol: must be one of tcp, udp, sctp, not 6"),
        (
            {**ADDRESS, "service_address": "192.0.2.256"},
            ".service_address: must be an IPv4 or IPv6 address, not '192.0.2.256'",
        ),
        (
            {**ADDRESS, "service_address": "192.0.2.1/32"},
            ".service_address: must be an IPv4 or IPv6 address, not '192.0.2.1/32'",
        ),
        (
            {**ADDRESS, "service_address": "www.example.com"},
            ".service_address: must be an IPv4 or IPv6 address, not 'www.example.com'",
        ),
        (
            {**ADDRESS, "service_address": "192.0.2.1\0"},
            ".service_address: must be an IPv4 or IPv6 address, not '192.0.2.1\\x00'",
        ),
        (
            {**ADDRESS, "service_address": 3221225985},
            ".service_address: must be an IPv4 or IPv6 address, not 3221225985",
        ),
        (
            {**ADDRESS, "service_port": 65536},
            ".service_port: must be a whole number from 0 to 65535, not 65536",
        ),
        (
            {**ADDRESS, "service_port": "-1"},
            ".service_port: must be a whole number from 0 to 65535, not -1",
        ),
        (
            {**ADDRESS, "service_port": "http"},
            ".service_port: must be a whole number from 0 to 65535, not 'http'",
        ),
        (
            {**ADDRESS, "service_port": True},
            ".service_port: must be a whole number from 0 to 65535, not True",
        ),
        (
            {**ADDRESS, "service_port": 80.0},
            ".service_port: must be a whole number from 0 to 65535, not 80.0",
        ),
        (
            {**ADDRESS, "service_port": "80\n"},
            ".service_port: must be a whole number from 0 to 65535, not '80\\n'",
        ),
        (
            {**ADDRESS, "service_port": "\u0668\u0660"},  # 80 in Arabic-Indic digits
            ".service_port: must be a whole number from 0 to 65535, not '\u0668\u0660'",
        ),
        ({"fwmark": 0}, ".fwmark: must be a whole number from 1 to 4294967295, not 0"),
        (
            {"fwmark": 4294967296},
            ".fwmark: must be a whole number from 1 to 4294967295, not 4294967296",
        ),
        ({"fwmark": False}, ".fwmark: must be a whole number from 1 to 4294967295, not False"),
        ({"fwmark": 7, "family": "ipv4"}, ".family: must be one of inet, inet6, not 'ipv4'"),
        ({"fwmark": 7, **ADDRESS}, ".fwmark: excludes service_address; a service has either"),
        (
            {"fwmark": 7, "protocol": "tcp"},
            ".fwmark: excludes protocol; a service has either",
        ),
        (
            {"fwmark": 7, "service_port": 0},
            ".fwmark: excludes service_port; a service has either",
        ),
        ({}, ".service_address: missing; give it, or fwmark"),
        ({"service_port": 80}, ".service_address: missing; give it, or fwmark"),
        (
            {"service_address": "192.0.2.1", "service_port": None},
            ".service_port: missing; 0 is every port, if persistent",
        ),
        (
            {**ADDRESS, "family": "inet6"},
            ".family: 192.0.2.1 is of the family inet; leave it out",
        ),
        (
            {"service_address": "2001:db8::1", "service_port": 80, "family": "inet"},
            ".family: 2001:db8::1 is of the family inet6; leave it out",
        ),
    ],
)
def test_a_wrong_key(given: dict[str, Any], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        options.service_key(given, PATH)
    assert refusal(caught) == PATH + message
    with pytest.raises(LvsError) as caught:
        options.service_key(given)
    assert refusal(caught) == message[1:]


# --- wrong input: what is said of a service --------------------------------------------------
NAME = "must be the name of a kernel module's part, such as wlc, not "
FLAG = (
    ".sched_flags: must be one of flag-1, flag-2, flag-3, sh-fallback, sh-port, mh-fallback, "
    "mh-port, not "
)
FLAGS = (
    ".sched_flags: must be a list of flag-1, flag-2, flag-3, sh-fallback, sh-port, mh-fallback, "
    "mh-port, not "
)
MASK = ".persistence_granularity: must be a mask such as 255.255.255.0, or a prefix length, not "
LENGTH = ".persistence_granularity: must be a whole number from 1 to 128, not "


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scheduler": ""}, f".scheduler: {NAME}''"),
        ({"scheduler": "w lc"}, f".scheduler: {NAME}'w lc'"),
        ({"scheduler": "sixteen--letters"}, f".scheduler: {NAME}'sixteen--letters'"),
        ({"scheduler": ["rr"]}, f".scheduler: {NAME}['rr']"),
        ({"persistence_engine": "s/p"}, f".persistence_engine: {NAME}'s/p'"),
        ({"persistence_engine": False}, f".persistence_engine: {NAME}False"),
        (
            {"persistence_timeout": -1},
            ".persistence_timeout: must be a whole number from 0 to 2678400, not -1",
        ),
        (
            {"persistence_timeout": 2678401},
            ".persistence_timeout: must be a whole number from 0 to 2678400, not 2678401",
        ),
        ({"ops": "aye"}, ".ops: must be true or false, not 'aye'"),
        ({"ops": 1}, ".ops: must be true or false, not 1"),
        ({"sched_flags": "fallback"}, f"{FLAG}'fallback'"),
        ({"sched_flags": [1]}, f"{FLAG}1"),
        ({"sched_flags": 1}, f"{FLAGS}1"),
        ({"sched_flags": {"flag-1": True}}, f"{FLAGS}{{'flag-1': True}}"),
        (
            {"sched_flags": ["sh-port"]},
            ".sched_flags: sh-port belongs to the scheduler sh: give scheduler, too",
        ),
        (
            {"sched_flags": ["flag-1", "mh-port"], "scheduler": "sh"},
            ".sched_flags: mh-port belongs to the scheduler mh, not to sh",
        ),
        ({"persistence_granularity": "255.0.255.0"}, f"{MASK}'255.0.255.0'"),
        ({"persistence_granularity": "0.0.0.0"}, f"{MASK}'0.0.0.0'"),  # noqa: S104 - no socket
        ({"persistence_granularity": "255.255.255"}, f"{MASK}'255.255.255'"),
        ({"persistence_granularity": "255.255.255.0\0"}, f"{MASK}'255.255.255.0\\x00'"),
        ({"persistence_granularity": 0}, f"{LENGTH}0"),
        ({"persistence_granularity": "129"}, f"{LENGTH}129"),
        ({"persistence_granularity": "/24"}, f"{LENGTH}'/24'"),
        (
            {"persistence_granularity": 33},
            (
                ".persistence_granularity: must be a mask, or a prefix length up to 32, for an "
                "IPv4 service"
            ),
        ),
    ],
)
def test_a_wrong_service(given: dict[str, Any], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        options.service(given, HTTP, PATH)
    assert refusal(caught) == PATH + message


def test_a_mask_for_ipv6() -> None:
    with pytest.raises(LvsError) as caught:
        options.service({"persistence_granularity": "255.255.255.0"}, HTTP6)
    assert refusal(caught) == (
        "persistence_granularity: must be a prefix length from 1 to 128 for an IPv6 service"
    )


# --- wrong input: real servers ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, ".server_address: missing; give it"),
        ({"server_address": None, "server_port": 80}, ".server_address: missing; give it"),
        (
            {"server_address": ""},
            ".server_address: must be an IPv4 or IPv6 address, not ''",
        ),
        (
            {"server_address": "192.0.2.11", "server_port": 65536},
            ".server_port: must be a whole number from 0 to 65535, not 65536",
        ),
    ],
)
def test_a_wrong_key_of_a_real_server(given: dict[str, Any], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        options.real_key(given, HTTP, REAL_PATH)
    assert refusal(caught) == REAL_PATH + message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"forward_method": "masq"},
            ".forward_method: must be one of dr, tun, nat, not 'masq'",
        ),
        ({"weight": 65536}, ".weight: must be a whole number from 0 to 65535, not 65536"),
        ({"weight": -1}, ".weight: must be a whole number from 0 to 65535, not -1"),
        ({"weight": True}, ".weight: must be a whole number from 0 to 65535, not True"),
        ({"weight": "1.5"}, ".weight: must be a whole number from 0 to 65535, not '1.5'"),
        ({"weight": ""}, ".weight: must be a whole number from 0 to 65535, not ''"),
        (
            {"u_threshold": 2147483648},
            ".u_threshold: must be a whole number from 0 to 2147483647, not 2147483648",
        ),
        (
            {"l_threshold": [1]},
            ".l_threshold: must be a whole number from 0 to 2147483647, not [1]",
        ),
        ({"tunnel_type": "vxlan"}, ".tunnel_type: must be one of ipip, gue, gre, not 'vxlan'"),
        (
            {"tunnel_port": "6080/udp"},
            ".tunnel_port: must be a whole number from 0 to 65535, not '6080/udp'",
        ),
        (
            {"tunnel_flags": ["nocsum"]},
            ".tunnel_flags: must be one of csum, remcsum, not 'nocsum'",
        ),
        ({"tunnel_flags": 1}, ".tunnel_flags: must be a list of csum, remcsum, not 1"),
        (
            {"tunnel_flags": ["csum", "remcsum"]},
            ".tunnel_flags: must hold csum or remcsum, not both: ipvsadm has no word for both",
        ),
    ],
)
def test_a_wrong_real_server(given: dict[str, Any], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        options.real_server(given, REAL_PATH)
    assert refusal(caught) == REAL_PATH + message


# --- wrong input: the rest -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"udp": 0}, "timeouts.udp: must be a whole number from 1 to 2147483, not 0"),
        (
            {"tcp": 2147484},
            "timeouts.tcp: must be a whole number from 1 to 2147483, not 2147484",
        ),
        ({"tcpfin": 1}, "timeouts.tcpfin: there is no such key; did you mean tcp_fin?"),
        (
            {"sctp": 1, "x": 2},
            "timeouts.sctp: there is no such key; known are tcp, tcp_fin, udp",
        ),
        (
            {"icmpv6": 1},
            "timeouts.icmpv6: there is no such key; known are tcp, tcp_fin, udp",
        ),
        ({1: 1}, "timeouts.1: there is no such key; known are tcp, tcp_fin, udp"),
        ([30], "timeouts: must be a mapping with the keys tcp, tcp_fin, udp"),
    ],
)
def test_wrong_timeouts(given: Any, message: str) -> None:  # noqa: ANN401 - anything
    with pytest.raises(LvsError) as caught:
        options.timeouts(given, "timeouts")
    assert refusal(caught) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"drain_limit": -1},
            "drain_limit: must be a whole number from 0 to 2147483647, not -1",
        ),
        (
            {"drain_timeout": 86401},
            "drain_timeout: must be a whole number from 0 to 86400, not 86401",
        ),
    ],
)
def test_a_wrong_drain(given: dict[str, Any], message: str) -> None:
    base = {"drain_count": "all", "drain_limit": 0, "drain_timeout": 0, "drain_then": "keep"}
    with pytest.raises(LvsError) as caught:
        options.drain({**base, **given})
    assert refusal(caught) == message


def test_a_number_that_no_converter_reads_is_refused_all_the_same() -> None:
    digits = "9" * 5000  # more than Python makes a number of
    with pytest.raises(LvsError) as caught:
        options.real_server({"weight": digits}, "")
    assert refusal(caught) == f"weight: must be a whole number from 0 to 65535, not '{digits}'"


def test_text_that_is_no_unicode_is_refused_all_the_same() -> None:
    with pytest.raises(LvsError, match=r"^server_address: must be an IPv4 or IPv6 address"):
        options.real_key({"server_address": "\udcff"}, HTTP)
    with pytest.raises(LvsError, match=r"^persistence_granularity: must be a mask such as"):
        options.service({"persistence_granularity": "255.\udcff"}, HTTP)


def test_what_a_template_makes_of_values_is_taken() -> None:
    key = options.service_key({"service_address": "192.0.2.1", "service_port": "80"})
    said = options.service(
        {"scheduler": "sh", "sched_flags": "sh-port, sh-fallback", "ops": "Yes"}, key
    )
    assert said.sched_flags == ("flag-1", "flag-2")
    assert said.ops is True
    assert options.service({"ops": "0"}, key).ops is False

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a saved table, against lines that were written by hand from ipvsadm(8)."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    RealCommand,
    ServiceCommand,
    SetTimeouts,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import (
    modest,
    tables,
)
from hypothesis import example, given
from hypothesis import strategies as st

HTTP = ServiceKey("inet", "tcp", "172.25.0.100", 80)
HTTPS = ServiceKey("inet", "tcp", "172.25.0.100", 443)
DNS = ServiceKey("inet", "udp", "172.25.0.100", 53)
DIAMETER = ServiceKey("inet", "sctp", "172.25.0.100", 3868)
HTTP6 = ServiceKey("inet6", "tcp", "fd00::100", 80)
FWMARK = ServiceKey("inet", fwmark=7)
FWMARK6 = ServiceKey("inet6", fwmark=8)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
RR6 = Service("rr", (), 0, "128", "", ops=False)
ONE = RealKey("172.25.0.12", 80)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())

SERVICES = [
    (HTTP, RR, "-A -t 172.25.0.100:80 -s rr"),
    (
        HTTPS,
        Service("wrr", (), 300, "255.255.255.0", "", ops=False),
        "-A -t 172.25.0.100:443 -s wrr -p 300 -M 255.255.255.0",
    ),
    (
        HTTPS,
        Service("wrr", (), 300, "255.255.255.255", "", ops=False),
        "-A -t 172.25.0.100:443 -s wrr -p 300",
    ),
    (
        DNS,
        Service("rr", (), 60, "255.255.255.255", "sip", ops=True),
        "-A -u 172.25.0.100:53 -s rr -p 60 --pe sip -o",
    ),
    (DIAMETER, RR, "-A --sctp-service 172.25.0.100:3868 -s rr"),
    (HTTP6, RR6, "-A -t [fd00::100]:80 -s rr"),
    (HTTP6, Service("rr", (), 60, "64", "", ops=False), "-A -t [fd00::100]:80 -s rr -p 60 -M 64"),
    (HTTP6, Service("rr", (), 60, "128", "", ops=False), "-A -t [fd00::100]:80 -s rr -p 60"),
    (FWMARK, Service("wlc", (), 0, "255.255.255.255", "", ops=False), "-A -f 7 -s wlc"),
    (FWMARK6, Service("wlc", (), 0, "128", "", ops=False), "-A -f 8 -6 -s wlc"),
    (
        HTTP,
        Service("sh", ("flag-1", "flag-2"), 0, "255.255.255.255", "", ops=False),
        "-A -t 172.25.0.100:80 -s sh -b sh-fallback,sh-port",
    ),
    (
        HTTP,
        Service("mh", ("flag-2", "flag-3"), 0, "255.255.255.255", "", ops=False),
        "-A -t 172.25.0.100:80 -s mh -b mh-port,flag-3",
    ),
    (
        HTTP,
        Service("twos", ("flag-1",), 0, "255.255.255.255", "", ops=False),
        "-A -t 172.25.0.100:80 -s twos -b flag-1",
    ),
]
REALS = [
    (HTTP, ONE, DR, "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1"),
    (
        HTTP,
        ONE,
        RealServer("dr", 0, 100, 80, "ipip", 0, ()),
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 0 -x 100 -y 80",
    ),
    (
        HTTP,
        RealKey("172.25.0.12", 8080),
        RealServer("nat", 65535, 100, 0, "ipip", 0, ()),
        "-a -t 172.25.0.100:80 -r 172.25.0.12:8080 -m -w 65535 -x 100",
    ),
    (
        HTTP,
        RealKey("fd00::12", 80),
        RealServer("tun", 3, 0, 0, "ipip", 0, ()),
        "-a -t 172.25.0.100:80 -r [fd00::12]:80 -i -w 3 --tun-type ipip",
    ),
    (
        HTTP,
        ONE,
        RealServer("tun", 3, 0, 0, "gue", 6080, ()),
        (
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -i -w 3 --tun-type gue --tun-port 6080 "
            "--tun-nocsum"
        ),
    ),
    (
        HTTP,
        ONE,
        RealServer("tun", 3, 9, 8, "gue", 6080, ("remcsum",)),
        (
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -i -w 3 --tun-type gue --tun-port 6080 "
            "--tun-remcsum -x 9 -y 8"
        ),
    ),
    (
        HTTP,
        ONE,
        RealServer("tun", 3, 0, 0, "gre", 0, ("csum",)),
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -i -w 3 --tun-type gre --tun-csum",
    ),
    (FWMARK6, RealKey("fd00::12", 0), DR, "-a -f 8 -6 -r [fd00::12]:0 -g -w 1"),
]


# --- both ways -------------------------------------------------------------------------------
@pytest.mark.parametrize(("key", "service", "line"), SERVICES)
def test_a_service_as_a_line(key: ServiceKey, service: Service, line: str) -> None:
    table = {key: Entries(service, {})}
    assert text.render(table) == f"{line}\n"
    assert text.parse(f"{line}\n") == table


@pytest.mark.parametrize(("key", "real_key", "real", "line"), REALS)
def test_a_real_server_as_a_line(
    key: ServiceKey, real_key: RealKey, real: RealServer, line: str
) -> None:
    service = RR6 if key.family == "inet6" else RR
    table = {key: Entries(service, {real_key: real})}
    first, second = text.render(table).splitlines()
    assert second == line
    assert text.parse(f"{first}\n{line}") == table


@modest
@given(tables())
def test_a_rendered_table_is_parsed_as_it_was(table: Table) -> None:
    written = text.render(table)
    parsed = text.parse(written)
    assert parsed == table
    assert text.render(parsed) == written  # in the same order, too


def test_a_table_is_in_its_own_order() -> None:
    two = RealKey("172.25.0.13", 80)
    table = {FWMARK: Entries(RR, {}), HTTP: Entries(RR, {two: DR, ONE: DR})}
    assert text.render(table) == (
        "-A -f 7 -s rr\n"
        "-A -t 172.25.0.100:80 -s rr\n"
        "-a -t 172.25.0.100:80 -r 172.25.0.13:80 -g -w 1\n"
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1\n"
    )
    assert text.render({}) == ""


def test_what_ipvsadm_cannot_say_is_said_as_near_as_it_can() -> None:
    both = RealServer("tun", 1, 0, 0, "gre", 0, ("csum", "remcsum"))
    assert text.real_words(HTTP, ONE, both).endswith("--tun-type gre --tun-csum")
    local = RealServer("local", 1, 0, 0, "ipip", 0, ())
    assert text.real_words(HTTP, ONE, local).endswith(" -g -w 1")


# --- names -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("key", "name"),
    [
        (HTTP, "172.25.0.100:80/tcp"),
        (HTTP6, "[fd00::100]:80/tcp"),
        (DIAMETER, "172.25.0.100:3868/sctp"),
        (FWMARK, "fwmark 7"),
        (FWMARK6, "fwmark 8 (IPv6)"),
    ],
)
def test_how_a_message_calls_a_service(key: ServiceKey, name: str) -> None:
    assert text.service_name(key) == name


def test_how_a_message_calls_a_real_server() -> None:
    assert text.real_name(ONE) == "172.25.0.12:80"
    assert text.real_name(RealKey("fd00::12", 0)) == "[fd00::12]:0"


# --- plans -----------------------------------------------------------------------------------
WLC = Service("wlc", (), 0, "255.255.255.255", "", ops=False)
WEIGHT_3 = RealServer("dr", 3, 0, 0, "ipip", 0, ())


@pytest.mark.parametrize(
    ("command", "line", "before", "after"),
    [
        (
            ServiceCommand(HTTP, None, RR),
            "-A -t 172.25.0.100:80 -s rr",
            "",
            "-A -t 172.25.0.100:80 -s rr\n",
        ),
        (
            ServiceCommand(HTTP, RR, WLC),
            "-E -t 172.25.0.100:80 -s wlc",
            "-A -t 172.25.0.100:80 -s rr\n",
            "-A -t 172.25.0.100:80 -s wlc\n",
        ),
        (
            ServiceCommand(FWMARK6, RR6, None, ((RealKey("fd00::12", 80), DR),)),
            "-D -f 8 -6",
            "-A -f 8 -6 -s rr\n-a -f 8 -6 -r [fd00::12]:80 -g -w 1\n",
            "",
        ),
        (
            RealCommand(HTTP, ONE, None, WEIGHT_3),
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3",
            "",
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3\n",
        ),
        (
            RealCommand(HTTP, ONE, DR, WEIGHT_3),
            "-e -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3",
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1\n",
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 3\n",
        ),
        (
            RealCommand(HTTP, ONE, DR, None),
            "-d -t 172.25.0.100:80 -r 172.25.0.12:80",
            "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1\n",
            "",
        ),
        (
            SetTimeouts(Timeouts(900, 120, 300), Timeouts(tcp=600, udp=30)),
            "--set 600 0 30",
            "--set 900 0 300\n",
            "--set 600 0 30\n",
        ),
    ],
)
def test_a_command_as_ipvsadm_would_have_it(
    command: Command, line: str, before: str, after: str
) -> None:
    assert text.command_line(command) == line
    assert text.diff([command]) == (before, after)


def test_the_diff_of_a_plan_is_that_of_its_commands_in_order() -> None:
    commands: list[Command] = [ServiceCommand(HTTP, RR, WLC), RealCommand(HTTP, ONE, None, DR)]
    assert text.diff(commands) == (
        "-A -t 172.25.0.100:80 -s rr\n",
        "-A -t 172.25.0.100:80 -s wlc\n-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1\n",
    )
    assert text.diff([]) == ("", "")


def test_the_diff_says_what_is_replaced() -> None:
    nat = RealServer("nat", 1, 0, 0, "ipip", 0, ())
    commands = [RealCommand(HTTP, ONE, DR, None), RealCommand(HTTP, ONE, None, nat)]
    assert text.diff(commands) == (
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -g -w 1\n",
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -m -w 1  # replaced\n",
    )


def test_a_table_has_one_order() -> None:
    other = ServiceKey("inet", "tcp", "172.25.0.100", 81)
    two = RealKey("172.25.0.13", 80)
    table = {other: Entries(RR, {}), HTTP: Entries(RR, {two: DR, ONE: DR})}
    turned = {HTTP: Entries(RR, {ONE: DR, two: DR}), other: Entries(RR, {})}
    assert text.render(text.in_order(table)) == text.render(turned)
    assert text.in_order(table) == table


# --- parsing ---------------------------------------------------------------------------------
def test_what_a_saved_table_leaves_out_is_the_default() -> None:
    saved = "# a remark\n\n-A -t 172.25.0.100:80\n-a -t 172.25.0.100:80 -r 172.25.0.12:80 # more\n"
    assert text.parse(saved) == {HTTP: Entries(WLC, {ONE: DR})}


def test_flags_have_two_names() -> None:
    plain = text.parse("-A -f 7 -s sh -b flag-2,flag-1")
    assert plain == text.parse("-A -f 7 -s sh -b sh-fallback,sh-port")
    assert plain[FWMARK].service.sched_flags == ("flag-1", "flag-2")


def test_an_address_has_many_spellings() -> None:
    assert text.parse("-A -t [FD00:0::0100]:80 -s rr") == {HTTP6: Entries(RR6, {})}


@pytest.mark.parametrize(
    "line",
    [
        "-A",
        "-A -s rr",
        "-A -t 172.25.0.100",
        "-A -t 172.25.0:80",
        "-A -t name:80",
        "-A -t 172.25.0.100:http",
        "-A -t 172.25.0.100:80 -u 172.25.0.100:53",
        "-A -t 172.25.0.100:80 -s sh -b mh-port",
        "-A -t 172.25.0.100:80 -p",
        "-A -t 172.25.0.100:80 --none-such",
        "-A -f seven",
        "-a -t 172.25.0.100:81 -r 172.25.0.12:80",  # a service that isn't there
        "-a -t 172.25.0.100:80",
        "-a -t 172.25.0.100:80 -r 172.25.0.12:80 -w many",
        "-D -t 172.25.0.100:80",
        "-t 172.25.0.100:80",
        "what is this",
        "-A -t 172.25.0.100:80 -s 'rr",
        "-A -t 172.25.0.100:80 -s rr\\",
    ],
)
def test_b52_what_is_no_rule_is_named_with_its_line(line: str) -> None:
    with pytest.raises(LvsError) as caught:
        text.parse(f"# saved\n-A -t 172.25.0.100:80 -s rr\n{line}\n-A -f 7\n")
    assert str(caught.value) == f"line 3: '{line}' is not a rule of a saved table"


WORDS = st.sampled_from(
    [
        *("-A", "-a", "-t", "-u", "-f", "-6", "-s", "-p", "-M", "-b", "-r", "-w", "-x", "-y", "-o"),
        *("--pe", "--tun-type", "--tun-port", "--tun-csum", "--sctp-service", "-g", "-i", "-m"),
        *("192.0.2.1:80", "[2001:db8::1]:80", "[", ":", "7", "rr", "sh", "sh-port", "'", "\\", "#"),
    ]
)


@modest
@given(st.text() | st.lists(WORDS, max_size=8).map(" ".join))
@example('"')
@example("\\")
@example("-A -f " + "9" * 5000)
def test_no_text_ends_in_another_error(anything: str) -> None:
    with contextlib.suppress(LvsError):
        assert isinstance(text.parse(anything), dict)

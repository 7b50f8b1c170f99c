# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole table as an option: what is read, what is refused, what is drawn over the kernel's."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import as_options, table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import plan
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import applied
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import (
    modest,
    tables,
)
from hypothesis import given

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
HTTP6 = ServiceKey("inet6", "tcp", "2001:db8::1", 80)
FWMARK = ServiceKey("inet", fwmark=7)
FWMARK6 = ServiceKey("inet6", fwmark=7)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
ONE, TWO = RealKey("192.0.2.11", 80), RealKey("192.0.2.12", 80)
WEB = {"service_address": "192.0.2.1", "service_port": 80}
SERVICE_KEYS = (
    "protocol, service_address, service_port, fwmark, family, scheduler, sched_flags, "
    "persistence_timeout, persistence_granularity, persistence_engine, ops, real_servers"
)
REAL_KEYS = (
    "server_address, server_port, forward_method, weight, u_threshold, l_threshold, tunnel_type, "
    "tunnel_port, tunnel_flags"
)
NOTHING = table.Ignored(frozenset(), ())


# --- reading ---------------------------------------------------------------------------------
def test_a_declared_table() -> None:
    found = table.declared(
        [
            {
                **WEB,
                "scheduler": "rr",
                "real_servers": [
                    {"server_address": "192.0.2.11", "weight": "3"},
                    {"server_address": "192.0.2.12"},
                ],
            },
            {"fwmark": 7, "real_servers": []},
            {"fwmark": 7, "family": "inet6"},
        ]
    )
    assert found.services == {
        HTTP: (Service(scheduler="rr"), {ONE: RealServer(weight=3), TWO: RealServer()}),
        FWMARK: (Service(), {}),
        FWMARK6: (Service(), None),
    }
    assert found.paths == {
        HTTP: "services[0]",
        (HTTP, ONE): "services[0].real_servers[0]",
        (HTTP, TWO): "services[0].real_servers[1]",
        FWMARK: "services[1]",
        FWMARK6: "services[2]",
    }


@modest
@given(tables())
def test_what_is_reported_can_be_declared(there: Table) -> None:
    found = table.declared(as_options.services(there))
    assert plan(there, table.draw(there, found, prune=True, ignore=NOTHING)) == ()
    made = applied({}, plan({}, table.draw({}, found, prune=True, ignore=NOTHING)))
    assert made == there


@pytest.mark.parametrize(
    ("services", "message"),
    [
        (["web"], f"services[0]: must be a mapping with the keys {SERVICE_KEYS}"),
        ([WEB, None], f"services[1]: must be a mapping with the keys {SERVICE_KEYS}"),
        (
            [{**WEB, "schedular": "rr"}],
            "services[0].schedular: there is no such key; did you mean scheduler?",
        ),
        (
            [{**WEB, "xyz": 1}],
            f"services[0].xyz: there is no such key; known are {SERVICE_KEYS}",
        ),
        (
            [{**WEB, "real_server": []}],
            "services[0].real_server: there is no such key; did you mean real_servers?",
        ),
        (
            [WEB, {**WEB, "service_port": "x"}],
            "services[1].service_port: must be a whole number from 0 to 65535, not 'x'",
        ),
        ([WEB, {}], "services[1].service_address: missing; give it, or fwmark"),
        (
            [WEB, {**WEB, "scheduler": "", "service_port": 81}],
            (
                "services[1].scheduler: must be the name of a kernel module's part, such as wlc, "
                "not ''"
            ),
        ),
        (
            [WEB, {"fwmark": 7}, {**WEB, "protocol": "TCP"}],
            "services[2]: 192.0.2.1:80/tcp is there already, as services[0]",
        ),
        (
            [
                {"service_address": "2001:db8::1", "service_port": 80},
                {"service_address": "2001:0DB8:0:0::1", "service_port": "80"},
            ],
            "services[1]: [2001:db8::1]:80/tcp is there already, as services[0]",
        ),
        (
            [{"fwmark": 7}, {"fwmark": "7", "family": "inet"}],
            "services[1]: fwmark 7 is there already, as services[0]",
        ),
        ([{**WEB, "real_servers": {}}], "services[0].real_servers: must be a list"),
        ([{**WEB, "real_servers": "192.0.2.11"}], "services[0].real_servers: must be a list"),
        (
            [{**WEB, "real_servers": ["192.0.2.11"]}],
            f"services[0].real_servers[0]: must be a mapping with the keys {REAL_KEYS}",
        ),
        (
            [{**WEB, "real_servers": [{"server_addr": "192.0.2.11"}]}],
            (
                "services[0].real_servers[0].server_addr: there is no such key; did you mean "
                "server_address?"
            ),
        ),
        (
            [{**WEB, "real_servers": [{"server_port": 80}]}],
            "services[0].real_servers[0].server_address: missing; give it",
        ),
        (
            [
                WEB,
                {"fwmark": 1},
                {"fwmark": 2, "real_servers": [{"server_address": "192.0.2.11", "weight": True}]},
            ],
            "services[2].real_servers[0].weight: must be a whole number from 0 to 65535, not True",
        ),
        (
            [
                {
                    **WEB,
                    "real_servers": [
                        {"server_address": "2001:db8::b"},
                        {"server_address": "192.0.2.11"},
                        {"server_address": "2001:DB8::000B", "server_port": "80"},
                    ],
                }
            ],
            (
                "services[0].real_servers[2]: [2001:db8::b]:80 is there already, as "
                "services[0].real_servers[0]"
            ),
        ),
    ],
)
def test_a_wrong_table(services: list[object], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        table.declared(services)
    assert str(caught.value) == message


# --- what pruning leaves alone ---------------------------------------------------------------
def test_ignored_services() -> None:
    found = table.ignored(
        [{"fwmark": 7}, {"fwmark": "8", "address": None}, {"address": "192.0.2.0/24"}]
    )
    assert FWMARK in found
    assert FWMARK6 in found
    assert ServiceKey("inet", fwmark=8) in found
    assert ServiceKey("inet", fwmark=9) not in found
    assert HTTP in found
    assert ServiceKey("inet", "udp", "192.0.2.255", 0) in found
    assert ServiceKey("inet", "tcp", "192.0.3.1", 80) not in found
    assert HTTP6 not in found
    assert HTTP6 in table.ignored([{"address": "2001:DB8::1"}])
    assert HTTP6 in table.ignored([{"address": "2001:db8::/32"}])
    assert HTTP not in table.ignored([])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([7], "ignore[0]: must be a mapping with the keys fwmark, address"),
        ([{}], "ignore[0]: must have either fwmark or address"),
        (
            [{"fwmark": 7}, {"fwmark": 7, "address": "192.0.2.1"}],
            "ignore[1]: must have either fwmark or address",
        ),
        ([{"adress": "x"}], "ignore[0].adress: there is no such key; did you mean address?"),
        (
            [{"fwmark": "seven"}],
            "ignore[0].fwmark: must be a whole number from 1 to 4294967295, not 'seven'",
        ),
        (
            [{"address": "192.0.2.1/24"}],
            (
                "ignore[0].address: must be an address, or a network such as 192.0.2.0/24, not "
                "'192.0.2.1/24'"
            ),
        ),
        (
            [{"address": 5}],
            "ignore[0].address: must be an address, or a network such as 192.0.2.0/24, not 5",
        ),
        (
            [{"address": "web"}],
            "ignore[0].address: must be an address, or a network such as 192.0.2.0/24, not 'web'",
        ),
    ],
)
def test_a_wrong_ignore(items: list[object], message: str) -> None:
    with pytest.raises(LvsError) as caught:
        table.ignored(items)
    assert str(caught.value) == message


# --- drawing ---------------------------------------------------------------------------------
THERE: dict[ServiceKey, Entries] = {
    HTTP: Entries(RR, {ONE: DR, TWO: DR}),
    FWMARK: Entries(RR, {ONE: DR}),
    HTTP6: Entries(RR, {}),
}
SAID = Service(scheduler="wrr")
WEIGHT = RealServer(weight=5)


def wanted(reals: dict[RealKey, RealServer] | None) -> table.Declared:
    return table.Declared({HTTP: (SAID, reals)}, {})


@pytest.mark.parametrize(
    ("reals", "prune", "drawn"),
    [
        ({ONE: WEIGHT}, False, {**THERE, HTTP: Entries(SAID, {ONE: WEIGHT, TWO: DR})}),
        ({ONE: WEIGHT}, True, {HTTP: Entries(SAID, {ONE: WEIGHT})}),
        ({}, False, {**THERE, HTTP: Entries(SAID, {ONE: DR, TWO: DR})}),
        ({}, True, {HTTP: Entries(SAID, {})}),
        (None, False, {**THERE, HTTP: Entries(SAID, {ONE: DR, TWO: DR})}),
        (None, True, {HTTP: Entries(SAID, {ONE: DR, TWO: DR})}),
    ],
)
def test_what_is_not_declared_stays_unless_pruned(
    reals: dict[RealKey, RealServer] | None,
    prune: bool,  # noqa: FBT001 - a parameter of the test
    drawn: Table,
) -> None:
    assert table.draw(THERE, wanted(reals), prune=prune, ignore=NOTHING) == drawn


def test_a_declared_service_that_is_not_there_is_drawn() -> None:
    assert table.draw({}, wanted(None), prune=False, ignore=NOTHING) == {HTTP: Entries(SAID, {})}
    drawn = table.draw({}, wanted({ONE: WEIGHT}), prune=False, ignore=NOTHING)
    assert drawn == {HTTP: Entries(SAID, {ONE: WEIGHT})}


def test_pruning_leaves_the_ignored_alone() -> None:
    nothing = table.Declared({}, {})
    assert table.draw(THERE, nothing, prune=True, ignore=NOTHING) == {}
    ignore = table.ignored([{"fwmark": 7}])
    assert table.draw(THERE, nothing, prune=True, ignore=ignore) == {FWMARK: THERE[FWMARK]}
    ignore = table.ignored([{"address": "192.0.2.1"}, {"address": "2001:db8::/64"}])
    assert table.draw(THERE, nothing, prune=True, ignore=ignore) == {
        HTTP: THERE[HTTP],
        HTTP6: THERE[HTTP6],
    }


def test_ignoring_a_declared_service_changes_nothing() -> None:
    ignore = table.ignored([{"address": "192.0.2.1"}])
    drawn = table.draw(THERE, wanted({ONE: WEIGHT}), prune=True, ignore=ignore)
    assert drawn == {HTTP: Entries(SAID, {ONE: WEIGHT})}


@modest
@given(tables())
def test_an_empty_declaration_takes_all_or_nothing(there: Table) -> None:
    nothing = table.Declared({}, {})
    assert table.draw(there, nothing, prune=False, ignore=NOTHING) == there
    assert table.draw(there, nothing, prune=True, ignore=NOTHING) == {}

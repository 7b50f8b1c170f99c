# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table that follows from what is declared and believed."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._director import config
from ansible_collections.lvs.cluster.plugins.module_utils._director.wanted import (
    declared_weight,
    draw,
    seems_up,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    NEW_REAL_SERVER,
    Entries,
    RealKey,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import plan
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import applied
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.director.samples import (
    KEY,
    ONE,
    SORRY,
    TWO,
    WEB,
    given,
    made,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import tables
from hypothesis import given as every
from hypothesis import strategies as st

STRANGER = RealKey("192.0.2.77", 80)
NINETEEN = RealKey("192.0.2.19", 80)


def weights(table: Table) -> dict[RealKey, int | None]:
    return {key: real.weight for key, real in table[WEB].real_servers.items()}


def test_weights_by_belief() -> None:
    found = made()
    assert weights(draw({}, found, ())) == {ONE: 3, TWO: 4}
    assert weights(draw({}, found, {(WEB, TWO)})) == {ONE: 3, TWO: 0}


def test_removal() -> None:
    found = made(on_failure="remove")
    there = draw({}, found, ())
    assert weights(draw(there, found, {(WEB, TWO)})) == {ONE: 3}


def test_the_sorry_server_is_there_while_nobody_else_is() -> None:
    found = made(sorry_server=SORRY)
    both = {(WEB, ONE), (WEB, TWO)}
    sorry = draw({}, found, both)
    assert weights(sorry) == {ONE: 0, TWO: 0, NINETEEN: 1}
    assert weights(draw(sorry, found, {(WEB, ONE)})) == {ONE: 0, TWO: 4}
    gone = made(sorry_server=SORRY, on_failure="remove")
    assert weights(draw(sorry, gone, both)) == {NINETEEN: 1}


def test_what_is_not_declared_stays() -> None:
    other = ServiceKey("inet", fwmark=7)
    there = {
        WEB: Entries(Service("rr"), {STRANGER: NEW_REAL_SERVER}),
        other: Entries(Service("rr"), {ONE: NEW_REAL_SERVER}),
    }
    drawn = draw(there, made(on_failure="remove"), {(WEB, ONE), (WEB, TWO)})
    assert weights(drawn) == {STRANGER: 1}
    assert drawn[other] == there[other]


def test_a_service_without_checks_is_kept_as_it_is_declared() -> None:
    options = given()
    options["services"].append({"fwmark": 7, "real_servers": [{"server_address": "192.0.2.13"}]})
    mark = ServiceKey("inet", fwmark=7)
    found = config.parse(options)
    there = {mark: Entries(Service(), {STRANGER: NEW_REAL_SERVER})}
    assert set(draw(there, found, ())[mark].real_servers) == {STRANGER, RealKey("192.0.2.13", 0)}


def test_a_weight_that_is_not_said_is_1() -> None:
    options = given()
    del options["services"][0]["real_servers"][0]["weight"]
    found = config.parse(options)
    assert declared_weight(found, (WEB, ONE)) == 1
    assert weights(draw({}, found, ())) == {ONE: 1, TWO: 4}


@every(tables(), st.sets(st.sampled_from([(WEB, ONE), (WEB, TWO)])), st.booleans())
def test_what_is_drawn_is_reached_and_stays(
    table: Table,
    down: set[tuple[ServiceKey, RealKey]],
    remove: bool,  # noqa: FBT001 - drawn
) -> None:
    found = made(sorry_server=SORRY, on_failure="remove" if remove else "quiesce")
    there = applied(table, plan(table, draw(table, found, down)))
    assert plan(there, draw(there, found, down)) == ()
    for key in table.keys() - {WEB}:
        assert there[key] == table[key]


def test_what_seems_up() -> None:
    service = made().services[0]
    assert seems_up({}, service, (WEB, ONE), 3)
    there = draw({}, made(), {(WEB, TWO)})
    assert seems_up(there, service, (WEB, ONE), 3)
    assert not seems_up(there, service, (WEB, TWO), 4)
    assert seems_up(there, service, (WEB, TWO), 0)  # nobody is to send it anything
    empty = {WEB: Entries(Service(), {})}
    assert not seems_up(empty, service, (WEB, ONE), 3)
    assert KEY["service_port"] == WEB.port

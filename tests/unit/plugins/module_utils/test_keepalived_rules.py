# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repairs of a model kernel's table, while keepalived may change its mind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_rules as rules
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Plan,
    RealCommand,
    ServiceCommand,
    touched,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import PartlyApplied, applied
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_dump import Belief
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    ModelKernel,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import (
    modest,
    pairs,
    tables,
)
from hypothesis import given
from hypothesis import strategies as st

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
DNS = ServiceKey("inet", "udp", "192.0.2.1", 53)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
ONE = RealKey("192.0.2.11", 80)
TWO = RealKey("192.0.2.12", 80)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
HEAVY = replace(DR, weight=5)
ADD_ONE = RealCommand(HTTP, ONE, None, DR)
ADD_TWO = RealCommand(HTTP, TWO, None, DR)
DELETE_ONE = RealCommand(HTTP, ONE, DR, None)
DELETE_TWO = RealCommand(HTTP, TWO, DR, None)


def web(*reals: RealKey, service: Service = RR) -> dict[ServiceKey, Entries]:
    return {HTTP: Entries(service, dict.fromkeys(reals, DR))}


def without_engines(table: Table) -> Table:
    """Return a table as keepalived tells it."""
    return {
        key: Entries(replace(there.service, persistence_engine=None), there.real_servers)
        for key, there in table.items()
    }


# --- what always holds -----------------------------------------------------------------------
@modest
@given(tables())
def test_what_is_as_believed_is_left_alone(table: Table) -> None:
    look = rules.Look(Belief(without_engines(table)), table)
    assert rules.repairs(look, prune=True) == ()
    assert rules.repairs(look, prune=False) == ()


@modest
@given(pairs())
def test_after_a_repair_keepaliveds_services_are_as_it_believes(both: tuple[Table, Table]) -> None:
    there, belief = both
    look = rules.Look(Belief(without_engines(belief)), there)
    kernel = ModelKernel(there)
    commands = rules.repairs(look, prune=True)
    assert kernel.take_all(commands) == [0] * len(commands)
    now = kernel.table()
    for key, believed in belief.items():
        engine = there[key].service.persistence_engine if key in there else ""
        assert now[key].service == replace(believed.service, persistence_engine=engine)
        assert now[key].real_servers == believed.real_servers
    foreign = {key: entries for key, entries in there.items() if key not in belief}
    assert {key: entries for key, entries in now.items() if key not in belief} == foreign
    assert rules.repairs(rules.Look(look.belief, now), prune=True) == ()


@modest
@given(pairs())
def test_without_pruning_nothing_goes(both: tuple[Table, Table]) -> None:
    there, belief = both
    look = rules.Look(Belief(without_engines(belief)), there)
    now = applied(there, rules.repairs(look, prune=False))
    for key, entries in there.items():
        assert entries.real_servers.keys() <= now[key].real_servers.keys()
    for key, believed in belief.items():
        assert believed.real_servers.items() <= now[key].real_servers.items()


@modest
@given(st.data())
def test_what_is_agreed_on_is_legal_for_the_second_look(data: st.DataObject) -> None:
    first, second = data.draw(pairs()), data.draw(pairs())
    plans = [
        rules.repairs(rules.Look(Belief(without_engines(belief)), there), prune=True)
        for there, belief in (first, (second[0], first[1]))
    ]
    both = rules.agreed(plans[0], plans[1])
    assert set(both) <= set(plans[0])
    assert both == tuple(command for command in plans[1] if command in both)
    assert ModelKernel(second[0]).take_all(both) == [0] * len(both)
    for key in touched(both):
        parts = [[one for one in plan if touched([one]) == (key,)] for plan in plans]
        assert parts[0] == parts[1]
    assert rules.agreed(plans[0], plans[0]) == plans[0]


# --- the host --------------------------------------------------------------------------------
class Host:
    """A kernel's table, and a keepalived that changes its mind at given looks."""

    def __init__(self, belief: Table | None, there: Table) -> None:
        self.belief = belief
        self.kernel = ModelKernel(there)
        self.before_look: dict[int, Callable[[], None]] = {}
        self.before_apply: Callable[[], None] = lambda: None
        self.looks = 0
        self.taken: list[Plan] = []

    def look(self) -> rules.Look | None:
        self.looks += 1
        self.before_look.get(self.looks, lambda: None)()
        if self.belief is None:
            return None
        return rules.Look(Belief(without_engines(self.belief), ("x: y",)), self.kernel.table())

    def apply(self, commands: Plan) -> None:
        self.before_apply()
        self.taken.append(commands)
        assert self.kernel.take_all(commands) == [0] * len(commands)

    def takes(self, belief: Table | None, *commands: RealCommand | ServiceCommand) -> None:
        """Let keepalived change its mind, and the kernel's table with it."""
        self.belief = belief
        self.kernel.take_all(commands)

    def run(self, *, prune: bool = True, check_mode: bool = False) -> rules.Outcome:
        return rules.ensure(rules.Host(self.look, self.apply), prune=prune, check_mode=check_mode)


def test_no_keepalived_no_change() -> None:
    outcome = Host(None, web(ONE)).run()
    assert (outcome.plan, outcome.running, outcome.left_alone) == ((), False, ())


def test_a_table_that_is_whole_is_looked_at_once() -> None:
    host = Host(web(ONE), web(ONE))
    outcome = host.run()
    assert (outcome.plan, outcome.running, outcome.left_alone) == ((), True, ("x: y",))
    assert (host.looks, host.taken) == (1, [])


def test_a_repair_takes_two_looks_and_a_third_to_verify() -> None:
    host = Host(web(ONE, TWO), web(TWO))
    predicted = host.run(check_mode=True)
    assert (host.looks, host.taken, predicted.plan) == (2, [], (ADD_ONE,))
    done = host.run()
    assert (host.looks, host.taken, done.plan) == (5, [(ADD_ONE,)], (ADD_ONE,))
    assert host.kernel.table() == web(TWO, ONE)
    assert host.run().plan == ()


def test_a_server_that_a_check_takes_out_between_the_looks_stays_out() -> None:
    host = Host(web(ONE, TWO), web(TWO))
    host.before_look[2] = lambda: host.takes(web(TWO))
    assert host.run().plan == ()
    assert host.kernel.table() == web(TWO)


def test_a_service_is_repaired_as_a_whole_or_at_the_next_look() -> None:
    host = Host(web(ONE, TWO), {})
    host.before_look[2] = lambda: host.takes(web(TWO))
    outcome = host.run()
    assert host.taken == [(), (ServiceCommand(HTTP, None, RR), ADD_TWO)]
    assert outcome.plan == host.taken[1]
    assert host.kernel.table() == web(TWO)


def test_the_other_services_do_not_wait_for_it() -> None:
    dns = {DNS: Entries(RR, {})}
    host = Host({**web(ONE), **dns}, web())
    host.before_look[2] = lambda: host.takes({**web(), **dns})
    assert host.run().plan == (ServiceCommand(DNS, None, RR),)


@pytest.mark.parametrize("prune", [True, False])
def test_a_server_that_a_check_takes_out_during_the_repair_is_taken_out_again(
    *, prune: bool
) -> None:
    host = Host(web(ONE), web())

    def check_fails() -> None:
        host.before_apply = lambda: None
        host.takes(web())  # there is nothing of it to delete yet

    host.before_apply = check_fails
    outcome = host.run(prune=prune)
    assert outcome.plan == (ADD_ONE, DELETE_ONE)
    assert host.kernel.table() == web()


def test_keepalived_may_end_meanwhile() -> None:
    host = Host(web(ONE), web())
    host.before_look[2] = lambda: host.takes(None)
    outcome = host.run()
    assert (outcome.plan, outcome.running, host.taken) == ((), False, [])
    host = Host(web(ONE), web())
    host.before_look[3] = lambda: host.takes(None)
    outcome = host.run()
    assert (outcome.plan, outcome.running) == ((ADD_ONE,), False)


def test_somebody_else_who_never_stops_is_an_error() -> None:
    host = Host(web(ONE), web())
    for turn in (3, 5, 7):
        host.before_look[turn] = lambda: host.takes(web(ONE), DELETE_ONE)
    with pytest.raises(PartlyApplied) as raised:
        host.run()
    line = "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1"
    assert str(raised.value) == (
        "the IPVS table was repaired 3 times and still differs from what keepalived believes: "
        f"'ipvsadm {line}' is still to be done; something else writes to it, or keepalived's "
        "checks change their mind: run again"
    )
    assert (raised.value.applied, raised.value.not_applied) == ([line] * 3, [line])


def test_a_refusal_tells_what_was_done_in_earlier_turns_too() -> None:
    host = Host(web(ONE), web())
    host.before_look[3] = lambda: host.takes(web(ONE, TWO))

    def refuse(commands: Plan) -> None:
        if ADD_TWO in commands:
            raise PartlyApplied("no", ["-a x"], ["-a y"])
        host.apply(commands)

    with pytest.raises(PartlyApplied) as raised:
        rules.ensure(rules.Host(host.look, refuse), prune=True, check_mode=False)
    assert raised.value.applied == ["-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1", "-a x"]
    assert raised.value.not_applied == ["-a y"]


@pytest.mark.parametrize(
    ("prune", "commands"), [(True, (ADD_ONE, DELETE_TWO)), (False, (ADD_ONE,))]
)
def test_what_was_added_by_hand_goes_if_asked(prune: bool, commands: Plan) -> None:  # noqa: FBT001 - a parameter
    assert Host(web(ONE), web(TWO)).run(prune=prune).plan == commands


# --- in words --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ((ServiceCommand(HTTP, None, RR),), ["192.0.2.1:80/tcp was missing"]),
        (
            (ServiceCommand(HTTP, RR, replace(RR, scheduler="wrr")),),
            ["192.0.2.1:80/tcp was not as keepalived set it"],
        ),
        ((ADD_ONE,), ["192.0.2.11:80 of 192.0.2.1:80/tcp was missing"]),
        (
            (RealCommand(HTTP, ONE, HEAVY, DR),),
            ["192.0.2.11:80 of 192.0.2.1:80/tcp was not as keepalived set it"],
        ),
        ((DELETE_ONE,), ["192.0.2.11:80 of 192.0.2.1:80/tcp was not set by keepalived"]),
        # another forwarding method
        (
            (DELETE_ONE, RealCommand(HTTP, ONE, None, replace(DR, forward_method="nat"))),
            ["192.0.2.11:80 of 192.0.2.1:80/tcp was not as keepalived set it"],
        ),
    ],
)
def test_each_entry_has_a_sentence(
    commands: Sequence[RealCommand | ServiceCommand], said: list[str]
) -> None:
    assert rules.sentences(tuple(commands)) == said

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner, against a model of the kernel that refuses what the kernel refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import plan as planner
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    NEW_REAL_SERVER,
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
    plan,
    plan_timeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.run import applied
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    ModelKernel,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import (
    modest,
    pairs,
    partial_tables,
    partly,
    real_servers,
    service_keys,
    services,
    tables,
)
from hypothesis import given
from hypothesis import strategies as st

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
HTTP6 = ServiceKey("inet6", "tcp", "2001:db8::1", 80)
FWMARK = ServiceKey("inet", fwmark=7)
WLC = Service("wlc", (), 0, "255.255.255.255", "", ops=False)
ONE = RealKey("192.0.2.11", 80)
TWO = RealKey("192.0.2.12", 80)
NEW = RealServer("dr", 1, 0, 0, "ipip", 0, ())


def table(
    *reals: tuple[RealKey, RealServer], service: Service = WLC, key: ServiceKey = HTTP
) -> dict[ServiceKey, Entries]:
    return {key: Entries(service, dict(reals))}


def carried_out(before: Table, after: Table) -> tuple[Table, list[Command]]:
    """Plan, and have every command taken by the model kernel; return its table."""
    commands = list(plan(before, after))
    kernel = ModelKernel(before)
    assert kernel.take_all(commands) == [0] * len(commands)
    return kernel.table(), commands


# --- what always holds -----------------------------------------------------------------------
@modest
@given(tables())
def test_what_is_as_wanted_takes_no_command(same: Table) -> None:
    assert plan(same, same) == ()


@modest
@given(pairs())
def test_a_plan_leads_from_any_table_to_any_other(both: tuple[Table, Table]) -> None:
    before, after = both
    reached, commands = carried_out(before, after)
    assert reached == after
    assert applied(before, tuple(commands)) == after
    assert plan(reached, after) == ()


def differences(before: Table, after: Table) -> Iterator[int]:
    """Yield the commands that each entry costs at the least."""
    yield len(before.keys() - after.keys())
    for key, wanted in after.items():
        there = before.get(key)
        yield int(there is None or there.service != wanted.service)
        reals = there.real_servers if there else {}
        yield len(reals.keys() - wanted.real_servers.keys())
        for real_key, real in wanted.real_servers.items():
            old = reals.get(real_key)
            if old is not None and old.forward_method != real.forward_method:
                yield 2
            else:
                yield int(old != real)


@modest
@given(pairs())
def test_a_plan_has_no_command_too_many(both: tuple[Table, Table]) -> None:
    before, after = both
    assert len(plan(before, after)) == sum(differences(before, after))


@modest
@given(pairs())
def test_a_service_comes_before_its_real_servers(both: tuple[Table, Table]) -> None:
    seen = set()
    for command in plan(*both):
        assert not isinstance(command, SetTimeouts)
        if isinstance(command, RealCommand):
            seen.add(command.service)
        else:
            assert command.key not in seen


@modest
@given(pairs())
def test_what_is_new_comes_before_what_goes(both: tuple[Table, Table]) -> None:
    before, after = both
    commands = plan(before, after)
    gone = [isinstance(c, ServiceCommand) and c.after is None for c in commands]
    assert gone == sorted(gone)
    left = {(c.service, c.key) for c in commands if isinstance(c, RealCommand)}
    left -= {(key, real) for key, there in after.items() for real in there.real_servers}
    for key in after:
        own = [c for c in commands if isinstance(c, RealCommand) and c.service == key]
        leaving = [(c.service, c.key) in left for c in own]
        assert leaving == sorted(leaving)


@modest
@given(st.data())
def test_what_is_not_said_stays_or_is_the_default(data: st.DataObject) -> None:
    before = data.draw(tables())
    said = data.draw(partial_tables(before))
    after = applied(before, plan(before, said))
    assert after.keys() == said.keys()
    for key, wanted in said.items():
        there = before.get(key)
        now = after[key].service
        base = there.service if there else Service("wlc", (), 0, None, "", ops=False)
        for name in ("scheduler", "persistence_timeout", "persistence_engine", "ops"):
            given_value = getattr(wanted.service, name)
            expected = getattr(base, name) if given_value is None else given_value
            assert getattr(now, name) == expected
        for real_key, real in wanted.real_servers.items():
            old = there.real_servers.get(real_key, NEW) if there else NEW
            new = after[key].real_servers[real_key]
            for name in ("forward_method", "weight", "u_threshold", "l_threshold"):
                given_value = getattr(real, name)
                expected = getattr(old, name) if given_value is None else given_value
                assert getattr(new, name) == expected


@modest
@given(st.data())
def test_a_partial_wish_is_met_at_once(data: st.DataObject) -> None:
    before = data.draw(tables())
    said = data.draw(partial_tables(before))
    assert plan(applied(before, plan(before, said)), said) == ()


@modest
@given(st.data())
def test_nothing_else_is_touched(data: st.DataObject) -> None:
    before = data.draw(tables())
    keys = service_keys()
    key = data.draw(st.sampled_from(list(before)) | keys if before else keys)
    said = data.draw(partly(services(key)))
    with_it = applied(before, plan(before, planner.with_service(before, key, said)))
    others = {other: there for other, there in before.items() if other != key}
    assert {other: there for other, there in with_it.items() if other != key} == others
    assert with_it[key].real_servers == (before[key].real_servers if key in before else {})
    assert applied(before, plan(before, planner.without_service(before, key))) == others

    real_key, real = data.draw(real_servers(key))
    more = applied(with_it, plan(with_it, planner.with_real(with_it, key, real_key, real)))
    assert more == {
        **with_it,
        key: Entries(with_it[key].service, {**with_it[key].real_servers, real_key: real}),
    }
    fewer = applied(more, plan(more, planner.without_real(more, key, real_key)))
    assert real_key not in fewer[key].real_servers
    assert fewer[key].real_servers.keys() | {real_key} == more[key].real_servers.keys()


def test_drawing_a_service_keeps_its_real_servers() -> None:
    said = Service(scheduler="rr")
    there = table((ONE, NEW), (TWO, NEW))
    drawn = planner.with_service(there, HTTP, said)
    assert drawn == {HTTP: Entries(said, {ONE: NEW, TWO: NEW})}
    assert planner.with_service(drawn, FWMARK, said) == {**drawn, FWMARK: Entries(said, {})}


# --- named cases -----------------------------------------------------------------------------
def test_defaults_are_those_of_ipvsadm() -> None:
    wanted = table((ONE, RealServer()), service=Service())
    assert plan({}, wanted) == (
        ServiceCommand(HTTP, None, WLC),
        RealCommand(HTTP, ONE, None, NEW),
    )
    assert NEW_REAL_SERVER == NEW


def test_the_default_of_an_ipv6_service_is_one_address() -> None:
    wanted = table(service=Service(scheduler="rr"), key=HTTP6)
    full = Service("rr", (), 0, "128", "", ops=False)
    assert plan({}, wanted) == (ServiceCommand(HTTP6, None, full),)


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1), (1, 10), (10, 1), (0, 65535)])
def test_a_weight_is_changed(before: int, after: int) -> None:
    there = table((ONE, replace(NEW, weight=before)))
    wanted = table((ONE, RealServer(weight=after)))
    assert plan(there, wanted) == (
        RealCommand(HTTP, ONE, replace(NEW, weight=before), replace(NEW, weight=after)),
    )


def test_weight_0_is_kept() -> None:
    there = table((ONE, replace(NEW, weight=0)))
    assert plan(there, table((ONE, RealServer()), service=Service())) == ()
    assert plan(there, table((ONE, RealServer(weight=0)))) == ()


def test_weight_0_is_a_weight_on_creation() -> None:
    (command,) = plan(table(), table((ONE, RealServer(weight=0))))
    assert command == RealCommand(HTTP, ONE, None, replace(NEW, weight=0))


@pytest.mark.parametrize(("before", "after"), [("lblc", "lblcr"), ("lblcr", "lblc"), ("lc", "wlc")])
def test_a_scheduler_is_a_whole_word(before: str, after: str) -> None:
    there = table(service=replace(WLC, scheduler=before))
    wanted = table(service=Service(scheduler=after))
    old, new = replace(WLC, scheduler=before), replace(WLC, scheduler=after)
    assert plan(there, wanted) == (ServiceCommand(HTTP, old, new),)


def test_editing_a_weight_keeps_all_else() -> None:
    full = RealServer("tun", 1, 100, 80, "gue", 6080, ("remcsum",))
    reached, commands = carried_out(
        table((ONE, full)), table((ONE, RealServer(weight=5)), service=Service())
    )
    assert reached == table((ONE, RealServer("tun", 5, 100, 80, "gue", 6080, ("remcsum",))))
    assert len(commands) == 1


def test_editing_a_scheduler_keeps_persistence() -> None:
    full = Service("rr", (), 300, "255.255.255.0", "sip", ops=True)
    reached, commands = carried_out(
        table(service=full, key=FWMARK), table(service=Service(scheduler="wrr"), key=FWMARK)
    )
    changed = Service("wrr", (), 300, "255.255.255.0", "sip", ops=True)
    assert reached == table(service=changed, key=FWMARK)
    assert len(commands) == 1


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        (Service(scheduler="mh"), ()),
        (Service(scheduler="mh", sched_flags=("flag-2",)), ("flag-2",)),
        (Service(scheduler="sh"), ("flag-1", "flag-2")),
        (Service(ops=False), ("flag-1", "flag-2")),
        (Service(sched_flags=()), ()),
    ],
)
def test_another_scheduler_drops_the_flags_unless_they_are_said(
    said: Service, flags: tuple[str, ...]
) -> None:
    there = table(service=replace(WLC, scheduler="sh", sched_flags=("flag-1", "flag-2")))
    reached, _commands = carried_out(there, table(service=said))
    assert reached[HTTP].service.sched_flags == flags


def test_without_persistence_granularity_is_the_default() -> None:
    there = table(service=replace(WLC, persistence_timeout=60, persistence_granularity="255.0.0.0"))
    reached, _commands = carried_out(there, table(service=Service(persistence_timeout=0)))
    assert reached == table()
    assert plan(table(), table(service=Service(persistence_granularity="255.0.0.0"))) == ()


@pytest.mark.parametrize(("before", "after"), [("dr", "nat"), ("nat", "dr"), ("dr", "tun")])
def test_another_forward_method_is_another_real_server(before: str, after: str) -> None:
    old = RealServer(before, 3, 10, 5, "ipip", 0, ())
    new = RealServer(after, 3, 10, 5, "ipip", 0, ())
    there = table((ONE, old), (TWO, NEW))
    wanted = table((ONE, RealServer(forward_method=after)), (TWO, RealServer()))
    assert plan(there, wanted) == (
        RealCommand(HTTP, ONE, old, None),
        RealCommand(HTTP, ONE, None, new),
    )


@pytest.mark.parametrize(
    ("there", "said", "tunnel"),
    [
        (("tun", "gue", 6080, ("csum",)), RealServer(forward_method="dr"), ("ipip", 0, ())),
        (("tun", "gue", 6080, ("csum",)), RealServer(tunnel_type="ipip"), ("ipip", 0, ())),
        (("tun", "gue", 6080, ("csum",)), RealServer(tunnel_type="gre"), ("gre", 0, ("csum",))),
        (("tun", "gue", 6080, ()), RealServer(tunnel_port=1), ("gue", 1, ())),
        (("tun", "gue", 6080, ("csum",)), RealServer(tunnel_flags=()), ("gue", 6080, ())),
        (("dr", "ipip", 0, ()), RealServer(tunnel_type="gue", tunnel_port=1), ("ipip", 0, ())),
    ],
)
def test_a_tunnel_is_only_what_its_method_and_type_have(
    there: tuple[str, str, int, tuple[str, ...]],
    said: RealServer,
    tunnel: tuple[str, int, tuple[str, ...]],
) -> None:
    method, *rest = there
    before = RealServer(method, 1, 0, 0, rest[0], rest[1], rest[2])  # type: ignore[arg-type]
    reached, _commands = carried_out(table((ONE, before)), table((ONE, said)))
    real = reached[HTTP].real_servers[ONE]
    assert (real.tunnel_type, real.tunnel_port, real.tunnel_flags) == tunnel


def test_deleting_what_is_not_there_is_no_command() -> None:
    there = table((ONE, NEW))
    assert plan(there, planner.without_service(there, FWMARK)) == ()
    assert plan(there, planner.without_real(there, HTTP, TWO)) == ()
    assert plan(there, planner.without_real(there, FWMARK, ONE)) == ()
    assert plan({}, planner.without_service({}, HTTP)) == ()


def test_deleting_a_service_is_one_command_that_tells_what_goes_with_it() -> None:
    there = table((ONE, NEW), (TWO, replace(NEW, weight=0)))
    assert plan(there, {}) == (
        ServiceCommand(HTTP, WLC, None, ((ONE, NEW), (TWO, replace(NEW, weight=0)))),
    )


def test_a_whole_change_in_its_order() -> None:
    there = {**table((ONE, NEW)), **table(key=FWMARK)}
    wanted = {
        **table(key=HTTP6, service=Service(scheduler="rr")),
        **table((TWO, RealServer(weight=2)), service=Service(scheduler="rr")),
    }
    rr = replace(WLC, scheduler="rr")
    assert plan(there, wanted) == (
        ServiceCommand(HTTP6, None, replace(rr, persistence_granularity="128")),
        ServiceCommand(HTTP, WLC, rr),
        RealCommand(HTTP, TWO, None, replace(NEW, weight=2)),
        RealCommand(HTTP, ONE, NEW, None),
        ServiceCommand(FWMARK, WLC, None, ()),
    )


# --- timeouts --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "changed"),
    [
        (Timeouts(), None),
        (Timeouts(900, 120, 300), None),
        (Timeouts(tcp=900, udp=30), Timeouts(udp=30)),
        (Timeouts(1, 2, 3), Timeouts(1, 2, 3)),
        (Timeouts(tcp_fin=60), Timeouts(tcp_fin=60)),
    ],
)
def test_only_timeouts_that_differ_are_set(said: Timeouts, changed: Timeouts | None) -> None:
    there = Timeouts(900, 120, 300)
    expected = (SetTimeouts(there, changed),) if changed else ()
    assert plan_timeouts(there, said) == expected


# --- the model kernel itself -----------------------------------------------------------------
EEXIST, ESRCH, ENOENT, ERANGE, EINVAL = 17, 3, 2, 34, 22
LAN6 = RealKey("2001:db8::11", 80)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (ServiceCommand(HTTP, None, WLC), EEXIST),
        (ServiceCommand(FWMARK, WLC, WLC), ESRCH),
        (ServiceCommand(FWMARK, WLC, None), ESRCH),
        (ServiceCommand(FWMARK, None, replace(WLC, scheduler="none-such")), ENOENT),
        (ServiceCommand(HTTP, WLC, replace(WLC, scheduler="none-such")), ENOENT),
        (ServiceCommand(FWMARK, None, replace(WLC, persistence_engine="none-such")), ENOENT),
        (ServiceCommand(HTTP6, None, replace(WLC, persistence_granularity="0")), EINVAL),
        (ServiceCommand(HTTP6, None, replace(WLC, persistence_granularity="129")), EINVAL),
        (ServiceCommand(HTTP6, None, replace(WLC, persistence_granularity="128")), 0),
        (RealCommand(HTTP, ONE, None, NEW), EEXIST),
        (RealCommand(HTTP, TWO, NEW, NEW), ENOENT),
        (RealCommand(HTTP, TWO, NEW, None), ENOENT),
        (RealCommand(FWMARK, ONE, None, NEW), ESRCH),
        (RealCommand(FWMARK, ONE, NEW, NEW), ESRCH),
        (RealCommand(FWMARK, ONE, NEW, None), ESRCH),
        (RealCommand(HTTP, TWO, None, replace(NEW, weight=-1)), ERANGE),
        (RealCommand(HTTP, ONE, NEW, replace(NEW, weight=-1)), ERANGE),
        (RealCommand(HTTP, TWO, None, replace(NEW, l_threshold=1)), ERANGE),
        (RealCommand(HTTP, ONE, NEW, replace(NEW, u_threshold=1, l_threshold=2)), ERANGE),
        (RealCommand(HTTP, TWO, None, replace(NEW, u_threshold=1, l_threshold=1)), 0),
        (RealCommand(HTTP, TWO, None, replace(NEW, tunnel_type="gue")), EINVAL),
        (RealCommand(HTTP, LAN6, None, NEW), EINVAL),
        (RealCommand(HTTP, LAN6, None, replace(NEW, forward_method="nat")), EINVAL),
        (RealCommand(HTTP, LAN6, None, replace(NEW, forward_method="tun")), 0),
        (RealCommand(HTTP, RealKey("224.0.0.1", 80), None, NEW), EINVAL),
        (RealCommand(HTTP, RealKey("255.255.255.255", 80), None, NEW), EINVAL),
        (RealCommand(HTTP, RealKey("0.0.0.0", 80), None, NEW), EINVAL),  # noqa: S104 - no socket
        (SetTimeouts(Timeouts(), Timeouts(tcp=-1)), EINVAL),
        (SetTimeouts(Timeouts(), Timeouts(udp=2147484)), EINVAL),
        (SetTimeouts(Timeouts(), Timeouts(udp=2147483)), 0),
    ],
)
def test_the_model_kernel_refuses(command: Command, refusal: int) -> None:
    there = table((ONE, NEW))
    kernel = ModelKernel(there)
    assert kernel.take(command) == refusal
    assert (kernel.table() == there) == (refusal != 0 or isinstance(command, SetTimeouts))


def test_the_model_kernel_keeps_the_timeouts_that_are_not_set() -> None:
    kernel = ModelKernel()
    assert kernel.take(SetTimeouts(Timeouts(), Timeouts(tcp=0, udp=5))) == 0
    assert kernel.timeouts == Timeouts(900, 120, 5)


def test_the_model_kernel_deletes_real_servers_with_their_service() -> None:
    kernel = ModelKernel(table((ONE, NEW)))
    assert kernel.take_all([ServiceCommand(HTTP, WLC, None), ServiceCommand(HTTP, None, WLC)]) == [
        0,
        0,
    ]
    assert kernel.table() == table()

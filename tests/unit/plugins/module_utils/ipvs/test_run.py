# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run: what is read, planned and applied, and what is said when the kernel refuses."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, run
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
    Plan,
    RealCommand,
    ServiceCommand,
    SetTimeouts,
)
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import (
    GenericNetlink,
    NoSuchFamily,
    Refusal,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_ipvs import FakeIpvs

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
HTTPS = ServiceKey("inet", "tcp", "192.0.2.1", 443)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
ONE, TWO = RealKey("192.0.2.11", 80), RealKey("192.0.2.12", 80)
TABLE = {HTTP: Entries(RR, {ONE: DR, TWO: DR})}


def wish(
    table: Table,
    timeouts: Timeouts = Timeouts(),  # noqa: B008 - it is frozen
    paths: Mapping[object, str] | None = None,
) -> run.Wish:
    return run.Wish(lambda _there: table, paths or {}, timeouts)


def no_guard(_plan: Plan) -> Sequence[str]:
    return ()


class Host:
    """A host: whether its kernel has IPVS, and what modprobe does about it."""

    def __init__(self, ipvs: FakeIpvs | None) -> None:
        self.ipvs = ipvs
        self.modprobe: Callable[[], Result] = lambda: Result(1, "", "never asked for")
        self.commands: list[list[str]] = []
        self.denied = False

    def open(self, family: str) -> GenericNetlink:
        assert family == "IPVS"
        if self.denied:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        if self.ipvs is None:
            raise NoSuchFamily(errno.ENOENT, "no generic netlink family IPVS")
        return self.ipvs

    def runner(self, argv: Sequence[str]) -> Result:
        self.commands.append(list(argv))
        return self.modprobe()

    def loads(self) -> Result:
        """Have IPVS from now on."""
        self.ipvs = FakeIpvs()
        return Result(0, "", "")

    def ensure(
        self,
        wished: run.Wish,
        guard: Callable[[Plan], Sequence[str]] = no_guard,
        *,
        check_mode: bool = False,
    ) -> run.Outcome:
        """Meet a wish on this host."""
        return run.ensure(wished, self.runner, guard, check_mode=check_mode)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host(FakeIpvs())
    monkeypatch.setattr(run, "GenericNetlink", host.open)
    monkeypatch.setattr(run, "find_program", lambda name, package: f"/sbin/{name} of {package}")
    return host


def there(host: Host) -> FakeIpvs:
    assert host.ipvs is not None
    return host.ipvs


# --- check, real, real again, check again ----------------------------------------------------
def test_a_table_is_made_and_then_left_alone(host: Host) -> None:
    wished = wish(TABLE, Timeouts(udp=30))
    predicted = host.ensure(wished, check_mode=True)
    assert there(host).taken == []
    done = host.ensure(wished)
    assert done == predicted
    assert done.plan == (
        ServiceCommand(HTTP, None, RR),
        RealCommand(HTTP, ONE, None, DR),
        RealCommand(HTTP, TWO, None, DR),
        SetTimeouts(Timeouts(900, 120, 300), Timeouts(udp=30)),
    )
    assert (done.before, done.after, done.warnings) == ({}, TABLE, ())
    assert there(host).model.table() == TABLE
    assert there(host).model.timeouts == Timeouts(900, 120, 30)
    for check_mode in (False, True):
        again = host.ensure(wished, check_mode=check_mode)
        assert (again.plan, again.before, again.after) == ((), TABLE, TABLE)
    assert len(there(host).taken) == 4
    assert there(host).closed == 4
    assert host.commands == []


def test_an_edited_service_keeps_its_real_servers(host: Host) -> None:
    there(host).model.take_all([ADD, ADD_REAL])
    wrr = replace(RR, scheduler="wrr")
    outcome = host.ensure(wish({HTTP: Entries(Service(scheduler="wrr"), {ONE: RealServer()})}))
    assert outcome.plan == (ServiceCommand(HTTP, RR, wrr),)
    assert outcome.after == {HTTP: Entries(wrr, {ONE: DR})}
    assert there(host).model.table() == outcome.after


def test_timeouts_that_are_not_managed_are_not_asked_for(host: Host) -> None:
    there(host).fails[kernel.GET_CONFIG] = errno.EPERM
    assert host.ensure(wish({})).plan == ()


def test_what_others_change_meanwhile_is_their_business(host: Host) -> None:
    host.ensure(wish(TABLE))
    there(host).meddle[len(there(host).taken)] = RealCommand(HTTP, ONE, DR, None)
    mark = ServiceKey("inet", fwmark=9)
    host.ensure(wish({**TABLE, mark: Entries(RR, {})}))
    assert ONE not in there(host).model.table()[HTTP].real_servers


def test_nothing_is_loaded_for_nothing_to_do(host: Host) -> None:
    host.ipvs = None
    assert host.ensure(wish({})).plan == ()
    assert host.commands == []


def test_an_assumed_service_is_told_of(host: Host) -> None:
    host.ensure(wish(TABLE))
    mark = ServiceKey("inet", fwmark=9)
    assumed = replace(
        wish({**TABLE, mark: Entries(RR, {ONE: DR})}), assumed={mark: Entries(RR, {})}
    )
    outcome = host.ensure(assumed, check_mode=True)
    assert outcome.plan == (RealCommand(mark, ONE, None, DR),)
    assert outcome.warnings == ("fwmark 9 is not there: predicted as if it were",)


# --- guards ----------------------------------------------------------------------------------
def test_a_guard_sees_the_plan_and_may_warn(host: Host) -> None:
    seen: list[Plan] = []

    def guard(plan: Plan) -> Sequence[str]:
        seen.append(plan)
        return ["beware"]

    outcome = host.ensure(wish(TABLE), guard)
    assert seen == [outcome.plan]
    assert outcome.warnings == ("beware",)


def test_a_guard_may_refuse_before_the_first_command(host: Host) -> None:
    def guard(_plan: Plan) -> Sequence[str]:
        raise LvsError("not yours")

    with pytest.raises(LvsError, match=r"^not yours$"):
        host.ensure(wish(TABLE), guard)
    assert there(host).taken == []
    assert there(host).closed == 1


def test_what_ipvs_cannot_do_is_refused_before_the_first_command(host: Host) -> None:
    bad = {HTTP: Entries(RR, {ONE: replace(DR, l_threshold=1)})}
    with pytest.raises(LvsError, match=r"^services\[0\]\.real_servers\[0\]\.l_threshold: "):
        host.ensure(wish(bad, paths={(HTTP, ONE): "services[0].real_servers[0]"}))
    assert there(host).taken == []
    assert there(host).closed == 1


# --- the kernel module -----------------------------------------------------------------------
def test_check_mode_without_the_module_predicts_for_an_empty_table(host: Host) -> None:
    host.ipvs = None
    asked: list[Plan] = []

    def guard(plan: Plan) -> Sequence[str]:
        asked.append(plan)
        return ["beware"]

    outcome = host.ensure(wish(TABLE, Timeouts(tcp=600)), guard, check_mode=True)
    assert outcome.plan == (
        ServiceCommand(HTTP, None, RR),
        RealCommand(HTTP, ONE, None, DR),
        RealCommand(HTTP, TWO, None, DR),
        SetTimeouts(Timeouts(900, 120, 300), Timeouts(tcp=600)),
    )
    assert (outcome.before, outcome.after) == ({}, TABLE)
    assert outcome.warnings == (
        "beware",
        "the kernel module ip_vs is not loaded: predicted for an empty IPVS table",
    )
    assert asked == [outcome.plan]
    assert host.commands == []


def test_the_module_is_loaded_where_it_is_not(host: Host) -> None:
    host.ipvs = None
    host.modprobe = host.loads
    assert host.ensure(wish(TABLE)).after == TABLE
    assert host.commands == [["/sbin/modprobe of kmod", "ip_vs"]]
    assert there(host).model.table() == TABLE


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            Result(1, "", "modprobe: FATAL: Module ip_vs\n  not found in directory /lib/x\n"),
            "modprobe: FATAL: Module ip_vs not found in directory /lib/x",
        ),
        (Result(1, "out of words\n", ""), "out of words"),
        (Result(0, "", ""), "modprobe said nothing"),
    ],
)
def test_a_module_that_cannot_be_loaded_is_named(
    host: Host, monkeypatch: pytest.MonkeyPatch, result: Result, said: str
) -> None:
    host.ipvs = None
    host.modprobe = lambda: result
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release="6.1.0-test"))
    with pytest.raises(LvsError) as caught:
        host.ensure(wish(TABLE))
    assert str(caught.value) == (
        "the kernel of this host (6.1.0-test) has no IPVS, and its module ip_vs cannot be loaded "
        f"({said}): run this on a host with IPVS, as root, or install the package with this "
        "kernel's modules"
    )


def test_b53_who_may_not_open_a_socket_is_told_so(host: Host) -> None:
    host.denied = True
    with pytest.raises(LvsError) as caught:
        host.ensure(wish({}), check_mode=True)
    assert str(caught.value) == (
        "cannot speak to the kernel by netlink: Operation not permitted; this needs root "
        "(become: true)"
    )


# --- the kernel's own refusals ---------------------------------------------------------------
@pytest.mark.parametrize("command", [kernel.GET_SERVICE, kernel.GET_CONFIG])
def test_who_may_not_read_is_told_so(host: Host, command: int) -> None:
    there(host).fails[command] = errno.EPERM
    with pytest.raises(LvsError) as caught:
        host.ensure(wish(TABLE, Timeouts(udp=1)))
    assert str(caught.value) == "IPVS: Operation not permitted; this needs root (become: true)"
    assert there(host).closed == 1


def test_a_refusal_in_the_middle_tells_what_was_done(host: Host) -> None:
    """The kernel goes on after what it refuses, to the end of a batch."""
    wanted = {
        **TABLE,
        HTTPS: Entries(replace(RR, scheduler="nonesuch"), {ONE: replace(DR, forward_method="nat")}),
    }
    wanted[ServiceKey("inet", fwmark=7)] = Entries(RR, {})
    with pytest.raises(run.PartlyApplied) as caught:
        host.ensure(wish(wanted))
    assert str(caught.value) == (
        "'ipvsadm -A -t 192.0.2.1:443 -s nonesuch' was refused: the kernel of this host has no "
        "module ip_vs_nonesuch: check the spelling, or install the package with this kernel's "
        "modules"
    )
    assert caught.value.applied == [
        "-A -t 192.0.2.1:80 -s rr",
        "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1",
        "-a -t 192.0.2.1:80 -r 192.0.2.12:80 -g -w 1",
        "-A -f 7 -s rr",
    ]
    assert caught.value.not_applied == [
        "-A -t 192.0.2.1:443 -s nonesuch",
        "-a -t 192.0.2.1:443 -r 192.0.2.11:80 -m -w 1",
    ]
    assert len(there(host).model.table()) == 2
    assert there(host).closed == 1


def test_a_refusal_in_a_later_batch_leaves_the_rest_undone(host: Host) -> None:
    reals = {RealKey(f"192.0.2.{place}", 80): DR for place in range(11, 19)}
    there(host).batch = 3
    there(host).meddle[4] = RealCommand(HTTP, RealKey("192.0.2.14", 80), None, DR)
    with pytest.raises(run.PartlyApplied) as caught:
        host.ensure(wish({HTTP: Entries(RR, reals)}))
    assert str(caught.value) == (
        "'ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.14:80 -g -w 1' was refused: there is such a real "
        "server by now; something else writes to the same table: run again"
    )
    added = "-a -t 192.0.2.1:80 -r 192.0.2.{}:80 -g -w 1"
    # three in the first send, and two of the three of the second
    assert caught.value.applied == [
        "-A -t 192.0.2.1:80 -s rr",
        *(added.format(place) for place in (11, 12, 13, 15)),
    ]
    assert caught.value.not_applied == [added.format(place) for place in (14, 16, 17, 18)]
    assert len(there(host).taken) == 6


def test_a_second_run_does_the_rest(host: Host) -> None:
    wanted = {HTTP: Entries(RR, {ONE: DR, TWO: DR})}
    there(host).meddle[1] = RealCommand(HTTP, ONE, None, replace(DR, weight=7))
    with pytest.raises(run.PartlyApplied):
        host.ensure(wish(wanted))
    assert host.ensure(wish(wanted)).after == wanted
    assert there(host).model.table() == wanted


def test_b52_a_table_that_is_not_as_planned_is_an_error(host: Host) -> None:
    """Another program may undo a command right after it."""
    there(host).meddle[2] = RealCommand(HTTP, ONE, DR, None)
    with pytest.raises(LvsError) as caught:
        host.ensure(wish(TABLE))
    assert str(caught.value) == (
        "the kernel took every command, but the table is not as planned: "
        "'ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1' is still to be done; something "
        "else writes to it, keepalived for example, or this kernel does not know what it was told"
    )
    assert there(host).closed == 1


RACE = "; something else writes to the same table: run again"
ROOT = "this needs root (become: true), or the capability CAP_NET_ADMIN"
ADD = ServiceCommand(HTTP, None, RR)
EDIT = ServiceCommand(HTTP, RR, RR)
DELETE = ServiceCommand(HTTP, RR, None)
ADD_REAL = RealCommand(HTTP, ONE, None, DR)
EDIT_REAL = RealCommand(HTTP, ONE, DR, DR)
DELETE_REAL = RealCommand(HTTP, ONE, DR, None)
SET = SetTimeouts(Timeouts(), Timeouts(udp=1))
SIP = ServiceCommand(HTTP, None, replace(RR, scheduler="mh", persistence_engine="sip"))


@pytest.mark.parametrize(
    ("command", "number", "reason"),
    [
        (ADD, errno.EPERM, ROOT),
        (ADD_REAL, errno.EACCES, ROOT),
        (SET, errno.EPERM, ROOT),
        (ADD, errno.EEXIST, f"there is such a service by now{RACE}"),
        (EDIT, errno.ESRCH, f"there is no such service any more{RACE}"),
        (DELETE, errno.ESRCH, f"there is no such service any more{RACE}"),
        (
            EDIT,
            errno.ENOENT,
            (
                "the kernel of this host has no module ip_vs_rr: check the spelling, or install "
                "the package with this kernel's modules"
            ),
        ),
        (
            SIP,
            errno.ENOENT,
            (
                "the kernel of this host has no module ip_vs_mh, or no ip_vs_pe_sip: check the "
                "spelling, or install the package with this kernel's modules"
            ),
        ),
        (DELETE, errno.ENOENT, "No such file or directory"),
        (ADD, errno.ENOMEM, "Cannot allocate memory"),
        (ADD_REAL, errno.EEXIST, f"there is such a real server by now{RACE}"),
        (EDIT_REAL, errno.ENOENT, f"there is no such real server any more{RACE}"),
        (DELETE_REAL, errno.ENOENT, f"there is no such real server any more{RACE}"),
        (ADD_REAL, errno.ESRCH, f"its service is not there{RACE}"),
        (ADD_REAL, errno.ERANGE, "a weight or threshold is out of the kernel's range"),
        (
            ADD_REAL,
            errno.EINVAL,
            (
                "the address is none of a host, as seen from here, or the families differ while "
                "the kernel's connection synchronisation runs"
            ),
        ),
        (SET, errno.EINVAL, "Invalid argument"),
        (SET, errno.EEXIST, "File exists"),
    ],
)
def test_each_errno_in_words(command: Command, number: int, reason: str) -> None:
    said = run.explain(command, Refusal(0, number, ""))
    assert re.sub(r"^'ipvsadm -[^']+' was refused: ", "", said) == reason


def test_the_kernels_own_words_are_passed_on() -> None:
    said = run.explain(ADD, Refusal(0, errno.EINVAL, "attribute type 9"))
    assert said == (
        "'ipvsadm -A -t 192.0.2.1:80 -s rr' was refused: Invalid argument (attribute type 9)"
    )
    said = run.explain(ADD_REAL, Refusal(0, errno.ERANGE, "too much"))
    assert said.endswith("a weight or threshold is out of the kernel's range (too much)")
    assert run.explain(SET, Refusal(0, errno.EPERM, "")).startswith("'ipvsadm --set 0 0 1' was ")


# --- looking ---------------------------------------------------------------------------------
def test_looking_around(host: Host) -> None:
    there(host).model.take_all([ADD, ADD_REAL])
    seen = run.look_around(counters=False)
    assert seen == run.Seen(
        {HTTP: Entries(RR, {ONE: DR})}, "1.2.3", 4096, Timeouts(900, 120, 300), ()
    )
    seen = run.look_around(counters=True)
    assert seen.observed is not None
    assert seen.observed.services.keys() == {HTTP}
    assert seen.observed.real_servers.keys() == {(HTTP, ONE)}
    assert there(host).closed == 2


def test_looking_around_loads_nothing(host: Host) -> None:
    host.ipvs = None
    assert run.look_around(counters=True) == run.Seen({})
    assert host.commands == []


def test_looking_around_needs_root(host: Host) -> None:
    there(host).fails[kernel.GET_INFO] = errno.EPERM
    with pytest.raises(LvsError, match=r"^IPVS: Operation not permitted; this needs root"):
        run.look_around(counters=True)
    assert there(host).closed == 1


def test_watching_a_real_server(host: Host) -> None:
    there(host).model.take_all([ADD, ADD_REAL])
    there(host).connections[ONE] = kernel.Connections(3, 4, 5)
    look = run.watch(HTTP, ONE)
    assert look() == kernel.Connections(3, 4, 5)
    there(host).connections[ONE] = kernel.Connections(0, 4, 5)
    assert look() == kernel.Connections(0, 4, 5)
    there(host).model.take(DELETE_REAL)
    assert look() == kernel.Connections(0, 0, 0)
    there(host).model.take(DELETE)
    assert look() == kernel.Connections(0, 0, 0)
    assert there(host).closed == 4
    there(host).fails[kernel.GET_DEST] = errno.EPERM
    with pytest.raises(LvsError, match=r"^IPVS: Operation not permitted; this needs root"):
        look()
    assert there(host).closed == 5
    host.ipvs = None
    assert look() == kernel.Connections(0, 0, 0)

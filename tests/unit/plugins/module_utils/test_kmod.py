# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _kmod, _steps
from ansible_collections.lvs.cluster.plugins.module_utils._kmod import BootFile, Busy, Loaded
from hypothesis import given
from hypothesis import strategies as st

PATHS = _kmod.Paths()
FILE = "lvs-test.conf"
names = st.lists(st.sampled_from(["ip_vs", "ip_vs_rr", "ip_vs_sh", "nf_conntrack"]), unique=True)
CHAINS = {
    "ip_vs": ("nf_conntrack", "ip_vs"),
    "ip_vs_rr": ("nf_conntrack", "ip_vs", "ip_vs_rr"),
    "ip_vs_sh": ("nf_conntrack", "ip_vs", "ip_vs_sh"),
    "nf_conntrack": (),  # built in, in this kernel
}


def make_plan(
    snapshot: _kmod.Snapshot, modules: list[str] | None, *, persistent: bool = True
) -> _kmod.Plans:
    wanted = None if modules is None else tuple(modules)
    wish = _kmod.Wish("x", FILE, wanted, persistent)
    return _kmod.make_plan(snapshot, wish, PATHS, "modprobe", "rmmod")


def test_proc_modules_is_read() -> None:
    text = (
        "ip_vs 162529 2 ip_vs_rr, Live 0x0 (E)\n"
        "ip_vs_rr 1 0 - Live 0x0\n"
        "llc 4052 2 bridge,stp, Live 0x0\n"
        "forced 1 - - Live 0x0\n"
    )
    assert _kmod.parse_loaded(text) == {
        "ip_vs": Loaded(2, frozenset({"ip_vs_rr"})),
        "ip_vs_rr": Loaded(0, frozenset()),
        "llc": Loaded(2, frozenset({"bridge", "stp"})),
        "forced": Loaded(0, frozenset()),
    }


def test_show_depends_is_read() -> None:
    text = (
        "insmod /lib/modules/6.1/kernel/lib/crc-ccitt.ko \n"
        "builtin nf_conntrack\n"
        "insmod /lib/modules/6.1/kernel/net/netfilter/ipvs/ip_vs.ko.xz conn_tab_bits=20\n"
    )
    assert _kmod.parse_depends(text, "ip_vs") == ("crc_ccitt", "ip_vs")
    assert _kmod.parse_depends("install /bin/true \n", "ip_vs") == ("ip_vs",)
    assert _kmod.parse_depends("builtin ip_vs\n", "ip_vs") == ()


@given(names, names)
def test_parsing_a_rendered_file_gives_it_back(modules: list[str], records: list[str]) -> None:
    file = BootFile(tuple(modules), tuple(records))
    assert _kmod.parse_file(_kmod.render_file("x", file) or "") == file


@given(names, names, names, st.booleans())
def test_the_plan_of_the_reached_state_loads_and_writes_nothing(
    loaded: list[str],
    listed: list[str],
    wanted: list[str],
    persistent: bool,  # noqa: FBT001 - hypothesis hands it over
) -> None:
    start = _kmod.Snapshot(
        {name: Loaded(0, frozenset()) for name in loaded},
        CHAINS,
        volatile=_kmod.render_file("x", BootFile(tuple(listed), tuple(listed))),
    )
    plans = make_plan(start, wanted, persistent=persistent)
    files = {PATHS.persistent / FILE: start.persistent, PATHS.volatile / FILE: start.volatile}
    running = dict(start.loaded)
    for step in (*plans.load, *plans.unload):
        if isinstance(step, _steps.FileStep):
            files[step.path] = step.after
        elif isinstance(step, _steps.CommandStep) and step.argv[0] == "rmmod":
            del running[step.argv[1]]
        elif isinstance(step, _steps.CommandStep):
            for name in CHAINS[step.argv[1]]:
                running.setdefault(name, Loaded(0, frozenset()))
    reached = _kmod.Snapshot(
        running, CHAINS, files[PATHS.persistent / FILE], files[PATHS.volatile / FILE]
    )
    assert make_plan(reached, wanted, persistent=persistent) == _kmod.Plans((), (), ())
    assert {name for module in wanted for name in CHAINS[module]} <= set(running)
    assert set(loaded) - set(listed) <= set(running)


def test_what_was_loaded_before_is_never_unloaded() -> None:
    record = _kmod.render_file("x", BootFile(("ip_vs", "ip_vs_rr"), ("ip_vs_rr",)))
    loaded = {"ip_vs": Loaded(2, frozenset({"ip_vs_rr"})), "ip_vs_rr": Loaded(0, frozenset())}
    plans = make_plan(_kmod.Snapshot(loaded, {}, persistent=record), [])
    assert _steps.commands(plans.unload) == ["rmmod ip_vs_rr"]
    assert plans.unload[-1] == _steps.FileStep(PATHS.persistent / FILE, record, None)


def test_what_is_used_stays_and_is_named() -> None:
    record = _kmod.render_file("x", BootFile(("ip_vs",), ("nf_conntrack", "ip_vs", "ip_vs_rr")))
    loaded = {
        "nf_conntrack": Loaded(2, frozenset({"ip_vs", "xt_conntrack"})),
        "ip_vs": Loaded(1, frozenset()),
    }
    plans = make_plan(_kmod.Snapshot(loaded, {}, volatile=record), [])
    assert _steps.commands(plans.unload) == []
    assert plans.busy == (
        Busy("ip_vs", "in use"),
        Busy("nf_conntrack", "used by ip_vs, xt_conntrack"),
    )


@pytest.mark.parametrize("uses", [0, 1])
def test_what_is_dropped_stays_loaded_and_on_record_until_absent(uses: int) -> None:
    record = _kmod.render_file("x", BootFile(("ip_vs", "ip_vs_sh"), CHAINS["ip_vs_sh"]))
    loaded = {name: Loaded(0, frozenset()) for name in CHAINS["ip_vs"]}
    snapshot = _kmod.Snapshot({**loaded, "ip_vs_sh": Loaded(uses, frozenset())}, CHAINS, record)
    plans = make_plan(snapshot, ["ip_vs"])
    assert (plans.unload, plans.busy) == ((), ())
    (step,) = plans.load
    assert isinstance(step, _steps.FileStep)
    assert _kmod.parse_file(step.after or "") == BootFile(("ip_vs",), CHAINS["ip_vs_sh"])


def test_the_record_of_what_a_reboot_unloaded_goes_with_the_next_change() -> None:
    record = _kmod.render_file("x", BootFile(("ip_vs",), CHAINS["ip_vs_sh"]))
    loaded = {name: Loaded(0, frozenset()) for name in CHAINS["ip_vs"]}
    snapshot = _kmod.Snapshot(loaded, CHAINS, record)
    assert make_plan(snapshot, ["ip_vs"]) == _kmod.Plans((), (), ()), "no change by itself"
    step = make_plan(snapshot, ["ip_vs", "ip_vs_rr"]).load[0]
    assert isinstance(step, _steps.FileStep)
    assert _kmod.parse_file(step.after or "") == BootFile(("ip_vs", "ip_vs_rr"), CHAINS["ip_vs_rr"])


def test_null_does_not_manage() -> None:
    record = _kmod.render_file("x", BootFile(("ip_vs",), ("ip_vs",)))
    snapshot = _kmod.Snapshot({}, {}, volatile=record)
    assert make_plan(snapshot, None) == _kmod.Plans((), (), ())


def test_the_paths_are_those_of_systemd() -> None:
    assert (PATHS.persistent, PATHS.volatile) == (
        Path("/etc/modules-load.d"),
        Path("/run/modules-load.d"),
    )

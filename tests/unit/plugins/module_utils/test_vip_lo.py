# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _steps, _vip_lo, _vip_unit
from ansible_collections.lvs.cluster.plugins.module_utils._address import Vip
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._vip_lo import Request, VipStatus
from hypothesis import given, settings
from hypothesis import strategies as st

V4, OTHER, V6 = Vip("172.25.0.100", 32), Vip("172.25.0.101", 32), Vip("fd00::100", 128)
MANAGERS = ("networking.service", "systemd-networkd.service", "NetworkManager.service")


@dataclass
class Host:
    """The kernel's and systemd's part, as far as the module knows them."""

    paths: _vip_unit.Paths
    lo: list[tuple[str, int, str | None]] = field(default_factory=list)
    eth0: list[tuple[str, int, str | None]] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    loaded: dict[str, str] = field(default_factory=dict)
    broken: str = ""

    def __call__(self, argv: Sequence[str]) -> Result:
        program, *words = argv
        if self.broken and self.broken in argv:
            return Result(1, "", "broken")
        if words[0] == "-json":
            return Result(0, self.json(), "")
        return {"/sbin/ip": self.ip, "/sbin/systemctl": self.systemctl}[program](words)

    def json(self) -> str:
        return json.dumps(
            [
                {
                    "ifname": name,
                    "flags": ["UP"],
                    "addr_info": [
                        {
                            "family": "inet6" if ":" in address else "inet",
                            "local": address,
                            "prefixlen": prefix,
                            **({"label": label} if label else {}),
                        }
                        for address, prefix, label in entries
                    ],
                }
                for name, entries in (("lo", self.lo), ("eth0", self.eth0))
            ]
        )

    def ip(self, words: Sequence[str]) -> Result:
        verb, cidr, dev, *rest = words[1], words[2], words[4], *words[5:]
        assert (words[0], dev) == ("address", "lo")
        address, _slash, prefix = cidr.partition("/")
        found = [entry for entry in self.lo if entry[:2] == (address, int(prefix))]
        if verb == "del":
            if not found:
                return Result(2, "", "RTNETLINK answers: Cannot assign requested address")
            self.lo.remove(found[0])
            return Result(0, "", "")
        assert verb == "add"
        if found:
            return Result(2, "", "RTNETLINK answers: File exists")
        label = rest[rest.index("label") + 1] if "label" in rest else "lo"
        assert ("nodad" in rest) == (":" in address)
        self.lo.append((address, int(prefix), None if ":" in address else label))
        return Result(0, "", "")

    def systemctl(self, words: Sequence[str]) -> Result:
        verb, units = words[0], [word for word in words[1:] if not word.startswith("--")]
        if verb == "show":
            return Result(0, "\n\n".join(map(self.show, units)) + "\n", "")
        if verb in ("daemon-reload", "enable"):  # enable reads the units again by itself
            self.loaded = {
                path.name: path.read_text(encoding="utf-8")
                for path in self.paths.units.glob("*.service")
            }
        for unit in units:
            assert unit in self.loaded or verb == "stop"
            if verb == "enable":
                for target in ("multi-user.target", *MANAGERS):
                    link = self.paths.units / f"{target}.wants" / unit
                    link.parent.mkdir(exist_ok=True)
                    if not link.is_symlink():
                        link.symlink_to(f"/etc/systemd/system/{unit}")
            elif verb == "start":
                self.active.add(unit)
            elif verb == "stop":
                self.active.remove(unit)
        return Result(0, "", "")

    def show(self, unit: str) -> str:
        path = self.paths.units / unit
        text = path.read_text(encoding="utf-8") if path.exists() else None
        stale = text != self.loaded.get(unit, text)
        return (
            f"Id={unit}\nActiveState={'active' if unit in self.active else 'inactive'}\n"
            f"NeedDaemonReload={'yes' if stale else 'no'}"
        )

    def ensure(self, request: Request, *, check_mode: bool = False) -> _vip_lo.Outcome:
        return _vip_lo.ensure(request, self, check_mode=check_mode, paths=self.paths)

    def files(self) -> set[str]:
        return {path.name for path in self.paths.units.rglob("*") if not path.is_dir()}


def request(*vips: Vip, **changes: object) -> Request:
    plain = Request(vips, label=None, present=True, persistent=True, prune=False)
    return replace(plain, **changes)  # type: ignore[arg-type]


def held(vip: Vip) -> VipStatus:
    return VipStatus(vip, runtime=True, persistent=True)


def gone(vip: Vip) -> VipStatus:
    return VipStatus(vip, runtime=False, persistent=False)


def make_host(folder: Path) -> Host:
    paths = _vip_unit.Paths(units=folder / "units", running=folder / "running")
    paths.units.mkdir()
    paths.running.mkdir()
    return Host(paths, lo=[("127.0.0.1", 8, "lo"), ("::1", 128, None)])


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_vip_lo, "find_program", lambda name, _package: f"/sbin/{name}")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return make_host(tmp_path)


def test_check_real_again_check(host: Host) -> None:
    runs = [host.ensure(request(V4, V6), check_mode=check) for check in (True, False, False, True)]
    assert [bool(run.plan) for run in runs] == [True, True, False, False]
    assert runs[0].plan == runs[1].plan
    assert [run.vips for run in runs] == [(held(V4), held(V6))] * 4
    assert host.lo[2:] == [("172.25.0.100", 32, "lo"), ("fd00::100", 128, None)]
    assert host.active == {"lvs-vip-172.25.0.100.service", "lvs-vip-fd00::100.service"}


def test_check_mode_touches_nothing(host: Host) -> None:
    host.ensure(request(V4), check_mode=True)
    assert (host.files(), host.active, len(host.lo)) == (set(), set(), 2)


def test_files_come_first_and_one_call_serves_all(host: Host) -> None:
    plan = host.ensure(request(V4, V6)).plan
    assert [type(step).__name__ for step in plan[:3]] == ["FileStep", "FileStep", "CommandStep"]
    assert _steps.commands(plan) == [
        "/sbin/systemctl daemon-reload",
        "/sbin/systemctl enable lvs-vip-172.25.0.100.service lvs-vip-fd00::100.service",
        "/sbin/ip address add 172.25.0.100/32 dev lo",
        "/sbin/ip address add fd00::100/128 dev lo nodad",
        "/sbin/systemctl start lvs-vip-172.25.0.100.service lvs-vip-fd00::100.service",
    ]


def test_the_diff_tells_before_and_after(host: Host) -> None:
    live, unit = _steps.diff(host.ensure(request(V4)).plan)
    assert live["before"] == (
        "lvs-vip-172.25.0.100.service disabled\nlvs-vip-172.25.0.100.service inactive\n"
    )
    assert live["after"] == (
        "lvs-vip-172.25.0.100.service enabled\n172.25.0.100/32 dev lo\n"
        "lvs-vip-172.25.0.100.service active\n"
    )
    assert unit["after_header"] == str(host.paths.units / "lvs-vip-172.25.0.100.service")
    assert unit["before"] == ""


def test_a_wide_entry_is_replaced_without_a_gap(host: Host) -> None:
    host.lo += [("172.25.0.100", 24, "lo:0"), ("172.25.0.101", 24, "lo")]
    plan = host.ensure(request(V4, OTHER, persistent=False)).plan
    assert _steps.commands(plan) == [
        "/sbin/ip address add 172.25.0.100/32 dev lo",
        "/sbin/ip address add 172.25.0.101/32 dev lo",
        # the secondary address of the subnet goes first, or the kernel takes it away unasked
        "/sbin/ip address del 172.25.0.101/24 dev lo",
        "/sbin/ip address del 172.25.0.100/24 dev lo",
    ]


def test_a_label_is_changed_when_managed_and_kept_when_not(host: Host) -> None:
    host.ensure(request(V4))
    relabelled = host.ensure(request(V4, label="lo:0")).plan
    assert _steps.commands(relabelled)[1:] == [
        "/sbin/ip address del 172.25.0.100/32 dev lo",
        "/sbin/ip address add 172.25.0.100/32 dev lo label lo:0",
    ]
    assert host.lo[2:] == [("172.25.0.100", 32, "lo:0")]
    assert not host.ensure(request(V4)).plan
    unit = (host.paths.units / "lvs-vip-172.25.0.100.service").read_text(encoding="utf-8")
    assert "ExecStart=/sbin/ip address replace 172.25.0.100/32 dev lo label lo:0\n" in unit


def test_absent_leaves_nothing_behind(host: Host) -> None:
    before = list(host.lo)
    host.ensure(request(V4, V6))
    host.lo.append(("172.25.0.100", 24, "lo:1"))
    runs = [
        host.ensure(request(V4, V6, present=False), check_mode=check)
        for check in (True, False, False, True)
    ]
    assert [bool(run.plan) for run in runs] == [True, True, False, False]
    assert [run.vips for run in runs] == [(gone(V4), gone(V6))] * 4
    assert (host.lo, host.files(), host.active) == (before, set(), set())


def test_prune_removes_what_this_module_persisted_and_nothing_else(host: Host) -> None:
    host.ensure(request(V4, OTHER))
    host.lo.append(("192.0.2.1", 32, "lo"))
    for name in ("lvs-vip-192.0.2.1.service", "lvs-vip-web.service"):
        (host.paths.units / name).write_text("[Unit]\n", encoding="utf-8")
    assert not host.ensure(request(OTHER)).plan
    outcome = host.ensure(request(OTHER, prune=True))
    assert outcome.vips == (held(OTHER), gone(V4))
    assert [entry[0] for entry in host.lo[2:]] == ["172.25.0.101", "192.0.2.1"]
    assert host.files() == {
        "lvs-vip-172.25.0.101.service",
        "lvs-vip-192.0.2.1.service",
        "lvs-vip-web.service",
    }
    assert host.ensure(request(prune=True)).vips == (gone(OTHER),)
    assert not host.ensure(request(prune=True)).plan


def test_not_persistent_takes_the_unit_away_and_leaves_the_vip(host: Host) -> None:
    host.ensure(request(V4))
    outcome = host.ensure(request(V4, persistent=False))
    assert outcome.vips == (VipStatus(V4, runtime=True, persistent=False),)
    assert _steps.commands(outcome.plan) == [
        "/sbin/systemctl stop lvs-vip-172.25.0.100.service",
        "/sbin/systemctl daemon-reload",
    ]
    assert (host.files(), len(host.lo)) == (set(), 3)


@pytest.mark.parametrize("damage", ["unit", "link", "active", "address", "stale"])
def test_each_part_is_repaired(host: Host, damage: str) -> None:
    host.ensure(request(V4))
    unit = host.paths.units / "lvs-vip-172.25.0.100.service"
    if damage == "unit":
        unit.write_text("[Unit]\n", encoding="utf-8")
    elif damage == "link":
        (host.paths.units / "networking.service.wants" / unit.name).unlink()
    elif damage == "active":
        host.active.clear()
    elif damage == "address":
        del host.lo[2]
    else:  # the run before was interrupted between the file and daemon-reload
        host.loaded[unit.name] = "[Unit]\n"
    runs = [host.ensure(request(V4), check_mode=check) for check in (True, False, False)]
    assert [bool(run.plan) for run in runs] == [True, True, False]


def test_links_without_a_unit_are_cleared(host: Host) -> None:
    host.ensure(request(V4))
    (host.paths.units / "lvs-vip-172.25.0.100.service").unlink()
    host.ensure(request(V4, present=False))
    assert host.files() == set()


def test_without_systemd_persistence_is_refused_with_the_remedy(host: Host) -> None:
    host.paths.running.rmdir()
    with pytest.raises(
        LvsError,
        match=r"^persistent: systemd does not run on this host, .*; set 'persistent: false' and "
        r"see to that yourself$",
    ):
        host.ensure(request(V4), check_mode=True)
    plan = host.ensure(request(V4, persistent=False)).plan
    assert _steps.commands(plan) == ["/sbin/ip address add 172.25.0.100/32 dev lo"]
    assert host.ensure(request(V4, present=False)).plan
    assert not host.ensure(request(V4, present=False)).plan


def test_a_vip_on_another_interface_is_refused_with_the_remedy(host: Host) -> None:
    host.eth0.append(("172.25.0.100", 24, "eth0"))
    message = (
        "address: 172.25.0.100 is on eth0 of this host; a real server must hold a VIP on lo "
        "alone, or it answers ARP for it: remove it there first "
        "(ip address del 172.25.0.100/24 dev eth0)"
    )
    with pytest.raises(LvsError, match=f"^{re.escape(message)}$"):
        host.ensure(request(V6, V4), check_mode=True)
    assert not host.ensure(request(V4, present=False)).plan


@pytest.mark.parametrize("label", ["eth0", "lo0", "lo:", "lo:a b", "lo:$x", "lo:1234567890123", ""])
def test_a_bad_label_is_refused(label: str) -> None:
    with pytest.raises(LvsError, match=rf"^label: '{re.escape(label)}' is no label for an address"):
        make_request("192.0.2.1", label=label)


def make_request(*addresses: str, label: str | None = None) -> Request:
    return _vip_lo.make_request(addresses, label=label, present=True, persistent=True, prune=False)


def test_options_become_a_request() -> None:
    assert make_request("FD00::0100", "172.25.0.100/32", "fd00::100") == request(V6, V4)
    assert make_request("172.25.0.100", label="lo:123456789012").label == "lo:123456789012"
    with pytest.raises(LvsError, match=r"^label: fd00::100 is an IPv6 address, and only IPv4"):
        make_request("fd00::100", label="lo:0")
    with pytest.raises(LvsError, match=r"^address\[1\]: 'x' is not an IPv4 or IPv6 address$"):
        make_request("192.0.2.1", "x")


def test_what_does_not_stick_is_an_error(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "ip", lambda _words: Result(0, "", ""))
    with pytest.raises(
        LvsError,
        match=r"^applied, but not as wanted afterwards: /sbin/ip address add 172\.25\.0\.100/32 "
        r"dev lo$",
    ):
        host.ensure(request(V4, persistent=False))


@pytest.mark.parametrize("broken", ["add", "daemon-reload", "enable", "start"])
def test_an_interrupted_run_is_finished_by_the_next(host: Host, broken: str) -> None:
    host.broken = broken
    with pytest.raises(LvsError, match="broken"):
        host.ensure(request(V4))
    host.broken = ""
    assert host.ensure(request(V4)).vips == (held(V4),)
    assert not host.ensure(request(V4)).plan


def test_the_unit_is_bound_to_the_network_managers(host: Host) -> None:
    host.ensure(request(V4))
    lines = (
        (host.paths.units / "lvs-vip-172.25.0.100.service").read_text(encoding="utf-8").splitlines()
    )
    managers = " ".join(MANAGERS)
    for line in (
        "After=systemd-sysctl.service",
        f"After={managers}",
        f"PartOf={managers}",
        f"WantedBy=multi-user.target {managers}",
        "Type=oneshot",
        "RemainAfterExit=yes",
        "ExecStart=/sbin/ip address replace 172.25.0.100/32 dev lo",
    ):
        assert line in lines
    assert not [line for line in lines if line.startswith("ExecStop")]


entries = st.lists(
    st.sampled_from(
        [
            ("172.25.0.100", 32, "lo"),
            ("172.25.0.100", 32, "lo:0"),
            ("172.25.0.100", 24, "lo"),
            ("172.25.0.101", 24, "lo:1"),
            ("fd00::100", 128, None),
            ("fd00::100", 64, None),
        ]
    ),
    unique_by=lambda entry: entry[:2],
)
requests = st.builds(
    Request,
    vips=st.lists(st.sampled_from([V4, OTHER]), unique=True).map(tuple),
    label=st.sampled_from([None, "lo", "lo:0"]),
    present=st.booleans(),
    persistent=st.booleans(),
    prune=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(entries, requests, requests)
def test_any_state_reaches_any_request_and_stays(
    found: list[tuple[str, int, str | None]], first: Request, second: Request
) -> None:
    with TemporaryDirectory() as folder:
        host = make_host(Path(folder))
        host.lo += found
        for wanted in (first, second):
            predicted = host.ensure(wanted, check_mode=True)
            done = host.ensure(wanted)
            assert (predicted.plan, predicted.vips) == (done.plan, done.vips)
            assert host.ensure(wanted).plan == ()

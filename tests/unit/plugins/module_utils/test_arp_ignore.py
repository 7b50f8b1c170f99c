# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import _arp_ignore, _sysctl
from ansible_collections.lvs.cluster.plugins.module_utils._arp_ignore import Effective, Request
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

UP = ["BROADCAST", "UP"]
REQUEST = Request(
    interfaces=("eth0",),
    all_interfaces=False,
    arp_ignore=1,
    arp_announce=2,
    present=True,
    persistent=True,
)


@dataclass
class Host:
    paths: _sysctl.Paths
    links: dict[str, list[str]]

    def __call__(self, argv: object) -> Result:
        assert isinstance(argv, tuple)
        assert argv[1:] == ("-json", "-details", "address", "show")
        links = [{"ifname": name, "flags": flags} for name, flags in self.links.items()]
        return Result(0, json.dumps(links), "")

    def level(self, scope: str, name: str) -> Path:
        return self.paths.proc / "net/ipv4/conf" / scope / name

    def levels(self, scope: str) -> tuple[str, str]:
        ignore, announce = (
            self.level(scope, name).read_text(encoding="ascii").strip()
            for name in ("arp_ignore", "arp_announce")
        )
        return ignore, announce

    def ensure(self, request: Request, *, check_mode: bool = False) -> _arp_ignore.Outcome:
        return _arp_ignore.ensure(request, self, check_mode=check_mode, paths=self.paths)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(_arp_ignore, "find_program", lambda name, _package: f"/sbin/{name}")
    paths = _sysctl.Paths(
        proc=tmp_path / "proc",
        persistent=tmp_path / "etc",
        volatile=tmp_path / "run",
        boot=(tmp_path / "etc", tmp_path / "run"),
        legacy=tmp_path / "sysctl.conf",
    )
    host = Host(paths, {"lo": ["LOOPBACK", "UP"], "eth0": UP, "eth0.100": UP, "eth1": ["NOARP"]})
    for scope in ("all", *host.links):
        for name in ("arp_ignore", "arp_announce"):
            host.level(scope, name).parent.mkdir(parents=True, exist_ok=True)
            host.level(scope, name).write_text("0\n", encoding="ascii")
    return host


def test_check_real_again_check(host: Host) -> None:
    request = replace(REQUEST, interfaces=("eth0", "eth0.100"))
    runs = [host.ensure(request, check_mode=check) for check in (True, False, False, True)]
    assert [bool(run.plan) for run in runs] == [True, True, False, False]
    assert runs[0].plan == runs[1].plan
    silent = {"eth0": Effective(1, 2), "eth0.100": Effective(1, 2)}
    assert [run.effective for run in runs] == [silent] * 4
    assert [run.warnings for run in runs] == [()] * 4
    assert host.levels("eth0.100") == ("1", "2")


def test_check_mode_touches_nothing(host: Host) -> None:
    host.ensure(REQUEST, check_mode=True)
    assert host.levels("eth0") == ("0", "0")
    assert not host.paths.persistent.exists()


def test_absent_restores_what_was(host: Host) -> None:
    host.level("eth0", "arp_ignore").write_text("3\n", encoding="ascii")
    host.ensure(REQUEST)
    host.ensure(replace(REQUEST, arp_ignore=2))
    outcome = host.ensure(replace(REQUEST, present=False))
    assert bool(outcome.plan)
    assert host.levels("eth0") == ("3", "0")
    assert list(host.paths.persistent.iterdir()) == []
    assert not host.ensure(replace(REQUEST, present=False)).plan
    assert outcome.warnings == ()


def test_absent_leaves_alone_what_it_never_touched(host: Host) -> None:
    host.level("eth0", "arp_ignore").write_text("1\n", encoding="ascii")
    assert not host.ensure(replace(REQUEST, present=False)).plan
    assert host.levels("eth0") == ("1", "0")


def test_absent_for_an_interface_that_is_gone_drops_its_lines(host: Host) -> None:
    host.ensure(REQUEST)
    del host.links["eth0"]
    shutil.rmtree(host.level("eth0", "arp_ignore").parent)
    assert host.ensure(replace(REQUEST, present=False)).plan
    assert list(host.paths.persistent.iterdir()) == []


def test_tasks_for_different_interfaces_do_not_disturb_each_other(host: Host) -> None:
    other = replace(REQUEST, interfaces=("eth0.100",), persistent=False)
    every = replace(REQUEST, interfaces=(), all_interfaces=True)
    for request in (REQUEST, other, every):
        host.ensure(request)
    assert [host.ensure(request).plan for request in (REQUEST, other, every)] == [()] * 3
    host.ensure(replace(other, present=False))
    assert not host.ensure(REQUEST).plan
    assert host.levels("eth0.100") == ("0", "0")
    assert list(host.paths.volatile.iterdir()) == []


def test_all_counts_for_every_interface(host: Host) -> None:
    outcome = host.ensure(replace(REQUEST, interfaces=(), all_interfaces=True))
    assert outcome.effective == {"eth0": Effective(1, 2), "eth0.100": Effective(1, 2)}
    assert host.levels("eth0") == ("0", "0")


def test_the_larger_of_all_and_interface_counts(host: Host) -> None:
    host.level("all", "arp_ignore").write_text("8\n", encoding="ascii")
    host.level("eth0.100", "arp_announce").write_text("1\n", encoding="ascii")
    effective = host.ensure(REQUEST).effective
    assert effective == {"eth0": Effective(8, 2), "eth0.100": Effective(8, 1)}


@pytest.mark.parametrize(("ignore", "announce"), [("0", "2"), ("1", "1")])
def test_b48_an_interface_that_stays_talkative_is_named(
    host: Host, ignore: str, announce: str
) -> None:
    host.level("eth0.100", "arp_ignore").write_text(ignore, encoding="ascii")
    host.level("eth0.100", "arp_announce").write_text(announce, encoding="ascii")
    (warning,) = host.ensure(REQUEST).warnings
    assert warning == (
        f"eth0.100 stays talkative in ARP: arp_ignore is {ignore} there (needed: 1 or more), "
        f"arp_announce {announce} (needed: 2); name it in 'interfaces' if a VIP can be asked for "
        "on it"
    )


def test_lo_alone_silences_nobody(host: Host) -> None:
    warnings = host.ensure(replace(REQUEST, interfaces=("lo",))).warnings
    assert [text.split()[0] for text in warnings] == ["eth0", "eth0.100"]


def test_b48_a_file_that_undoes_it_at_boot_is_named(host: Host) -> None:
    host.paths.legacy.write_text("net.ipv4.conf.eth0.arp_ignore = 0\n", encoding="ascii")
    (warning,) = host.ensure(replace(REQUEST, interfaces=("eth0", "eth0.100"))).warnings
    assert warning.startswith(
        f"{host.paths.legacy} is applied after this module's file and sets "
        "net/ipv4/conf/eth0/arp_ignore to 0, not 1"
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            replace(REQUEST, interfaces=()),
            "interfaces: name at least one interface, or set 'all: true'",
        ),
        (
            replace(REQUEST, interfaces=("eth0", "eth9")),
            "interfaces[1]: this host has no interface 'eth9', it has lo, eth0, eth0.100, eth1",
        ),
        (
            replace(REQUEST, interfaces=("all",)),
            (
                "interfaces[0]: this host has no interface 'all', it has lo, eth0, eth0.100, eth1; "
                "to set every interface at once use 'all: true'"
            ),
        ),
    ],
)
def test_bad_requests(host: Host, request_: Request, message: str) -> None:
    with pytest.raises(LvsError, match=f"^{re.escape(message)}$"):
        host.ensure(request_, check_mode=True)

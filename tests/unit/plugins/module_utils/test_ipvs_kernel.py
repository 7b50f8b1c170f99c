# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils import (
    _files,
    _ipvs_kernel,
    _kmod,
    _sysctl,
)
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs_kernel import Request
from ansible_collections.lvs.cluster.plugins.module_utils._kmod import Busy

NODEST = ("net", "ipv4", "vs", "expire_nodest_conn")
QUIESCENT = ("net", "ipv4", "vs", "expire_quiescent_template")
TREE = {"nf_conntrack": (), "ip_vs": ("nf_conntrack",), "ip_vs_rr": ("nf_conntrack", "ip_vs")}


@dataclass
class Host:
    """The kernel's and kmod's part; ip_vs brings its settings along and takes them away."""

    paths: _ipvs_kernel.Paths
    loaded: dict[str, int] = field(default_factory=dict)
    builtin: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    denied: str = ""
    inert: bool = False

    def __call__(self, argv: Sequence[str]) -> Result:
        program, name = argv[0], argv[-1]
        if program == "/sbin/rmmod":
            if name in self.held:
                return Result(1, "", f"rmmod: ERROR: Module {name} is in use")
            del self.loaded[name]
            return self.write()
        if name not in TREE:
            return Result(1, "", f"modprobe: FATAL: Module {name} not found")
        chain = [module for module in (*TREE[name], name) if module not in self.builtin]
        if argv[1] == "--show-depends":
            return Result(0, "".join(f"insmod /lib/{module}.ko \n" for module in chain), "")
        if self.denied:
            return Result(1, "", self.denied)
        if not self.inert:
            self.loaded.update({module: self.loaded.get(module, 0) for module in chain})
        return self.write()

    def write(self) -> Result:
        def users(name: str) -> str:
            found = [user for user in self.loaded if name in TREE.get(user, ())]
            return "".join(f"{user}," for user in found) or "-"

        self.paths.modules.loaded.write_text(
            "".join(f"{n} 1 {uses} {users(n)} Live 0\n" for n, uses in self.loaded.items()),
            encoding="ascii",
        )
        for name in self.builtin:
            (self.paths.modules.built_in / name).mkdir(parents=True, exist_ok=True)
        for key in (NODEST, QUIESCENT):
            path = self.paths.sysctl.proc.joinpath(*key)
            if "ip_vs" not in self.loaded and "ip_vs" not in self.builtin:
                path.unlink(missing_ok=True)
            elif not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("0\n", encoding="ascii")
        return Result(0, "", "")

    def ensure(self, request: Request, *, check_mode: bool = False) -> _ipvs_kernel.Outcome:
        return _ipvs_kernel.ensure(request, self, check_mode=check_mode, paths=self.paths)

    def value(self, key: _sysctl.Key) -> str | None:
        return _sysctl.read_value(self.paths.sysctl, key)

    def files(self) -> list[Path]:
        places = (self.paths.sysctl, self.paths.modules)
        folders = [folder for place in places for folder in (place.persistent, place.volatile)]
        return [path for folder in folders if folder.exists() for path in folder.iterdir()]


def request(
    modules: Sequence[str] | None = ("ip_vs", "ip_vs_rr"),
    sysctl: Mapping[_sysctl.Key, str] | None = None,
    *,
    persistent: bool = True,
) -> Request:
    wanted: Mapping[_sysctl.Key, str] = {NODEST: "1"} if sysctl is None else sysctl
    return Request(None if modules is None else tuple(modules), wanted, persistent)


ABSENT = Request((), {}, persistent=True)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(_ipvs_kernel, "find_program", lambda name, _package: f"/sbin/{name}")
    paths = _ipvs_kernel.Paths(
        sysctl=_sysctl.Paths(
            proc=tmp_path / "proc",
            persistent=tmp_path / "sysctl.d",
            volatile=tmp_path / "run-sysctl.d",
            boot=(tmp_path / "sysctl.d",),
            legacy=tmp_path / "sysctl.conf",
        ),
        modules=_kmod.Paths(
            loaded=tmp_path / "modules",
            built_in=tmp_path / "sys",
            persistent=tmp_path / "modules-load.d",
            volatile=tmp_path / "run-modules-load.d",
        ),
    )
    host = Host(paths)
    host.write()
    return host


def test_check_real_again_check(host: Host) -> None:
    runs = [host.ensure(request(), check_mode=check) for check in (True, False, False, True)]
    assert [bool(run.plan) for run in runs] == [True, True, False, False]
    assert [run.sysctl for run in runs] == [{"net/ipv4/vs/expire_nodest_conn": "1"}] * 4
    assert [run.modules for run in runs] == [{"ip_vs": True, "ip_vs_rr": True}] * 4
    assert set(host.loaded) == set(TREE)


def test_check_mode_touches_nothing(host: Host) -> None:
    host.ensure(request(), check_mode=True)
    assert (host.loaded, host.files()) == ({}, [])


def test_absent_undoes_all_of_it(host: Host) -> None:
    host.ensure(request())
    runs = [host.ensure(ABSENT, check_mode=check) for check in (True, False, False, True)]
    assert [bool(run.plan) for run in runs] == [True, True, False, False]
    assert (host.loaded, host.files()) == ({}, [])


def test_absent_leaves_what_was_there_before(host: Host) -> None:
    host.loaded = {"nf_conntrack": 0, "ip_vs": 0}
    host.write()
    host.paths.sysctl.proc.joinpath(*NODEST).write_text("7\n", encoding="ascii")
    host.ensure(request())
    host.ensure(ABSENT)
    assert set(host.loaded) == {"nf_conntrack", "ip_vs"}
    assert host.value(NODEST) == "7"


def test_what_is_no_longer_listed_is_given_back(host: Host) -> None:
    host.ensure(request(sysctl={NODEST: "1", QUIESCENT: "1"}))
    host.ensure(request(["ip_vs"], {QUIESCENT: "1"}))
    assert (host.value(NODEST), host.value(QUIESCENT)) == ("0", "1")
    assert "ip_vs_rr" in host.loaded  # IPVS may use it until keepalived has been reloaded
    assert not host.ensure(request(["ip_vs"], {QUIESCENT: "1"})).plan
    host.ensure(ABSENT)
    assert host.loaded == {}


def test_a_module_in_use_is_no_failure(host: Host) -> None:
    host.ensure(request())
    host.loaded["ip_vs"] = 3
    host.held = ("ip_vs", "nf_conntrack")
    host.write()
    outcome = host.ensure(ABSENT)
    assert outcome.busy == (
        Busy(
            "ip_vs",
            "'/sbin/rmmod ip_vs' failed (exit status 1): rmmod: ERROR: Module ip_vs is in use",
        ),
        Busy(
            "nf_conntrack",
            "'/sbin/rmmod nf_conntrack' failed (exit status 1): rmmod: ERROR: Module "
            "nf_conntrack is in use",
        ),
    )
    assert set(host.loaded) == {"nf_conntrack", "ip_vs"}
    assert host.value(NODEST) == "0"
    assert not host.ensure(ABSENT).plan


def test_a_failure_other_than_unloading_is_one(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.ensure(request())

    remove = _files.remove

    def refuse(path: Path) -> None:
        if path.parent == host.paths.modules.persistent:
            raise LvsError(f"cannot remove {path}: Read-only file system")
        remove(path)

    monkeypatch.setattr(_files, "remove", refuse)
    with pytest.raises(LvsError, match=r"^cannot remove .*: Read-only file system"):
        host.ensure(ABSENT)


def test_built_in_is_as_good_as_loaded(host: Host) -> None:
    host.builtin = tuple(TREE)
    host.write()
    outcome = host.ensure(request())
    assert outcome.modules == {"ip_vs": False, "ip_vs_rr": False}
    assert not host.ensure(request()).plan
    host.ensure(ABSENT)
    assert (host.value(NODEST), host.files()) == ("0", [])


def test_a_loaded_module_needs_no_tree(host: Host) -> None:
    host.loaded = {"own_module": 0}
    host.write()
    assert host.ensure(request(["own_module"], {})).modules == {"own_module": True}


def test_null_does_not_manage(host: Host) -> None:
    host.ensure(request())
    assert not host.ensure(Request(None, None, persistent=True)).plan
    assert not host.ensure(Request(("ip_vs", "ip_vs_rr"), None, persistent=True)).plan
    assert not host.ensure(request(None)).plan


def test_not_persistent_goes_to_run_and_is_undone_as_well(host: Host) -> None:
    host.ensure(request(persistent=False))
    assert {path.parent.name for path in host.files()} == {"run-sysctl.d", "run-modules-load.d"}
    host.ensure(request())
    assert {path.parent.name for path in host.files()} == {"sysctl.d", "modules-load.d"}
    host.ensure(ABSENT)
    assert (host.loaded, host.files()) == ({}, [])


@pytest.mark.parametrize("check_mode", [True, False])
def test_b20_b46_an_unknown_module_is_named_with_the_kernel(
    host: Host, *, check_mode: bool
) -> None:
    message = (
        f"modules: the kernel of this host ({os.uname().release}) has no module 'ip_vs_nope': "
        "check the spelling, or install the package with this kernel's modules (after a kernel "
        "update: reboot)"
    )
    with pytest.raises(LvsError, match=f"^{re.escape(message)}$"):
        host.ensure(request(["ip_vs", "ip_vs_nope"]), check_mode=check_mode)


def test_an_unknown_setting_is_named_as_soon_as_it_can_be(host: Host) -> None:
    wrong = request(sysctl={("net", "ipv4", "vs", "expire"): "1"})
    host.ensure(wrong, check_mode=True)
    message = (
        "sysctl['net/ipv4/vs/expire']: this kernel has no /proc/sys/net/ipv4/vs/expire: check "
        "the spelling, or add the module which brings it to 'modules'"
    )
    for check_mode in (False, True):
        with pytest.raises(LvsError, match=f"^{re.escape(message)}$"):
            host.ensure(wrong, check_mode=check_mode)


def test_b46_b53_a_denied_modprobe_is_told_in_its_words(host: Host) -> None:
    host.denied = "modprobe: ERROR: could not insert 'ip_vs': Operation not permitted"
    with pytest.raises(LvsError, match=r"^'/sbin/modprobe ip_vs' failed .*\(become: true\)$"):
        host.ensure(request())


def test_a_modprobe_that_loads_nothing_is_told(host: Host) -> None:
    host.inert = True
    with pytest.raises(
        LvsError,
        match=r"^modules: modprobe ip_vs succeeded, but the module is not loaded: look for an "
        r"'install ip_vs' line in /etc/modprobe\.d$",
    ):
        host.ensure(request())


def test_a_file_that_undoes_it_at_boot_is_named(host: Host) -> None:
    host.paths.sysctl.legacy.write_text("net.ipv4.vs.expire_nodest_conn=0\n", encoding="ascii")
    (warning,) = host.ensure(request()).warnings
    assert warning.startswith(f"{host.paths.sysctl.legacy} is applied after this module's file")


def make(modules: list[str] | None, sysctl: Mapping[str, object] | None) -> Request:
    return _ipvs_kernel.make_request(modules, sysctl, present=True, persistent=True)


def test_options_become_a_request() -> None:
    made = make(["ip_vs", "ip-vs-rr", "ip_vs"], {"net.ipv4.vs.expire_nodest_conn": 1, "a/b": " x "})
    assert made == request(sysctl={NODEST: "1", ("a", "b"): "x"})
    assert make(None, None) == Request(None, None, persistent=True)
    absent = _ipvs_kernel.make_request(["x"], {"a/b": 1}, present=False, persistent=True)
    assert absent == ABSENT


@pytest.mark.parametrize(
    ("modules", "sysctl", "message"),
    [
        (["ip_vs", "ip vs"], None, "modules[1]: 'ip vs' is not the name of a kernel module"),
        (["../x"], None, "modules[0]: '../x' is not the name of a kernel module"),
        ([""], None, "modules[0]: '' is not the name of a kernel module"),
        (None, {"net/*/x": 1}, "sysctl: 'net/*/x' is not the name of one kernel setting"),
        (None, {"a/b": True}, "sysctl['a/b']: True is neither an integer nor a string"),
        (None, {"a/b": 1.5}, "sysctl['a/b']: 1.5 is neither an integer nor a string"),
        (None, {"a/b": None}, "sysctl['a/b']: None is neither an integer nor a string"),
        (None, {"a/b": "1\nc/d = 2"}, "sysctl['a/b']: '1\\nc/d = 2' is not one line of text"),
        (None, {"a/b": ""}, "sysctl['a/b']: '' is not one line of text"),
    ],
)
def test_bad_options(
    modules: list[str] | None, sysctl: Mapping[str, object] | None, message: str
) -> None:
    with pytest.raises(LvsError, match=f"^{re.escape(message)}"):
        make(modules, sysctl)

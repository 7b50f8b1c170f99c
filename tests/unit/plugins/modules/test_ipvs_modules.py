# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules for the IPVS table with the real AnsibleModule, and a model for a kernel."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.lvs.cluster.plugins.doc_fragments.ipvs import ModuleDocFragment
from ansible_collections.lvs.cluster.plugins.module_utils import _netlink
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import (
    kernel,
    options,
    owner,
    persist,
    real,
    report,
    run,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.fake_ipvs import FakeIpvs
from ansible_collections.lvs.cluster.tests.unit.plugins.modules.fake_module import FACTS

NAMES = ("ipvs_info", "ipvs_real", "ipvs_service", "ipvs_table")
PACKAGE = "ansible_collections.lvs.cluster.plugins.modules"
OF_ANSIBLE = {"changed", "diff", "invocation"}

HTTP = ServiceKey("inet", "tcp", "192.0.2.1", 80)
RR = Service("rr", (), 0, "255.255.255.255", "", ops=False)
ONE = RealKey("192.0.2.11", 80)
TWO = RealKey("192.0.2.12", 80)
DR = RealServer("dr", 1, 0, 0, "ipip", 0, ())
WEB: dict[str, Any] = {"service_address": "192.0.2.1", "service_port": 80}


def plugin(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


class Host:
    """A host with IPVS, and the modules on it."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.folder = folder
        self.ipvs: FakeIpvs | None = FakeIpvs()
        self.failed = False
        self.warnings: list[str] = []
        self.paths = persist.Paths(*(folder / name for name in ("a", "b", "c", "d", "e")))
        self.conf = folder / "keepalived.conf"
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def open(self, _family: str) -> FakeIpvs:
        if self.ipvs is None:
            raise _netlink.NoSuchFamily(2, "no generic netlink family IPVS")
        return self.ipvs

    @property
    def kernel(self) -> FakeIpvs:
        """The kernel's IPVS."""
        assert self.ipvs is not None
        return self.ipvs

    def run(
        self, name: str, /, *, check_mode: bool = False, diff: bool = False, **given: object
    ) -> dict[str, Any]:
        """Run a module and return its result."""
        if name != "ipvs_info":
            given.setdefault("keepalived_conf", str(self.conf))
        module_args = {
            **given,
            "_ansible_check_mode": check_mode,
            "_ansible_diff": diff,
            "_ansible_remote_tmp": str(self.folder),
        }
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}).encode()
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments)
        # ansible-core 2.19 and newer ask for it
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        self.warnings.clear()
        with pytest.raises(SystemExit) as ended:
            plugin(name).main()
        self.failed = ended.value.code != 0
        result: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return result


@pytest.fixture
def host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Host:
    host = Host(tmp_path, monkeypatch, capsys)
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _module, _msg, log_args=None: log_args)
    # ansible-core keeps warnings for the whole process
    monkeypatch.setattr(
        basic.AnsibleModule, "warn", lambda _module, text: host.warnings.append(text)
    )
    monkeypatch.setattr(run, "GenericNetlink", host.open)
    make_plan = functools.partial(persist.make_plan, paths=host.paths)
    monkeypatch.setattr(persist, "make_plan", make_plan)
    make_removal = functools.partial(persist.make_removal, paths=host.paths)
    monkeypatch.setattr(persist, "make_removal", make_removal)
    quiet = functools.partial(real.keeps_clients, path=tmp_path / "expire_quiescent_template")
    monkeypatch.setattr(real, "keeps_clients", quiet)
    return host


# --- the documentation -----------------------------------------------------------------------
def documented(name: str) -> dict[str, Any]:
    """Return the options of a module's documentation, with those of its fragments."""
    documentation = yaml.safe_load(plugin(name).DOCUMENTATION)
    found: dict[str, Any] = dict(documentation["options"])
    for fragment in documentation["extends_documentation_fragment"]:
        if fragment.startswith("lvs.cluster.ipvs."):
            text = getattr(ModuleDocFragment, fragment.rpartition(".")[2].upper())
            found.update(yaml.safe_load(text)["options"])
    return found


def facts(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {fact: option[fact] for fact in FACTS if fact in option}
        for name, option in found.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_documented_options_are_the_argument_spec(name: str) -> None:
    assert facts(documented(name)) == plugin(name).ARGUMENT_SPEC


def test_documented_suboptions_are_what_is_read() -> None:
    found = documented("ipvs_table")
    services = found["services"]["suboptions"]
    reals = services["real_servers"]["suboptions"]
    assert list(services) == [*options.KEY, *options.SERVICE, "real_servers"]
    assert list(reals) == [*options.REAL_KEY, *options.REAL]
    assert list(found["timeouts"]["suboptions"]) == list(options.TIMEOUTS)
    assert list(found["ignore"]["suboptions"]) == ["fwmark", "address"]
    described = {**report.KEY_SPEC, **report.SERVICE_SPEC}
    services.pop("real_servers")
    assert facts(services) == described
    assert facts(reals) == report.REAL_SPEC
    assert all(set(option) == {"description", "type"} for option in _rest(found))


def _rest(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [*found["timeouts"]["suboptions"].values(), *found["ignore"]["suboptions"].values()]


def test_documented_choices_are_what_the_converters_take() -> None:
    spec = {**report.KEY_SPEC, **report.SERVICE_SPEC, **report.REAL_SPEC}
    converters = {**options.KEY, **options.SERVICE, **options.REAL_KEY, **options.REAL}
    assert spec.keys() == converters.keys()
    for name, option in spec.items():
        for choice in option.get("choices", ()):
            expected = (choice,) if option["type"] == "list" else choice
            assert converters[name](choice) == expected


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_is_complete(name: str) -> None:
    documentation = yaml.safe_load(plugin(name).DOCUMENTATION)
    assert documentation["module"] == name
    assert documentation["version_added"] == "0.1.0"
    assert "lvs.cluster.attributes" in documentation["extends_documentation_fragment"]
    assert len(inspect.getsource(plugin(name).main).splitlines()) < 40


def test_the_fragments_have_nothing_that_no_module_has() -> None:
    assert facts(yaml.safe_load(ModuleDocFragment.KEY)["options"]) == report.KEY_SPEC
    assert facts(yaml.safe_load(ModuleDocFragment.OWNER)["options"]) == report.OWNER_SPEC


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_do_something_and_then_nothing(host: Host, name: str) -> None:
    for task in yaml.safe_load(plugin(name).EXAMPLES):
        for called, given in task.items():
            if not called.startswith("lvs.cluster."):
                continue
            module = called.rpartition(".")[2]
            predicted = host.run(module, check_mode=True, **(given or {}))
            assert not host.failed, predicted
            done = host.run(module, **(given or {}))
            assert not host.failed, done
            assert done["changed"] is predicted["changed"] is (module != "ipvs_info")
            assert not host.run(module, **(given or {}))["changed"]


@pytest.mark.parametrize(
    ("name", "given", "when"),
    [
        ("ipvs_info", {}, ("success", "if O(counters=true)")),
        ("ipvs_service", WEB, ("success",)),
        ("ipvs_table", {"services": []}, ("success",)),
        (
            "ipvs_real",
            {**WEB, "server_address": "192.0.2.11", "state": "drained"},
            ("success", "if O(state=drained), outside check mode"),
        ),
        ("ipvs_real", {**WEB, "server_address": "192.0.2.11"}, ("success",)),
    ],
)
def test_the_documented_results_are_the_results(
    host: Host, name: str, given: dict[str, Any], when: tuple[str, ...]
) -> None:
    host.run("ipvs_service", **WEB)
    result = host.run(name, **given)
    assert not host.failed
    found = yaml.safe_load(plugin(name).RETURN)
    assert set(result) - OF_ANSIBLE == {
        key for key, value in found.items() if value["returned"] in when
    }
    types = {"bool": bool, "dict": dict, "int": int, "list": list, "str": str}
    for key in set(result) - OF_ANSIBLE:
        assert isinstance(result[key], (types[found[key]["type"]], type(None)))


# --- ipvs_service ----------------------------------------------------------------------------
def test_a_service_is_added_edited_and_deleted(host: Host) -> None:
    added = host.run("ipvs_service", diff=True, **WEB, scheduler="sh", sched_flags=["sh-port"])
    assert added["changed"]
    assert added["service"] == {
        "protocol": "tcp",
        "service_address": "192.0.2.1",
        "service_port": 80,
        "scheduler": "sh",
        "sched_flags": ["sh-port"],
        "persistence_timeout": 0,
        "persistence_granularity": "255.255.255.255",
        "persistence_engine": "",
        "ops": False,
    }
    assert added["commands"] == ["-A -t 192.0.2.1:80 -s sh -b sh-port"]
    assert added["diff"] == [
        {
            "before_header": "IPVS table",
            "after_header": "IPVS table",
            "before": "",
            "after": "-A -t 192.0.2.1:80 -s sh -b sh-port\n",
        }
    ]
    edited = host.run("ipvs_service", **WEB, persistence_timeout=60)
    assert edited["commands"] == ["-E -t 192.0.2.1:80 -s sh -p 60 -b sh-port"]
    assert "diff" not in edited
    again = host.run("ipvs_service", diff=True, **WEB, persistence_timeout=60)
    assert (again["changed"], again["commands"], again["diff"]) == (False, [], [])
    deleted = host.run("ipvs_service", **WEB, state="absent")
    assert (deleted["changed"], deleted["service"]) == (True, None)
    assert deleted["commands"] == ["-D -t 192.0.2.1:80"]
    assert not host.run("ipvs_service", **WEB, state="absent")["changed"]


def test_a_service_by_firewall_mark(host: Host) -> None:
    result = host.run("ipvs_service", fwmark=7, family="inet6")
    assert {key: result["service"][key] for key in ("fwmark", "family")} == {
        "fwmark": 7,
        "family": "inet6",
    }
    assert "protocol" not in result["service"]


def test_in_check_mode_without_the_module_there_is_one_warning(host: Host) -> None:
    host.ipvs = None
    result = host.run("ipvs_service", check_mode=True, **WEB)
    assert (result["changed"], result["commands"]) == (True, ["-A -t 192.0.2.1:80 -s wlc"])
    assert host.warnings == [
        "the kernel module ip_vs is not loaded: predicted for an empty IPVS table"
    ]


def test_a_bad_option_is_one_sentence(host: Host) -> None:
    assert host.run("ipvs_service", service_port=80)["msg"] == (
        "service_address: missing; give it, or fwmark"
    )
    assert host.failed
    result = host.run("ipvs_service", **WEB, scheduler="a b")
    assert result["msg"] == (
        "scheduler: must be the name of a kernel module's part, such as wlc, not 'a b'"
    )
    assert "applied" not in result


# --- ipvs_real -------------------------------------------------------------------------------
def table_with(host: Host, *reals: RealKey) -> None:
    host.ipvs = FakeIpvs({HTTP: Entries(RR, dict.fromkeys(reals, DR))})


def test_a_real_server_is_added_and_deleted(host: Host) -> None:
    table_with(host)
    added = host.run("ipvs_real", **WEB, server_address="192.0.2.11", weight=3)
    assert added["commands"] == ["-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 3"]
    assert added["real_server"] == {
        "server_address": "192.0.2.11",
        "server_port": 80,
        "forward_method": "dr",
        "weight": 3,
        "u_threshold": 0,
        "l_threshold": 0,
    }
    gone = host.run("ipvs_real", **WEB, server_address="192.0.2.11", state="absent")
    assert (gone["changed"], gone["real_server"]) == (True, None)
    assert gone["commands"] == ["-d -t 192.0.2.1:80 -r 192.0.2.11:80"]


def test_a_tunnel_is_reported_where_there_is_one(host: Host) -> None:
    table_with(host)
    result = host.run(
        "ipvs_real",
        **WEB,
        server_address="192.0.2.11",
        forward_method="tun",
        tunnel_type="gue",
        tunnel_port=6080,
        tunnel_flags=["csum"],
    )
    tunnel = {key: value for key, value in result["real_server"].items() if "tunnel" in key}
    assert tunnel == {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_flags": ["csum"]}


def test_a_real_server_needs_its_service_but_for_check_mode(host: Host) -> None:
    result = host.run("ipvs_real", **WEB, server_address="192.0.2.11")
    assert host.failed
    assert result["msg"].startswith("there is no virtual service 192.0.2.1:80/tcp on this host")
    predicted = host.run("ipvs_real", check_mode=True, **WEB, server_address="192.0.2.11")
    assert "msg" not in predicted
    assert predicted["changed"]
    assert predicted["real_server"]["weight"] == 1


def test_draining_sets_the_weight_to_0_and_tells_what_is_left(host: Host) -> None:
    table_with(host, ONE, TWO)
    host.kernel.connections[ONE] = kernel.Connections(2, 7, 1)
    drained = {**WEB, "server_address": "192.0.2.11", "state": "drained", "drain_timeout": 0}
    result = host.run("ipvs_real", **drained)
    assert (result["changed"], result["drained"]) == (True, False)
    assert result["connections"] == {"active": 2, "inactive": 7, "persistent": 1}
    assert result["progress"] == [{"seconds": 0.0, "active": 2, "inactive": 7}]
    assert result["commands"] == ["-e -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 0"]
    again = host.run("ipvs_real", **drained, drain_limit=2)
    assert (again["changed"], again["drained"]) == (False, True)
    again = host.run("ipvs_real", **drained, drain_limit=8, drain_count="all")
    assert (again["changed"], again["drained"]) == (False, False)
    assert host.kernel.model.table()[HTTP].real_servers[TWO] == DR


def test_b49_draining_tells_how_it_went(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    table_with(host, ONE)
    host.kernel.connections[ONE] = kernel.Connections(2, 7, 1)
    passed = []

    def sleep(seconds: float) -> None:
        passed.append(seconds)
        host.kernel.connections[ONE] = kernel.Connections(0, 9, 1)

    clock = real.Time(lambda: 1000 + sum(passed), sleep)
    monkeypatch.setattr(real, "Time", lambda: clock)
    result = host.run("ipvs_real", **WEB, server_address="192.0.2.11", state="drained")
    assert result["drained"]
    assert result["connections"] == {"active": 0, "inactive": 9, "persistent": 1}
    assert result["progress"] == [
        {"seconds": 0.0, "active": 2, "inactive": 7},
        {"seconds": 0.5, "active": 0, "inactive": 9},
    ]


def test_draining_may_end_in_removing(host: Host) -> None:
    table_with(host, ONE, TWO)
    drained = {**WEB, "server_address": "192.0.2.11", "state": "drained", "drain_then": "remove"}
    predicted = host.run("ipvs_real", check_mode=True, **drained)
    assert "drained" not in predicted
    assert not host.kernel.taken
    result = host.run("ipvs_real", **drained)
    assert result["commands"] == predicted["commands"]
    assert result["commands"] == [
        "-e -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 0",
        "-d -t 192.0.2.1:80 -r 192.0.2.11:80",
    ]
    assert (result["real_server"], predicted["real_server"]) == (None, None)
    assert result["drained"]
    assert host.kernel.model.table() == {HTTP: Entries(RR, {TWO: DR})}
    again = host.run("ipvs_real", **drained)
    assert (again["changed"], again["drained"]) == (False, True)


def test_draining_warns_of_persistent_clients(host: Host) -> None:
    (host.folder / "expire_quiescent_template").write_text("0\n", encoding="ascii")
    persistent = Service("rr", (), 300, "255.255.255.255", "", ops=False)
    host.ipvs = FakeIpvs({HTTP: Entries(persistent, {ONE: DR})})
    result = host.run("ipvs_real", **WEB, server_address="192.0.2.11", state="drained")
    assert result["drained"]
    (warning,) = host.warnings
    assert warning.startswith("192.0.2.1:80/tcp is persistent")


# --- ipvs_table ------------------------------------------------------------------------------
SERVICES: list[dict[str, Any]] = [
    {
        **WEB,
        "scheduler": "rr",
        "real_servers": [
            {"server_address": "192.0.2.11", "weight": "3"},
            {"server_address": "192.0.2.12"},
        ],
    },
    {"fwmark": 7},
]


def test_a_table_is_counted(host: Host) -> None:
    result = host.run("ipvs_table", services=SERVICES, timeouts={"udp": 30})
    assert (result["added"], result["edited"], result["deleted"]) == (4, 0, 0)
    assert result["commands"][-1] == "--set 0 0 30"
    fewer = [{**SERVICES[0], "real_servers": [{"server_address": "192.0.2.11", "weight": 5}]}]
    result = host.run("ipvs_table", services=fewer, prune=True)
    assert (result["added"], result["edited"], result["deleted"]) == (0, 1, 2)
    assert not host.run("ipvs_table", services=fewer, prune=True)["changed"]


def test_pruning_leaves_what_is_ignored(host: Host) -> None:
    host.run("ipvs_table", services=SERVICES)
    kept = host.run(
        "ipvs_table",
        services=[],
        prune=True,
        ignore=[{"fwmark": 7}, {"address": "192.0.2.0/24"}],
    )
    assert not kept["changed"]
    gone = host.run("ipvs_table", services=[], prune=True, ignore=[{"fwmark": 7}])
    assert gone["commands"] == ["-D -t 192.0.2.1:80"]


def test_wrong_input_is_named_by_its_path(host: Host) -> None:
    wrong = [SERVICES[1], {**WEB, "real_servers": [{"server_address": "192.0.2.11", "weigth": 1}]}]
    result = host.run("ipvs_table", services=wrong)
    assert host.failed
    assert result["msg"] == (
        "services[1].real_servers[0].weigth: there is no such key; did you mean weight?"
    )
    assert host.kernel.taken == []


def test_what_ipvs_cannot_do_is_named_by_its_path(host: Host) -> None:
    wrong = [{**WEB, "real_servers": [{"server_address": "192.0.2.11", "server_port": 8080}]}]
    result = host.run("ipvs_table", services=wrong)
    assert result["msg"].startswith("services[0].real_servers[0].server_port: must be 80, the port")


def test_a_refusal_tells_what_was_done(host: Host) -> None:
    wrong = [SERVICES[1], {**WEB, "scheduler": "nonesuch"}]
    result = host.run("ipvs_table", services=wrong)
    assert host.failed
    assert result["changed"]
    assert result["applied"] == ["-A -f 7 -s wlc"]
    assert result["not_applied"] == ["-A -t 192.0.2.1:80 -s nonesuch"]
    result = host.run("ipvs_table", services=wrong[1:])
    assert (result["changed"], result["applied"]) == (False, [])
    assert "no module ip_vs_nonesuch" in result["msg"]


def test_a_table_is_written_for_the_next_boot(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.paths.debian_script.touch()
    theirs = ServiceKey("inet", fwmark=7)
    monkeypatch.setattr(report, "owner_of", lambda key, _owned: key == theirs)
    given: dict[str, Any] = {"services": SERVICES, "timeouts": {"udp": 30}, "persist": True}
    predicted = host.run("ipvs_table", check_mode=True, diff=True, **given)
    assert not host.paths.debian_rules.exists()
    done = host.run("ipvs_table", diff=True, **given)
    assert done["diff"] == predicted["diff"]
    assert [part["after_header"] for part in done["diff"]] == [
        "IPVS table",
        str(host.paths.debian_rules),
        str(host.paths.debian_switch),
    ]
    assert host.paths.debian_rules.read_text(encoding="ascii") == (
        "# Written by lvs.cluster.ipvs_table, which rewrites it.\n"
        "--set 0 0 30\n"
        "-A -t 192.0.2.1:80 -s rr\n"
        "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 3\n"
        "-a -t 192.0.2.1:80 -r 192.0.2.12:80 -g -w 1\n"
    )
    assert not host.run("ipvs_table", **given)["changed"]
    host.paths.debian_switch.unlink()
    only_files = host.run("ipvs_table", diff=True, **given)
    assert (only_files["changed"], only_files["commands"]) == (True, [])
    assert [part["after_header"] for part in only_files["diff"]] == [str(host.paths.debian_switch)]


def test_what_was_kept_for_the_boot_is_forgotten(host: Host) -> None:
    host.paths.debian_script.touch()
    host.paths.debian_rules.write_text("# mine\n", encoding="ascii")
    host.run("ipvs_table", services=SERVICES, persist=True)
    assert host.paths.debian_rules.read_text(encoding="ascii") != "# mine\n"
    before = host.kernel.model.table()
    given: dict[str, Any] = {"services": [], "forget": True}
    predicted = host.run("ipvs_table", check_mode=True, **given)
    assert host.paths.debian_rules.read_text(encoding="ascii") != "# mine\n"
    done = host.run("ipvs_table", **given)
    assert (predicted["changed"], done["changed"], done["commands"]) == (True, True, [])
    assert host.paths.debian_rules.read_text(encoding="ascii") == "# mine\n"
    assert host.kernel.model.table() == before
    assert not host.run("ipvs_table", **given)["changed"]
    refused = host.run("ipvs_table", persist=True, **given)
    assert refused["msg"] == "forget: excludes persist; give one of them"


def test_keepalived_is_asked_as_the_options_say(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned = {HTTP: _Owner(host.conf, 12)}
    asked = []

    def declared(path: Path) -> object:
        asked.append(path)
        return owned

    monkeypatch.setattr(owner, "declared", declared)
    monkeypatch.setattr(owner, "owner_of", lambda key, found: found.get(key))
    result = host.run("ipvs_service", **WEB)
    assert host.failed
    assert result["msg"].startswith(
        f"192.0.2.1:80/tcp belongs to keepalived, which declares it in {host.conf}, line 12: "
    )
    assert host.kernel.taken == []
    result = host.run("ipvs_service", **WEB, owner_check="warn")
    assert result["changed"]
    assert len(host.warnings) == 1
    assert asked == [host.conf, host.conf]
    assert host.run("ipvs_service", **WEB, owner_check="ignore", state="absent")["changed"]
    assert asked == [host.conf, host.conf]


class _Owner:
    def __init__(self, path: Path, line: int) -> None:
        self.path, self.line = path, line


# --- ipvs_info -------------------------------------------------------------------------------
def test_what_is_seen_is_what_the_table_takes(host: Host) -> None:
    host.run("ipvs_table", services=SERVICES)
    host.kernel.connections[ONE] = kernel.Connections(3, 4, 5)
    seen = host.run("ipvs_info")
    assert not seen["changed"]
    assert (seen["loaded"], seen["version"], seen["connection_table_size"]) == (True, "1.2.3", 4096)
    assert seen["timeouts"] == {"tcp": 900, "tcp_fin": 120, "udp": 300}
    assert seen["sync_daemons"] == []
    counts = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
    assert seen["counters"] == [
        {
            "service": name,
            "counters": dict(zip(counts, range(100, 105))),
            "rates": dict(zip(counts, range(105, 110))),
        }
        for name in ("192.0.2.1:80/tcp", "fwmark 7")
    ]
    assert seen["connections"] == [
        {
            "service": "192.0.2.1:80/tcp",
            "server": server,
            "active": active,
            "inactive": inactive,
            "persistent": persistent,
            "counters": dict(zip(counts, range(200, 205))),
            "rates": dict(zip(counts, range(205, 210))),
        }
        for server, active, inactive, persistent in (
            ("192.0.2.11:80", 3, 4, 5),
            ("192.0.2.12:80", 0, 0, 0),
        )
    ]
    assert not host.run("ipvs_table", services=seen["services"], prune=True)["changed"]


def test_without_counters_there_is_the_table_alone(host: Host) -> None:
    host.run("ipvs_table", services=SERVICES)
    seen = host.run("ipvs_info", counters=False)
    assert len(seen["services"]) == 2
    assert not {"connections", "counters"} & set(seen)


def test_a_synchronisation_daemon_is_reported(host: Host) -> None:
    said = (
        _netlink.attribute(1, (2).to_bytes(4, sys.byteorder)),
        _netlink.attribute(2, b"eth0\0"),
        _netlink.attribute(3, (51).to_bytes(4, sys.byteorder)),
    )
    host.kernel.daemons = (_netlink.nested(3, *said),)
    assert host.run("ipvs_info")["sync_daemons"] == [
        {
            "state": "backup",
            "interface": "eth0",
            "syncid": 51,
            "sync_maxlen": 0,
            "mcast_group": "",
            "mcast_port": 0,
            "mcast_ttl": 0,
        }
    ]


def test_without_the_module_there_is_nothing_to_see(host: Host) -> None:
    host.ipvs = None
    seen = host.run("ipvs_info")
    assert {key: seen[key] for key in set(seen) - OF_ANSIBLE} == {
        "loaded": False,
        "version": None,
        "connection_table_size": None,
        "services": [],
        "timeouts": None,
        "sync_daemons": None,
    }


def test_who_may_not_look_is_told_so(host: Host) -> None:
    host.kernel.fails[kernel.GET_INFO] = 1
    assert host.run("ipvs_info")["msg"] == (
        "IPVS: Operation not permitted; this needs root (become: true)"
    )
    assert host.failed

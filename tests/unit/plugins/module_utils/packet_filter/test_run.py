# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packet filter as a whole, on hosts with each kind of firewall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter import part, run, unit
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.model import (
    NOTHING,
    Peer,
    Router,
    Service,
    Sync,
    Wish,
)
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.run import Request
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.packet_filter import (
    fake_host,
)
from hypothesis import given, settings
from hypothesis import strategies as st

Host = fake_host.Host
Firewalld = fake_host.Firewalld
Iptables = fake_host.Iptables
Nft = fake_host.Nft
PEERS = (Peer("172.25.0.14", 250), Peer("fe80::14", 250))
WISH = Wish(
    routers=(Router("eth0", 51, PEERS),),
    services=(Service("172.25.0.100", "tcp", 80), Service("fd00::100", "udp", None)),
    sync=Sync("eth1", "224.0.0.81", 8848, ("172.25.0.14",)),
)
ABSENT = Request(NOTHING, "auto", persistent=True)
CLOSED = """\
table inet filter {
chain input {
type filter hook input priority 0; policy drop;
ct state established accept
}
chain output {
type filter hook output priority 0; policy accept;
}
}
table inet f2b {
chain banned {
type filter hook input priority -1; policy accept;
ip saddr @banned reject
}
}
"""


def present(wish: Wish = WISH, backend: str = "auto", *, persistent: bool = True) -> Request:
    return Request(wish, backend, persistent)


def with_nft(host: Host, text: str = CLOSED) -> Nft:
    host.nft = Nft()
    host.nft.load(text)
    return host.nft


def with_iptables(host: Host) -> Iptables:
    host.iptables, host.ip6tables = Iptables(), Iptables()
    for side in (host.iptables, host.ip6tables):
        for table in fake_host.BUILT_IN:
            side.table(table)
    host.iptables.policies["INPUT"] = "DROP"
    host.iptables.table("filter")["INPUT"].append("-p tcp -m tcp --dport 22 -j ACCEPT")
    host.ip6tables.table("filter")["OUTPUT"].append("-o eth0 -j REJECT --reject-with x")
    return host.iptables


def with_firewalld(host: Host) -> Firewalld:
    with_nft(host)
    host.firewalld = Firewalld(
        permanent={"public": ["rule mine"], "dmz": []},
        runtime={"public": ["rule mine"], "dmz": ["rule fleeting"]},
        zone_of={"eth1": "dmz"},
    )
    return host.firewalld


KINDS: dict[str, Callable[[Host], object]] = {
    "nftables": with_nft,
    "iptables": with_iptables,
    "firewalld": with_firewalld,
}


def make_host(folder: Path) -> Host:
    paths = unit.Paths(
        *(folder / name for name in ("etc", "run", "units", "running", "legacy_tables"))
    )
    for path in (paths.units, paths.running):
        path.mkdir()
    return Host(paths)


def use(monkeypatch: pytest.MonkeyPatch, host: Host) -> Host:
    monkeypatch.setattr(run, "find_program", host.find)
    monkeypatch.setattr(part, "find_program", host.find)
    return host


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return use(monkeypatch, make_host(tmp_path))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, host: Host) -> str:
    KINDS[request.param](host)
    return str(request.param)


def test_check_real_again_check(kind: str, host: Host) -> None:
    bare = host.state()
    predicted = host.ensure(present(), check_mode=True)
    assert host.state() == bare
    assert predicted.backend == kind
    assert host.ensure(present()) == predicted
    there = host.state()
    assert there != bare
    assert host.ensure(present()).plan == ()
    assert host.ensure(present(), check_mode=True).plan == ()
    assert host.state() == there


def test_absent_leaves_the_host_as_it_was_found(kind: str, host: Host) -> None:
    assert kind
    bare = host.state()
    host.ensure(present())
    predicted = host.ensure(ABSENT, check_mode=True)
    assert predicted.plan
    assert host.ensure(ABSENT) == predicted
    assert host.state() == bare
    assert host.ensure(ABSENT).plan == ()


def test_another_backend_takes_over_alone(host: Host) -> None:
    with_iptables(host)
    bare = host.state()
    host.ensure(present())
    with_nft(host)
    only_nft = host.ensure(present(backend="nftables"))
    assert only_nft.backend == "nftables"
    host.nft = None
    host.ensure(ABSENT)
    assert host.state() == bare


def test_auto_prefers_firewalld_then_nftables_then_iptables(host: Host) -> None:
    with_iptables(host)
    assert host.ensure(present(), check_mode=True).backend == "iptables"
    with_firewalld(host)
    assert host.ensure(present(), check_mode=True).backend == "firewalld"
    assert host.firewalld is not None
    host.firewalld.runs = False
    assert host.ensure(present(), check_mode=True).backend == "nftables"
    host.nft_is_dead = True
    assert host.ensure(present(), check_mode=True).backend == "iptables"


def test_a_host_without_any_is_told_what_that_means(host: Host) -> None:
    outcome = host.ensure(present())
    assert (outcome.backend, outcome.plan) == ("none", ())
    assert "anybody on the directors' segment can take the virtual IPs" in outcome.warnings[0]
    assert host.ensure(present(backend="none")).warnings == ()


@pytest.mark.parametrize("backend", ["nftables", "firewalld", "iptables"])
def test_a_backend_that_is_not_there_is_an_error(host: Host, backend: str) -> None:
    with pytest.raises(LvsError, match=rf"^backend: {backend} cannot be used on this host \("):
        host.ensure(present(backend=backend))
    assert not host.paths.persistent.exists()


def test_persistence_needs_systemd(host: Host) -> None:
    with_nft(host)
    host.paths.running.rmdir()
    with pytest.raises(LvsError, match=r"^persistent: systemd does not run on this host"):
        host.ensure(present())
    host.ensure(present(persistent=False))
    assert host.paths.script(persistent=False).exists()
    assert not (host.paths.units / unit.UNIT).exists()


def test_from_persistent_to_not_and_back(kind: str, host: Host) -> None:
    assert kind
    host.ensure(present())
    there = host.state()
    host.ensure(present(persistent=False))
    assert not host.active
    assert not host.paths.script(persistent=True).exists()
    assert host.ensure(present(persistent=False)).plan == ()
    host.ensure(present())
    assert host.state() == there


def test_what_stays_different_is_an_error(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    with_nft(host)
    monkeypatch.setattr(host, "script", lambda _path: Result(0, "", ""))
    with pytest.raises(LvsError, match=r"^applied, but not as wanted afterwards: /bin/sh .*\.sh$"):
        host.ensure(present())


# --- nftables --------------------------------------------------------------------------------
OWN = ("inet", "lvs_cluster", "input")
BASE = ("inet", "filter", "input")
OURS = ("inet", "filter", "lvs_cluster_input")


def flush_ruleset(nft: Nft) -> None:
    nft.chains.clear()
    nft.tables.clear()
    nft.load(CLOSED)


HARM: dict[str, Callable[[Nft], object]] = {
    "own table deleted": lambda nft: nft.command(["delete", "table", "inet", "lvs_cluster"]),
    "own rule deleted": lambda nft: nft.chains[OWN].rules.pop(),
    "own rule changed": lambda nft: nft.chains[OWN].rules.__setitem__(0, (999, "accept")),
    "own rules in another order": lambda nft: nft.chains[OWN].rules.reverse(),
    "own chain moved": lambda nft: setattr(nft.chains[OWN], "base", "type filter hook input"),
    "own table has more": lambda nft: nft.load("table inet lvs_cluster {\nchain x {\n}\n}"),
    "jump deleted": lambda nft: nft.chains[BASE].rules.pop(0),
    "jump twice": lambda nft: nft.chains[BASE].rules.insert(0, (998, "jump lvs_cluster_input")),
    "opening emptied": lambda nft: nft.chains[OURS].rules.clear(),
    "everything flushed and loaded again": flush_ruleset,
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_harm_is_repaired(host: Host, harm: Callable[[Nft], object]) -> None:
    nft = with_nft(host)
    host.ensure(present())
    good = host.state()
    harm(nft)
    assert host.state() != good
    assert host.ensure(present(), check_mode=True).plan
    host.ensure(present())
    assert host.state() == good


def test_the_unit_does_what_a_reload_undid(host: Host) -> None:
    nft = with_nft(host)
    host.ensure(present())
    good = host.state()
    flush_ruleset(nft)
    host(("/bin/sh", str(host.paths.script(persistent=True))))
    assert host.state() == good
    host(("/bin/sh", str(host.paths.script(persistent=True))))
    assert host.state() == good


def test_the_script_makes_no_table_that_is_gone(host: Host) -> None:
    nft = with_nft(host)
    host.ensure(present())
    nft.chains.clear()
    nft.tables.clear()
    host(("/bin/sh", str(host.paths.script(persistent=True))))
    assert nft.tables == {("inet", "lvs_cluster")}


@pytest.mark.parametrize(
    ("lines", "is_closed"),
    [
        (["tcp dport 22 accept"], False),
        (["drop"], True),
        (["counter drop"], True),
        (["counter xt-REJECT"], True),
        (["iifname eth0 drop"], True),
        (["ip daddr 172.25.0.100 tcp dport 80 reject"], True),
        (["ip saddr 192.0.2.1 drop"], False),
        (["ct state invalid drop"], False),
        (["limit rate over 1/second drop"], False),
        (["jump refuse"], True),
        (["ip saddr 192.0.2.1 jump refuse"], False),
        (["goto nowhere"], False),
    ],
)
def test_what_closes_a_chain(host: Host, lines: list[str], is_closed: bool) -> None:  # noqa: FBT001 - a parameter of the table
    rules = "\n".join(lines)
    base = "type filter hook input priority 0; policy accept;"
    refuse = "chain refuse {\njump refuse\ndrop\n}"
    with_nft(host, f"table ip x {{\n{refuse}\nchain in {{\n{base}\n{rules}\n}}\n}}")
    assert host.ensure(present()).opened == (("nftables ip x in",) if is_closed else ())


@pytest.mark.parametrize("table", ["inet firewalld", "ip keepalived", "bridge filter"])
def test_tables_that_are_not_opened(host: Host, table: str) -> None:
    base = "type filter hook input priority 0; policy drop;"
    with_nft(host, f"table {table} {{\nchain in {{\n{base}\n}}\n}}")
    assert host.ensure(present()).opened == ()


def test_nothing_is_opened_that_shall_not(host: Host) -> None:
    nft = with_nft(host)
    wish = replace(WISH, opens=False, untracks=False)
    host.ensure(present())
    assert host.ensure(present(wish)).opened == ()
    ours = {key for key in nft.chains if key[1] == "lvs_cluster" or "lvs_cluster" in key[2]}
    assert ours == {OWN}


def test_legacy_rules_are_not_overlooked(host: Host) -> None:
    with_nft(host)
    host.paths.legacy_tables.write_text("mangle\nfilter\n", encoding="ascii")
    assert "rules of iptables-legacy" in host.ensure(present()).warnings[0]
    assert host.ensure(present(replace(WISH, opens=False))).warnings == ()


# --- iptables --------------------------------------------------------------------------------
def test_a_kernel_without_raw_is_told_what_that_means(host: Host) -> None:
    tables = with_iptables(host)
    del tables.tables["raw"]
    tables.lacks = "raw"
    outcome = host.ensure(present())
    assert outcome.warnings[0].startswith("notrack: connection tracking goes on seeing half")
    assert host.ensure(present()).plan == ()
    tables.lacks = "mangle"
    del tables.tables["mangle"]
    with pytest.raises(LvsError, match="no table mangle"):
        host.ensure(present())


@pytest.mark.parametrize(
    ("policy", "rule", "opened"),
    [
        ("DROP", "", ("iptables INPUT",)),
        ("ACCEPT", "-j REJECT --reject-with icmp-host-prohibited", ("iptables INPUT",)),
        ("ACCEPT", "-i eth0 -p tcp -m multiport --dports 80,443 -j DROP", ("iptables INPUT",)),
        ("ACCEPT", "-j LOGDROP", ("iptables INPUT",)),
        ("ACCEPT", "", ()),
        ("ACCEPT", "-s 192.0.2.66/32 -j DROP", ()),
        ("ACCEPT", "-m conntrack --ctstate INVALID -j DROP", ()),
        ("ACCEPT", "-s 192.0.2.66/32 -j LOGDROP", ()),
    ],
)
def test_what_closes_a_built_in_chain(
    host: Host, policy: str, rule: str, opened: tuple[str, ...]
) -> None:
    tables = with_iptables(host)
    host.ip6tables = None
    tables.policies["INPUT"] = policy
    tables.table("filter")["LOGDROP"] = ["-j LOG", "-j DROP", "-j LOGDROP"]
    tables.table("filter")["INPUT"] = [rule] if rule else []
    outcome = host.ensure(present())
    assert outcome.opened == opened
    assert ("LVS-CLUSTER" in tables.table("filter")) == bool(opened)


IPTABLES_HARM: dict[str, Callable[[Iptables], object]] = {
    "rules deleted": lambda tables: tables.table("mangle")["LVS-CLUSTER"].clear(),
    "jump deleted": lambda tables: tables.table("mangle")["INPUT"].clear(),
    "jump twice": lambda tables: tables.table("raw")["OUTPUT"].append("-j LVS-CLUSTER-OUT"),
}


@pytest.mark.parametrize("harm", IPTABLES_HARM.values(), ids=IPTABLES_HARM)
def test_harm_in_iptables_is_repaired(host: Host, harm: Callable[[Iptables], object]) -> None:
    tables = with_iptables(host)
    host.ensure(present())
    good = host.state()
    harm(tables)
    assert host.state() != good
    host.ensure(present())
    assert host.state() == good


def test_of_two_kinds_of_iptables_one_is_used(host: Host) -> None:
    """Rules of an earlier run in the legacy tables give way to those with nf_tables underneath."""
    legacy = with_iptables(host)
    host.iptables, host.iptables_legacy = None, legacy
    bare = host.state()
    host.ensure(present())
    assert host.state() != bare
    host.iptables = newer = Iptables()
    host.paths.legacy_tables.write_text("filter\n", encoding="ascii")
    host.ensure(present())
    assert "LVS-CLUSTER" in newer.table("mangle")
    assert "LVS-CLUSTER" not in legacy.table("mangle")


# --- firewalld -------------------------------------------------------------------------------
def test_firewalld_keeps_what_was_there_before(host: Host) -> None:
    firewalld = with_firewalld(host)
    mine = (
        'rule family="ipv4" destination address="172.25.0.100" port port="80" protocol="tcp" accept'
    )
    firewalld.permanent["public"].append(mine)
    firewalld.runtime["public"].append(mine)
    before = host.state()
    outcome = host.ensure(present())
    assert outcome.opened[-2:] == ("firewalld public", "firewalld dmz")
    vrrp = 'rule family="ipv4" source address="172.25.0.14" protocol value="vrrp" accept'
    assert vrrp in firewalld.permanent["public"]
    assert vrrp not in firewalld.permanent["dmz"]
    host.ensure(ABSENT)
    assert host.state() == before


def test_firewalld_gives_up_what_is_no_longer_wanted(host: Host) -> None:
    firewalld = with_firewalld(host)
    host.ensure(present())
    host.ensure(present(Wish(routers=WISH.routers)))
    assert len(firewalld.permanent["public"]) == 3
    assert firewalld.permanent["dmz"] == []
    assert firewalld.runtime["dmz"] == ["rule fleeting"]


def test_the_unit_never_follows_two_firewalls_that_stop_each_other(host: Host) -> None:
    firewalld = with_firewalld(host)
    path = host.paths.units / unit.UNIT
    host.ensure(present())
    assert "PartOf=firewalld.service\n" in path.read_text(encoding="utf-8")
    links = {link.parent.name for link in host.paths.units.rglob(f"*.wants/{unit.UNIT}")}
    assert links == {"multi-user.target.wants", "firewalld.service.wants"}
    firewalld.runs = False
    host.ensure(present())
    text = path.read_text(encoding="utf-8")
    assert "PartOf=nftables.service " in text
    assert "firewalld" not in text
    links = {link.parent.name for link in host.paths.units.rglob(f"*.wants/{unit.UNIT}")}
    assert "firewalld.service.wants" not in links
    assert "nftables.service.wants" in links
    assert host.ensure(present()).plan == ()


def test_firewalld_that_was_stopped_is_cleaned_in_its_files(host: Host) -> None:
    firewalld = with_firewalld(host)
    host.ensure(present())
    firewalld.runs = False
    host.ensure(ABSENT)
    assert firewalld.permanent == {"public": ["rule mine"], "dmz": []}


# --- any wish --------------------------------------------------------------------------------
V4 = st.sampled_from(["192.0.2.1", "192.0.2.2", "192.0.2.3"])
V6 = st.sampled_from(["2001:db8::1", "fe80::2"])
PORTS = st.sampled_from([None, 53, 80])
ROUTERS = st.builds(
    Router,
    st.sampled_from(["eth0", "eth1"]),
    st.sampled_from([51, 52]),
    st.lists(st.builds(Peer, V4 | V6, st.integers(1, 255)), max_size=3).map(tuple),
)
WISHES = st.builds(
    Wish,
    routers=st.lists(
        ROUTERS, max_size=2, unique_by=lambda r: (r.interface, r.virtual_router_id)
    ).map(tuple),
    services=st.lists(
        st.builds(Service, V4 | V6, st.sampled_from(["tcp", "udp"]), PORTS), max_size=3, unique=True
    ).map(tuple),
    sync=st.none() | st.just(WISH.sync),
    opens=st.booleans(),
    untracks=st.booleans(),
)


@pytest.mark.parametrize("name", KINDS)
def test_any_wish_then_any_other_then_none(name: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(WISHES, WISHES)
    def walk(first: Wish, second: Wish) -> None:
        with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as context:
            host = use(context, make_host(Path(folder)))
            KINDS[name](host)
            bare = host.state()
            for wish in (first, second):
                host.ensure(present(wish))
                assert host.ensure(present(wish)).plan == ()
            host.ensure(ABSENT)
            assert host.state() == bare

    walk()

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster without keepalived: what is refused, what is warned of, and what its model says."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    GONE,
    changed,
    inventory,
    model,
    problems,
    reference,
)

S = "lvs_virtual_servers.0"
V = "lvs_virtual_servers[0]"
INSTANCE = "lvs_vrrp_instances.0"
ONLY = "only keepalived can do that; leave it out, or set director_mode: keepalived"
BLANK = "has a blank, as no name of a host has; take it out"
PAGE = {"type": "HTTP_GET", "url": [{"path": "/"}]}
COMMAND = {"type": "MISC_CHECK", "misc_path": "/bin/true"}
SESSIONS = ("lvs_bfd_instances", [{"name": "b", "neighbor_ip": "172.25.0.99"}])
FIRST_LAST = {"server11": 1, "server14": 9}
FILES = ("lvs_track_files", [{"name": "f", "file": "/run/f"}])


def standalone(*changes: tuple[str, object]) -> dict[str, Any]:
    """Return the reference topology's variables without keepalived, and with changes."""
    return changed({**reference(), "director_mode": "standalone"}, *changes)


def test_the_reference_topology_is_fine_without_keepalived() -> None:
    assert problems(inventory(standalone())) == []
    assert model(inventory(standalone()))["warnings"] == []
    assert model(inventory(standalone()))["mode"] == "standalone"
    assert model(inventory(reference()))["mode"] == "keepalived"


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("use_vmac", True),
        ("use_ipvlan", True),
        ("virtual_routes", ["192.0.2.0/24 via 172.25.0.1"]),
        ("virtual_rules", ["from 192.0.2.0/24 table 7"]),
        ("smtp_alert", True),
        ("raw", "accept"),
        ("notify", "/bin/true"),
        ("notify_master", "/bin/true"),
        ("notify_backup", "/bin/true"),
        ("notify_fault", "/bin/true"),
        ("notify_stop", "/bin/true"),
        ("notify_deleted", True),
        ("notify_master_rx_lower_pri", "/bin/true"),
    ],
)
def test_what_an_instance_may_not_say(word: str, value: object) -> None:
    said = standalone((f"{INSTANCE}.{word}", value), (f"{INSTANCE}.unicast", False))
    assert problems(inventory(said)) == [f"lvs_vrrp_instances[0].{word}: {ONLY}"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("alpha", True),
        ("omega", True),
        ("warmup", 1),
        ("smtp_alert", True),
        ("snmp_name", "web"),
        ("raw", "alpha"),
        ("ha_suspend", True),
        ("quorum_up", "/bin/true"),
        ("quorum_down", "/bin/true"),
    ],
)
def test_what_a_service_may_not_say(word: str, value: object) -> None:
    said = standalone((f"{S}.{word}", value))
    assert problems(inventory(said)) == [f"{V}.{word}: {ONLY}"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("alpha", True),
        ("warmup", 1),
        ("smtp_alert", True),
        ("snmp_name", "web"),
        ("raw", "alpha"),
        ("notify_up", "/bin/true"),
        ("notify_down", "/bin/true"),
    ],
)
def test_what_a_real_server_may_not_say(word: str, value: object) -> None:
    said = standalone((f"{S}.real_servers", [{"host": "server12", word: value}]))
    assert problems(inventory(said)) == [f"{V}.real_servers[0].{word}: {ONLY}"]


@pytest.mark.parametrize(
    ("check", "word", "value"),
    [
        ({}, "alpha", True),
        ({}, "warmup", 1),
        ({}, "log_all_failures", True),
        ({"bindto": "172.25.0.11"}, "bind_port", 1023),
        ({}, "bind_if", "eth0"),
        ({}, "fwmark", 7),
        (PAGE, "http_protocol", "1.1"),
        (PAGE, "fast_recovery", True),
        (COMMAND, "misc_dynamic", True),
    ],
)
def test_what_a_check_may_not_say(check: dict[str, Any], word: str, value: object) -> None:
    said = standalone((f"{S}.check", {**check, word: value}))
    assert problems(inventory(said)) == [f"{V}.check.{word}: {ONLY}"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("digest", "9b3a0c85a887a256d6939da88aabd8cd"),
        ("regex_no_match", True),
        ("regex_options", ["dotall"]),
        ("regex_stack", [32768, 65536]),
        ("regex_min_offset", 1),
        ("regex_max_offset", 9),
    ],
)
def test_what_a_page_may_not_say(word: str, value: object) -> None:
    said = standalone((f"{S}.check", {**PAGE, "url": [{"path": "/", "regex": "OK", word: value}]}))
    assert problems(inventory(said)) == [f"{V}.check.url[0].{word}: {ONLY}"]


# the changes, and the whole message
ROWS: dict[str, tuple[list[tuple[str, object]], str]] = {
    "an unknown mode": (
        [("director_mode", "alone")],
        "director_mode: alone is no mode; did you mean standalone?",
    ),
    "a quorum": (
        [(f"{S}.quorum", 2)],
        (
            f"{V}.quorum: a single real server is enough without keepalived; leave it out, or set "
            "director_mode: keepalived"
        ),
    ),
    "a sorry server that stays": (
        [(f"{S}.sorry_server", {"address": "172.25.0.99", "inhibit": True})],
        f"{V}.sorry_server.inhibit: {ONLY}",
    ),
    "a real server of its own mind": (
        [(f"{S}.real_servers", [{"host": "server12", "inhibit_on_failure": False}])],
        (
            f"{V}.real_servers[0].inhibit_on_failure: is one for all real servers of a service "
            "without keepalived; say it for the service"
        ),
    ),
    "two checks": (
        [(f"{S}.checks", [{}, PAGE])],
        (
            f"{V}.checks[1]: a real server has one check without keepalived, and this is another; "
            "leave it out, or set director_mode: keepalived"
        ),
    ),
    "two checks of a real server": (
        [(f"{S}.real_servers", [{"host": "server12", "checks": [{}, PAGE]}])],
        (
            f"{V}.real_servers[0].checks[1]: a real server has one check without keepalived, and "
            "this is another; leave it out, or set director_mode: keepalived"
        ),
    ),
    "two pages": (
        [(f"{S}.check", {**PAGE, "url": [{"path": "/"}, {"path": "/b"}]})],
        (
            f"{V}.check.url[1]: a check asks for one page without keepalived, and this is another; "
            "leave it out, or set director_mode: keepalived"
        ),
    ),
    "a pattern": (
        [(f"{S}.check", {**PAGE, "url": [{"path": "/", "regex": "O.K"}]})],
        (
            f"{V}.check.url[0].regex: without keepalived it is a text that the page must have, and "
            "no pattern; give one without any of . ^ $ * + ? { } [ ] \\ | ( )"
        ),
    ),
    "a pattern of two lines": (
        [(f"{S}.check", {**PAGE, "url": [{"path": "/", "regex": "O\nK"}]})],
        (
            f"{V}.check.url[0].regex: is a text of one line without keepalived; take tabs and ends "
            "of lines out"
        ),
    ),
    "a page of a host with a blank": (
        [(f"{S}.check", {**PAGE, "url": [{"path": "/", "virtualhost": "a b"}]})],
        f"{V}.check.url[0].virtualhost: {BLANK}",
    ),
    "a check of a host with a blank": (
        [(f"{S}.check", {**PAGE, "virtualhost": "a b"})],
        f"{V}.check.virtualhost: {BLANK}",
    ),
    "a real server of a host with a blank": (
        [(f"{S}.real_servers", [{"host": "server12", "virtualhost": "a b"}])],
        f"{V}.real_servers[0].virtualhost: {BLANK}",
    ),
    "a service of a host with a blank": (
        [(f"{S}.virtualhost", "a b")],
        f"{V}.virtualhost: {BLANK}",
    ),
    "a group": (
        [(f"{S}.check", {**COMMAND, "user": "nobody nogroup"})],
        (
            f"{V}.check.user: names a group as well, and without keepalived it is the user's own; "
            "give the user alone"
        ),
    ),
    "often": (
        [(f"{S}.delay_loop", 0.05)],
        (
            f"{V}.delay_loop: 0.05 is not from 0.1 to 3600, as it must be without keepalived; "
            "change it"
        ),
    ),
    "seldom": (
        [(f"{S}.real_servers", [{"host": "server12", "delay_loop": 3601}])],
        (
            f"{V}.real_servers[0].delay_loop: 3601 is not from 0.1 to 3600, as it must be without "
            "keepalived; change it"
        ),
    ),
    "impatient": (
        [(f"{S}.check", {"connect_timeout": 0.01})],
        (
            f"{V}.check.connect_timeout: 0.01 is not from 0.05 to 3600, as it must be without "
            "keepalived; change it"
        ),
    ),
    "at once": (
        [(f"{S}.check", {"delay_before_retry": 0})],
        (
            f"{V}.check.delay_before_retry: 0 is not from 0.05 to 3600, as it must be without "
            "keepalived; change it"
        ),
    ),
    "patient": (
        [(f"{S}.check", {**COMMAND, "misc_timeout": 4000})],
        (
            f"{V}.check.misc_timeout: 4000 is not from 0 to 3600, as it must be without "
            "keepalived; change it"
        ),
    ),
    "for ever": (
        [(f"{S}.check", {"retry": 100})],
        f"{V}.check.retry: 100 is not from 0 to 99, as it must be without keepalived; change it",
    ),
}


@pytest.mark.parametrize(("changes", "message"), ROWS.values(), ids=ROWS)
def test_what_is_refused(changes: list[tuple[str, object]], message: str) -> None:
    assert problems(inventory(standalone(*changes))) == [message]


@pytest.mark.parametrize(
    "check",
    [
        {"type": "SMTP_CHECK"},
        {"type": "DNS_CHECK"},
        {"type": "UDP_CHECK"},
        {"type": "PING_CHECK"},
        {"type": "FILE_CHECK", "track_file": "f"},
        {"type": "BFD_CHECK", "name": "b"},
    ],
    ids=lambda check: check["type"],
)
def test_checks_of_keepalived_s_own(check: dict[str, Any]) -> None:
    assert problems(inventory(standalone((f"{S}.check", check), SESSIONS, FILES))) == [
        (
            f"{V}.check.type: only keepalived knows {check['type']}; use one of TCP_CHECK, "
            "HTTP_GET, SSL_GET, MISC_CHECK, or set director_mode: keepalived"
        )
    ]


def test_what_says_nothing_is_no_fault() -> None:
    silent = [(f"{S}.{word}", False) for word in ("alpha", "omega", "ha_suspend", "smtp_alert")]
    assert problems(inventory(standalone(*silent, (f"{S}.quorum", 1), (f"{S}.raw", None)))) == []


def test_all_of_it_is_keepalived_s_to_do() -> None:
    said = [(f"{S}.quorum", 2), (f"{S}.alpha", True), (f"{S}.check", {"type": "PING_CHECK"})]
    assert problems(inventory(changed(reference(), *said))) == []


RUN, RISE = "director_monitor_run", "director_monitor_rise"
OUT, THROUGH = "director_monitor_on_failure", "director_monitor_through_vip"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("director_mode", "Standalone", "Standalone is no mode; did you mean standalone?"),
        ("director_mode", None, "null is no mode; use one of keepalived, standalone"),
        (RUN, "servce", "servce is no way to run it; did you mean service?"),
        (RUN, "Timer", "Timer is no way to run it; did you mean timer?"),
        (RUN, "", "'' is no way to run it; use one of service, timer, none"),
        (RUN, None, "null is no way to run it; did you mean none?"),
        (RUN, False, "false is no way to run it; use one of service, timer, none"),
        (RISE, 0, "0 is outside 1-100; give an integer from 1 to 100"),
        (RISE, "101", "101 is outside 1-100; give an integer from 1 to 100"),
        (RISE, 2.5, "2.5 is not an integer; give an integer from 1 to 100"),
        (RISE, None, "null is not an integer; give an integer from 1 to 100"),
        (RISE, [2], "a list is not an integer; give an integer from 1 to 100"),
        (OUT, "drain", "drain is no way out; use one of quiesce, remove"),
        (OUT, ["remove"], "a list is no way out; did you mean remove?"),
        (OUT, None, "null is no way out; use one of quiesce, remove"),
        (THROUGH, "perhaps", "perhaps is not a boolean; give true or false"),
        (THROUGH, None, "null is not a boolean; give true or false"),
        (THROUGH, 2, "2 is not a boolean; give true or false"),
    ],
)
@pytest.mark.parametrize("mode", ["keepalived", "standalone"])
def test_what_the_role_may_not_be_told(name: str, value: object, message: str, mode: str) -> None:
    said = {**reference(), "director_mode": mode, name: value}
    assert problems(inventory(said)) == [f"{name}: {message}"]


def test_what_the_role_may_be_told() -> None:
    said = {RUN: "none", RISE: "100", OUT: "remove", THROUGH: "no"}
    found = model(inventory(standalone(*said.items())))
    assert (found["mode"], found["warnings"]) == ("standalone", [])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("director_mod", "director_mode"),
        ("director_monitor_raise", RISE),
        ("director_monitor", RUN),
    ],
)
def test_a_misspelt_option_of_the_role(name: str, meant: str) -> None:
    assert problems(inventory({**reference(), name: "standalone"})) == [
        f"hostvars[server11].{name}: unknown variable; did you mean {meant}?"
    ]


# --- one mode for all ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            {"server14": {"director_mode": "keepalived"}},
            (
                "hostvars[server14].director_mode: differs from server11's; say it once, in "
                "group_vars/all"
            ),
        ),
        (
            {"server14": {"director_mode": GONE}},
            (
                "hostvars[server14].director_mode: missing, where server11 has standalone; say it "
                "once, in group_vars/all"
            ),
        ),
        (
            {"server11": {"director_mode": GONE}, "server12": {"director_mode": GONE}},
            (
                "hostvars[server14].director_mode: server11 doesn't know this variable; say it "
                "once, in group_vars/all"
            ),
        ),
    ],
)
def test_all_directors_have_the_same_mode(own: dict[str, dict[str, Any]], message: str) -> None:
    assert problems(inventory(standalone(), own)) == [message]


def test_all_directors_are_told_the_same_of_the_monitor() -> None:
    own = {"server14": {RISE: 3}}
    assert problems(inventory(standalone((RISE, 2)), own)) == [
        f"hostvars[server14].{RISE}: differs from server11's; say it once, in group_vars/all"
    ]


def test_real_servers_need_not_know_it() -> None:
    own = {name: {"director_mode": GONE} for name in ("server12", "server13")}
    assert problems(inventory(standalone(), own)) == []


# --- what has no effect ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        (f"{INSTANCE}.nopreempt", True, "lvs_vrrp_instances[0].nopreempt"),
        (f"{INSTANCE}.advert_int", 1, "lvs_vrrp_instances[0].advert_int"),
        (
            f"{INSTANCE}.priorities",
            {"server11": 1, "server14": 9},
            "lvs_vrrp_instances[0].priorities",
        ),
        ("lvs_sync_daemon", {"id": 7}, "lvs_sync_daemon"),
        ("lvs_handover", True, "lvs_handover"),
        ("lvs_yield", True, "lvs_yield"),
        ("lvs_global_defs", {"router_id": "x"}, "lvs_global_defs"),
        ("lvs_static_routes", ["192.0.2.0/24 via 172.25.0.1"], "lvs_static_routes"),
        (*SESSIONS, "lvs_bfd_instances"),
        ("lvs_handover", False, None),
        ("lvs_sync_daemon", None, None),
        ("lvs_global_defs", {"script_user": "nobody"}, None),
        (f"{INSTANCE}.preempt_delay", None, None),
    ],
)
def test_what_is_warned_of(place: str, value: object, path: str | None) -> None:
    found = model(inventory(standalone((place, value))))["warnings"]
    text = "has no effect where director_mode is standalone; leave it out"
    assert found == ([] if path is None else [f"{path}: {text}"])


# --- the model -------------------------------------------------------------------------------
def test_the_first_director_comes_first_whatever_the_priorities_say() -> None:
    said = standalone((f"{INSTANCE}.priorities", FIRST_LAST))
    found = model(inventory(said))
    assert [member["director"] for member in found["vrrp_instances"][0]["members"]] == [
        "server11",
        "server14",
    ]
    assert found["takeover_order"] == ["server14", "server11"]


def test_what_only_keepalived_reads_is_not_in_the_model() -> None:
    said = [("lvs_global_defs", {"router_id": "x"}), ("lvs_yield", True), SESSIONS]
    found = model(inventory(standalone(*said, ("lvs_static_routes", ["192.0.2.0/24 dev eth0"]))))
    assert (found["global_defs"], found["root"], found["blocks"]) == ({}, {}, [])
    assert found["sync_daemon"] is None
    (instance,) = found["vrrp_instances"]
    assert (instance["options"], instance["auth_type"]) == ({}, None)
    assert all(member["unicast_peer"] == [] for member in instance["members"])


def test_a_command_has_its_user() -> None:
    found = model(inventory(standalone((f"{S}.check", COMMAND))))
    assert found["global_defs"] == {"script_user": "keepalived_script"}

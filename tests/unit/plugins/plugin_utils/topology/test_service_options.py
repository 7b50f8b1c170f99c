# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model says of services, real servers and checks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_checks import CHECKS
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services

S = "lvs_virtual_servers.0"
URL = f"{S}.check.url.0"
EVERYTHING = cases_services.CASES["a service that says everything"]
GET = cases_services.CASES["a HTTP_GET that says everything"]
SCRIPTS = cases_services.CASES["scripts"]
MARK = cases_services.CASES["a mark"]
GROUP = cases_services.CASES["a group of everything"]
SIP = cases_services.CASES["calls of SIP"]


def service(given: dict[str, Any], *changes: tuple[str, object]) -> dict[str, Any]:
    found: dict[str, Any] = model(inventory(changed(given, *changes)))["virtual_servers"][0]
    return found


@pytest.mark.parametrize(
    "kind", [kind for kind in CHECKS if kind[:4] not in ("MISC", "FILE", "BFD_")]
)
def test_every_directive_of_a_check_is_said_somewhere(kind: str) -> None:
    said = cases_services.CHECKS[kind]
    assert set(said) == set(CHECKS[kind])
    (check,) = service(cases_services.CASES[f"a {kind} that says everything"])["real_servers"][0][
        "checks"
    ]
    assert list(check["options"]) == list(CHECKS[kind])


def test_a_member_of_the_group_that_is_the_sorry_server_carries_the_address() -> None:
    changes = [
        (f"{S}.real_servers", [{"host": "server12"}]),
        (f"{S}.quorum", 1),
        (f"{S}.hysteresis", 0),
        (f"{S}.sorry_server", {"host": "server13"}),
    ]
    found = model(inventory(changed(EVERYTHING, *changes)))
    assert [host["vips"] for host in found["real_servers"]] == [["172.25.0.100"]] * 2
    nat = (f"{S}.sorry_server.lb_kind", "NAT")
    found = model(inventory(changed(EVERYTHING, *changes, nat)))
    assert [host["vips"] for host in found["real_servers"]] == [["172.25.0.100"], []]


def test_the_addresses_of_marks_and_groups_are_carried() -> None:
    found = model(inventory(MARK))
    assert found["real_servers"][0]["vips"] == [*cases_services.VIPS, *cases_services.VIPS6]
    found = model(inventory(GROUP))
    assert found["real_servers"][0]["vips"] == ["172.25.0.100", "172.25.0.101"]


def test_a_range_is_its_addresses() -> None:
    found = service(cases_services.CASES["a group of one port"])
    assert [(entry["address"], entry["port"]) for entry in found["entries"]] == [
        ("172.25.0.100", 80),
        ("172.25.0.101", 80),
        ("172.25.0.102", 80),
    ]
    assert found["sorry_server"]["port"] == 80
    assert {server["port"] for server in found["real_servers"]} == {80}


def test_modules_of_schedulers_and_engines() -> None:
    found = model(inventory(SIP))
    assert found["ipvs_modules"] == ["ip_vs", "ip_vs_pe_sip", "ip_vs_rr"]


def test_a_real_server_has_the_service_s_checks_unless_it_says_its_own() -> None:
    own = [{"host": "server12"}, {"host": "server13", "check": {"type": "ping_check"}}]
    found = service(GET, (f"{S}.real_servers", own))["real_servers"]
    assert [[check["type"] for check in server["checks"]] for server in found] == [
        ["HTTP_GET"],
        ["PING_CHECK"],
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], {"connect_timeout": 0.35, "retry": 2, "delay_before_retry": 0.1}),
        ([(f"{S}.retry", 5)], {"connect_timeout": 0.35, "delay_before_retry": 0.1}),
        ([(f"{S}.retry", None)], {"connect_timeout": 0.35, "delay_before_retry": 0.1}),
        (
            [(f"{S}.retry", 5), (f"{S}.check", {"retry": 1})],
            {"connect_timeout": 0.35, "retry": 1, "delay_before_retry": 0.1},
        ),
        ([(f"{S}.check", {"retry": None})], {"connect_timeout": 0.35, "delay_before_retry": 0.1}),
        (
            [(f"{S}.real_servers", [{"host": "server12", "connect_timeout": 9}])],
            {"retry": 2, "delay_before_retry": 0.1},
        ),
    ],
    ids=["nobody", "service", "service: null", "check", "check: null", "real server"],
)
def test_the_profile_s_figures_stand_where_nobody_said_any(
    changes: list[tuple[str, object]], expected: dict[str, object]
) -> None:
    given = changed(EVERYTHING, (S, dict(cases_services.WEB)))
    (check, *_others) = service(given, *changes)["real_servers"][0]["checks"]
    assert check["options"] == expected


def test_digests_and_codes_are_as_keepalived_wants_them() -> None:
    (check,) = service(GET, (f"{URL}.status_code", "200-299 404"))["real_servers"][0]["checks"]
    first, second = check["options"]["url"]
    assert first["status_code"] == ["200-299", "404"]
    assert first["digest"] == "9b3a0c85a887a256d6939da88aabd8cd"
    assert second["status_code"] == ["204"]
    assert check["options"]["http_protocol"] == "1.1"


@pytest.mark.parametrize(
    "change",
    [
        (f"{S}.check", {"type": "MISC_CHECK", "misc_path": "/bin/true"}),
        (f"{S}.quorum_up", "/bin/true"),
        (f"{S}.real_servers", [{"host": "server12", "notify_up": "/bin/true"}]),
        (
            f"{S}.real_servers",
            [{"host": "server12", "check": {"type": "MISC_CHECK", "misc_path": "/bin/true"}}],
        ),
    ],
)
def test_a_script_anywhere_asks_for_security(change: tuple[str, object]) -> None:
    given = changed(EVERYTHING, (S, dict(cases_services.WEB)), ("lvs_yield", False))
    assert "enable_script_security" not in model(inventory(given))["global_defs"]
    found = model(inventory(changed(given, change)))["global_defs"]
    assert found["enable_script_security"] is True

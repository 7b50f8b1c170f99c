# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a fault is found, and what is said where that takes long."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.detection import (
    worst_time,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_checks import CHECKS
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import Check
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.profiles import PROFILES
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services

S = "lvs_virtual_servers.0"
FAST = PROFILES["fast"]
FIGURES = FAST.figures_of("TCP_CHECK")


def warnings(*changes: tuple[str, object]) -> list[str]:
    files = ("lvs_track_files", [{"name": "x", "file": "/run/x"}])
    found: list[str] = model(inventory(changed(reference(), files, *changes)))["warnings"]
    return found


def test_the_fast_profile_finds_a_refusal_within_a_second_and_silence_within_two() -> None:
    refused = dict(FIGURES, connect_timeout=0)
    assert worst_time(Check("TCP_CHECK", refused), FAST.virtual_server) == 0.9
    assert worst_time(Check("TCP_CHECK", FIGURES), FAST.virtual_server) == 1.95
    # one lost packet is no fault
    assert FIGURES["retry"] >= 1


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("kind", CHECKS)
def test_a_profile_has_figures_of_each_check_for_its_own_words_only(
    profile: Any,  # noqa: ANN401 - of a table's values
    kind: str,
) -> None:
    if profile.figures_of(kind) is not profile.figures[""]:
        assert set(profile.figures_of(kind)) <= set(CHECKS[kind])


@pytest.mark.parametrize(
    ("check", "outer", "expected"),
    [
        (Check("TCP_CHECK", {}), [], 71),  # all defaults of keepalived.conf(5)
        (Check("HTTP_GET", {}), [], 73),
        (Check("DNS_CHECK", {"delay_loop": 2, "connect_timeout": 1}), [], 12),
        (Check("MISC_CHECK", {"misc_timeout": 3, "delay_loop": 2}), [], 5),
        (Check("MISC_CHECK", {"delay_loop": 2}), [], 4),
        (Check("TCP_CHECK", {"retry": 0}), [{"connect_timeout": 2}, {"delay_loop": 6}], 8),
        (Check("TCP_CHECK", {}), [{"delay_loop": 1}, {"delay_loop": 6}], 12),
    ],
)
def test_the_figures_count_from_the_inside_out(
    check: Check, outer: list[dict[str, float]], expected: float
) -> None:
    assert worst_time(check, *outer) == expected


def test_slow_figures_are_named_with_what_they_come_to() -> None:
    assert warnings((f"{S}.delay_loop", 6)) == [
        (
            "lvs_virtual_servers[0].check: a silent real server is in use for up to 7.25 s, where "
            "the profile finds it within 1.95 s; lower delay_loop, connect_timeout, retry or "
            "delay_before_retry"
        )
    ]
    slow = {"host": "server13", "check": {"type": "TCP_CHECK", "connect_timeout": 5}}
    (warning,) = warnings((f"{S}.real_servers", [{"host": "server12"}, slow]))
    assert warning.startswith("lvs_virtual_servers[0].real_servers[1].check: ")
    assert "up to 15.9 s" in warning


@pytest.mark.parametrize(
    "change",
    [
        (f"{S}.delay_loop", 2),
        (f"{S}.check", {"connect_timeout": 0.5}),
        (f"{S}.check", {"type": "HTTP_GET", "url": [{"path": "/"}]}),
        (f"{S}.check", {"type": "UDP_CHECK"}),
        (f"{S}.check", {"type": "FILE_CHECK", "track_file": "x"}),
        (f"{S}.check", None),
        ("lvs_profile", "classic"),
    ],
)
def test_usual_figures_are_not(change: tuple[str, object]) -> None:
    assert warnings(change) == []


def test_the_classic_profile_measures_by_its_own_figures() -> None:
    classic = ("lvs_profile", "classic")
    assert warnings(classic, (f"{S}.delay_loop", 12)) == []
    (warning,) = warnings(classic, (f"{S}.check", {"connect_timeout": 15}))
    assert "up to 75 s, where the profile finds it within 27 s" in warning


def test_the_cases_of_the_rendered_files_can_be_slow() -> None:
    found = model(inventory(cases_services.CASES["a service that says everything"]))["warnings"]
    assert [line.split(": ")[0] for line in found] == [
        "lvs_virtual_servers[0].real_servers[0].checks[0]"
    ]

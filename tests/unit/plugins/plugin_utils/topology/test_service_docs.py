# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to services: its tables are those in the code, its examples make files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import (
    read_entries,
    read_services,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.conf import keepalived_conf
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.detection import (
    worst_time,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_checks import (
    CHECKS,
    URL,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import Check
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.profiles import PROFILES
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services

ROOT = Path(__file__).resolve().parents[5]
GUIDE = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
CONNECTING = ("TCP", "HTTP", "SSL", "SMTP", "DNS", "UDP", "PING")


def rows(text: str) -> list[str]:
    """Return the words in the first cells of the tables in a text."""
    cells = re.findall(r"^\| ([^|]*)\|", text, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def section(heading: str) -> str:
    """Return what stands between a heading and the next one."""
    found = re.search(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("Words of a service", read_services.SERVICE_KEYS),
        ("Words of a real server", read_services.BACKEND_KEYS),
        ("Words of a sorry server", read_services.SORRY_KEYS),
        ("Checks", tuple(CHECKS)),
    ],
)
def test_the_tables_have_every_word_once_and_no_other(heading: str, known: tuple[str, ...]) -> None:
    assert sorted(rows(section(heading))) == sorted(known)


@pytest.mark.parametrize("kind", CHECKS)
def test_the_tables_of_the_checks_have_every_word_once_and_no_other(kind: str) -> None:
    found = []
    if kind.startswith(CONNECTING):
        found += rows(section("All that connect"))
    if kind not in ("FILE_CHECK", "BFD_CHECK"):
        found += rows(section("All that take turns"))
    if kind in ("HTTP_GET", "SSL_GET"):
        found += rows(section("HTTP_GET and SSL_GET").split("Of a page:")[0])
    if kind not in ("TCP_CHECK", "HTTP_GET"):
        found += rows(section(kind))
    assert sorted(found) == sorted(CHECKS[kind])


def test_the_table_of_pages_has_every_word_once_and_no_other() -> None:
    table = section("HTTP_GET and SSL_GET").split("Of a page:")[1]
    assert sorted(rows(table)) == sorted(URL)


@pytest.mark.parametrize("words", [read_services.SCHEDULERS, read_entries.MEMBER_KEYS])
def test_the_words_of_a_value_are_named(words: tuple[str, ...]) -> None:
    assert all(f"`{word}`" in section("Words of a service") for word in words)


def services(number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(EXAMPLES[number])["lvs_virtual_servers"]
    return found


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_make_a_file_without_a_warning(number: int) -> None:
    said = yaml.safe_load(EXAMPLES[number])
    found = model(inventory(changed(cases_services.CASES["a mark"], *said.items())))
    assert found["warnings"] == []
    text = keepalived_conf(found, "server11")
    assert text.count("virtual_server ") == len(said["lvs_virtual_servers"])


def test_each_kind_of_check_has_an_example() -> None:
    found = {
        check["type"]
        for number in range(len(EXAMPLES))
        for service in services(number)
        for place in [service, *service.get("real_servers", [])]
        for check in [place.get("check", {}), *place.get("checks", [])]
        if check
    }
    assert found == set(CHECKS)


@pytest.mark.parametrize("name", PROFILES)
def test_the_times_of_the_profiles_are_their_figures(name: str) -> None:
    profile = PROFILES[name]
    figures = {**profile.virtual_server, **profile.figures_of("TCP_CHECK")}
    told = ", ".join(f"{word} {value}" for word, value in figures.items())
    refused = worst_time(Check("TCP_CHECK", {**figures, "connect_timeout": 0}))
    silent = worst_time(Check("TCP_CHECK", figures))
    row = f"| `{name}` | {told} | {refused:g} s | {silent:g} s |"
    assert row in section("How soon a fault is found")


def test_the_times_of_keepalived_itself_are_its_defaults() -> None:
    refused = worst_time(Check("TCP_CHECK", {"connect_timeout": 0}))
    silent = worst_time(Check("TCP_CHECK", {}))
    assert f"| {refused:g} s | {silent:g} s |" in section("How soon a fault is found")

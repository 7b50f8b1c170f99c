# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README and docs name only what there is: variables, playbooks, modules, files, headings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.module_utils import _keepalived_unit
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import KNOWN_VARIABLES
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_global import (
    GLOBAL_DEFS,
)

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = ROOT / "docs" / "operations.md"
WORD = re.compile(r"\b(?:lvs|director|realserver|drill|handover|verify)_[a-z_]*[a-z]\b")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
OTHERS = {
    "lvs_cluster",  # the table of nftables
    "lvs_sees_real_server",  # the script that lvs_yield tracks
    "lvs_sync_daemon_interface",  # docs/vrrp.md says that there is none
    "lvs_static_ipaddress",  # likewise
}


def stems(pattern: str) -> set[str]:
    return {path.stem for path in ROOT.glob(pattern)}


def options() -> set[str]:
    """Return the options of all roles."""
    specs = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        for path in ROOT.glob("roles/*/meta/argument_specs.yml")
    ]
    return {name for spec in specs for entry in spec.values() for name in entry.get("options", {})}


def told_by_playbooks() -> set[str]:
    """Return the variables that the comments at the head of playbooks list."""
    heads = [
        path.read_text(encoding="utf-8").split("\n- name:")[0]
        for path in ROOT.glob("playbooks/*.yml")
    ]
    return {word for head in heads for word in WORD.findall(head)}


KNOWN = (
    {*KNOWN_VARIABLES, *GLOBAL_DEFS, *OTHERS}
    | options()
    | told_by_playbooks()
    | stems("plugins/modules/*.py")
    | stems("plugins/filter/*.py")
)
RUNNABLE = stems("playbooks/*.yml") | stems("plugins/*/[a-z]*.py") | stems("roles/*") | {"cluster"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_variable_is_known_to_the_code(page: Path) -> None:
    words = set(WORD.findall(page.read_text(encoding="utf-8")))
    assert words - KNOWN == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_of_the_collection_is_one(page: Path) -> None:
    names = re.findall(r"\blvs\.cluster\.(\w+)", page.read_text(encoding="utf-8"))
    assert set(names) - RUNNABLE == set()


def anchors(page: Path) -> set[str]:
    """Return the anchors that a forge gives to the headings of *page*."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for name, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


def test_what_is_said_of_the_unit_is_in_it() -> None:
    lines = _keepalived_unit.text([], sandbox=True).splitlines()
    said = re.findall(r"`([A-Z]\w+=[^`]+)`", OPERATIONS.read_text(encoding="utf-8"))
    assert len(said) > 3
    assert set(said) - set(lines) == set()


def test_the_settings_of_a_director_are_the_role_s() -> None:
    path = ROOT / "roles" / "director" / "defaults" / "main.yml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))["director_sysctl"]
    rows = re.findall(
        r"^\| `(\w+)` \| ([\d ]+) \|", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {f"net/ipv4/vs/{name}": value for name, value in rows} == {
        name: str(value) for name, value in said.items()
    }

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/vrrp.md says what the tables of directives say, word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology import read_vrrp
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_global import (
    GLOBAL_DEFS,
    ROOT,
)
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.directives_vrrp import BLOCKS
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.profiles import PROFILES

ROOT_FOLDER = Path(__file__).resolve().parents[3]
PAGE = ROOT_FOLDER / "docs" / "vrrp.md"
DEFAULTS = ROOT_FOLDER / "roles" / "director" / "defaults" / "main.yml"
KEYS: dict[str, tuple[str, ...]] = {
    "lvs_vrrp_instances": read_vrrp.KEYS,
    "lvs_sync_daemon": read_vrrp.SYNC_DAEMON,
    "lvs_global_defs": tuple(GLOBAL_DEFS),
    **{variable: ("name", *table) for variable, (_word, table, _needed) in BLOCKS.items()},
}


@pytest.fixture(scope="module")
def sections() -> Mapping[str, str]:
    """Return the text below each heading."""
    found = re.split(r"^##+ (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2]))


def rows(text: str) -> list[list[str]]:
    """Return the cells of a section's rows that begin with a word of keepalived's."""
    lines = re.findall(r"^\| (`.*) \|$", text, flags=re.MULTILINE)
    return [line.split(" | ") for line in lines]


@pytest.mark.parametrize("variable", KEYS)
def test_every_key_is_explained_once_and_no_other(
    sections: Mapping[str, str], variable: str
) -> None:
    told = [
        word for row in rows(sections[f"`{variable}`"]) for word in re.findall(r"`(.*?)`", row[0])
    ]
    assert sorted(told) == sorted(KEYS[variable])


def test_the_other_variables_are_explained(sections: Mapping[str, str]) -> None:
    told = rows(sections["What stands beside the sections"])
    assert [row[0] for row in told] == [f"`lvs_{word}`" for word in ROOT]


def test_the_kernel_s_settings_are_the_role_s(sections: Mapping[str, str]) -> None:
    defaults = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))["director_sysctl"]
    told = rows(sections["Connections that survive a change of directors"])
    assert len(told) == 2
    for name, value, _effect in told:
        key = name.strip("`")
        assert str(defaults[f"net/ipv4/vs/{key}"]) == value


def test_the_figures_of_the_profile_are_the_profile_s(sections: Mapping[str, str]) -> None:
    fast = PROFILES["fast"]
    figures = {**fast.global_defs, **fast.vrrp_instance, **fast.script_defs}
    told = {
        row[0].strip("`"): row[1] for row in rows(sections["What the profile `fast` says, and why"])
    }
    # by unicast, not by the profile
    assert told.pop("check_unicast_src") == "true"
    assert told.pop("unicast_ttl") == "255"
    assert told == {
        word: str(figure).lower() if isinstance(figure, bool) else str(figure)
        for word, figure in figures.items()
    }

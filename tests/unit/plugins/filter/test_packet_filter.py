# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director's packet filter is asked for, by hand, and what the module says to it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.lvs.cluster.plugins.filter.packet_filter import packet_filter
from ansible_collections.lvs.cluster.plugins.module_utils._packet_filter.options import make_wish
from ansible_collections.lvs.cluster.plugins.modules.packet_filter import ARGUMENT_SPEC
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    model as built,
)
from ansible_collections.lvs.cluster.tests.unit.roles.rendering import FILES, model

INSTANCE = "lvs_vrrp_instances.0"


def found(*changes: tuple[str, object], director: str = "server11", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return packet_filter(built(inventory(changed(reference(), *changes), **more)), director)


def test_the_reference_topology() -> None:
    assert found() == {
        "vrrp": [
            {
                "interface": "eth0",
                "virtual_router_id": 51,
                "peers": [{"address": "172.25.0.14", "max_priority": 250}],
            }
        ],
        "services": [{"address": "172.25.0.100", "protocol": "tcp", "port": 80}],
        "sync": {
            "interface": "eth0",
            "group": "224.0.0.81",
            "port": 8848,
            "peers": ["172.25.0.14"],
        },
    }
    other = found(director="server14")
    assert other["vrrp"][0]["peers"] == [{"address": "172.25.0.11", "max_priority": 254}]
    assert other["sync"]["peers"] == ["172.25.0.11"]


def test_without_keepalived_the_services_are_all() -> None:
    mode = ("director_mode", "standalone")
    assert found(mode) == {
        "vrrp": [],
        "services": [{"address": "172.25.0.100", "protocol": "tcp", "port": 80}],
        "sync": None,
    }
    assert found(mode, director="server14") == {"vrrp": [], "services": [], "sync": None}


def test_a_director_alone_hears_nobody() -> None:
    alone = found(directors=["server11"])
    assert [router["peers"] for router in alone["vrrp"]] == [[]]
    assert alone["sync"] is None


def test_multicast_comes_from_the_own_addresses() -> None:
    classic = found(("lvs_profile", "classic"))
    assert classic["vrrp"][0]["peers"] == [{"address": "172.25.0.14", "max_priority": 50}]
    assert classic["sync"] is None


UP = ("lvs_vrrp_scripts", [{"name": "up", "script": "/bin/true", "weight": 10}])
UP_REVERSED = ("lvs_vrrp_scripts", [{**UP[1][0], "weight": "-20 reverse"}])
FILE = ("lvs_track_files", [{"name": "f", "file": "/run/f"}])
LOW = {"server11": 100, "server14": 50}


@pytest.mark.parametrize(
    ("changes", "highest"),
    [
        ([], 50),
        ([UP, (f"{INSTANCE}.track_script", ["up"])], 60),
        ([UP, (f"{INSTANCE}.track_script", [{"name": "up", "weight": -5}])], 50),
        ([UP_REVERSED, (f"{INSTANCE}.track_script", ["up"])], 70),
        ([(f"{INSTANCE}.track_interface", [{"name": "eth1", "weight": 7}])], 57),
        ([FILE, (f"{INSTANCE}.track_file", ["f"])], 254),
    ],
    ids=["nothing", "script", "script with its own weight", "reversed script", "interface", "file"],
)  # fmt: skip
def test_what_is_tracked_can_raise_a_priority(
    changes: list[tuple[str, object]], highest: int
) -> None:
    routers = found((f"{INSTANCE}.priorities", LOW), *changes)["vrrp"]
    assert routers[0]["peers"] == [{"address": "172.25.0.14", "max_priority": highest}]


@pytest.mark.parametrize(("case", "director"), FILES)
def test_the_module_takes_what_it_is_given(case: str, director: str) -> None:
    options = packet_filter(model(case), director)
    result = ModuleArgumentSpecValidator(ARGUMENT_SPEC).validate(options)
    assert result.error_messages == []
    make_wish(result.validated_parameters)


def test_wrong_use_says_how_to_use_it() -> None:
    wrongs: tuple[Any, ...] = ([], {})
    for wrong in wrongs:
        with pytest.raises(AnsibleFilterError, match=r"give the model of lvs\.cluster\.topology"):
            packet_filter(wrong, "server12")
    with pytest.raises(AnsibleFilterError, match=r"server12 is no director .* server11, server14"):
        packet_filter(model("fast"), "server12")

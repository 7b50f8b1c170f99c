# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a director as it should be?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.drill_plan import drill_plan
from ansible_collections.lvs.cluster.plugins.filter.lacks import lacks

from .cluster import VIP, hosts, model

BOTH = ("172.25.0.12", "172.25.0.13")


def printed(*held: str, real: tuple[str, ...] = BOTH) -> str:
    links = [
        {"ifname": "lo", "addr_info": [{"local": "127.0.0.1"}]},
        {"ifname": "eth0", "addr_info": [{"local": address} for address in held]},
        {},
    ]
    rules = [f"-A -t {VIP}:80 -s rr"]
    rules += [f"-a -t {VIP}:80 -r {address}:80 -g -w 1" for address in real]
    return "\n".join([json.dumps(links), *rules])


def healthy(director: str) -> dict[str, Any]:
    expected: dict[str, Any] = drill_plan(hosts(), model(), "client")["healthy"][director]
    return expected


def test_nothing_is_lacking() -> None:
    assert lacks(printed("172.25.0.11", VIP), healthy("server11")) == []
    assert lacks(printed("172.25.0.14"), healthy("server14")) == []


def test_addresses() -> None:
    assert lacks(printed("172.25.0.11"), healthy("server11")) == [f"does not hold {VIP}"]
    assert lacks(printed(VIP), healthy("server14")) == [f"still holds {VIP}"]


def test_rules() -> None:
    text = printed(VIP, real=BOTH[:1])
    assert lacks(text, healthy("server11")) == [f"does not forward {VIP}:80 to 172.25.0.13:80"]


def test_a_dead_real_server_must_leave() -> None:
    plan = drill_plan(hosts(), model(), "client", {"events": ["real_cable"]})
    expected = plan["steps"][0]["away"]["expect"]["server14"]
    assert lacks(printed(), expected) == [f"still forwards {VIP}:80 to 172.25.0.12:80"]
    assert lacks(printed(real=BOTH[1:]), expected) == []


def test_with_weight_0_a_real_server_gets_no_client() -> None:
    plan = drill_plan(hosts(), model(), "client", {"events": ["real_cable"]})
    expected = plan["steps"][0]["away"]["expect"]["server11"]
    quiet = printed(VIP).replace("172.25.0.12:80 -g -w 1", "172.25.0.12:80 -g -w 0 -x 9")
    assert lacks(quiet, expected) == []
    assert lacks(quiet, healthy("server11")) == [
        f"does not forward {VIP}:80 to 172.25.0.12:80",
    ]
    servers = [{"host": "server12", "weight": 0}, {"host": "server13"}]
    meant = drill_plan(hosts(), model(real_servers=servers), "client")["healthy"]["server11"]
    assert lacks(quiet, meant) == []


def test_without_keepalived_the_first_director_has_it_all() -> None:
    found = drill_plan(hosts(), model(mode="standalone"), "client")["healthy"]
    assert lacks(printed(VIP), found["server11"]) == []
    assert lacks(printed(real=()), found["server14"]) == []
    assert lacks(printed(VIP, real=()), found["server14"]) == [f"still holds {VIP}"]


def test_one_of_its_services_is_enough_where_we_do_not_know_which() -> None:
    expected = {**healthy("server14"), "rules": [], "leaving": [], "left": 1}
    for address in BOTH:
        expected["leaving"].append(f"-a -t {VIP}:80 -r {address}:80")
    assert len(lacks(printed(), expected)) == 1
    assert lacks(printed(real=BOTH[1:]), expected) == []


@pytest.mark.parametrize("text", ["", "bash: ip: not found", "[1]\n-A", "[{}, 5]"])
def test_what_tells_nothing(text: str) -> None:
    assert lacks(text, healthy("server14")) == ["does not tell its addresses and its IPVS table"]


def test_other_shapes_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="give one director's entry"):
        lacks("[]", {"what": 1})

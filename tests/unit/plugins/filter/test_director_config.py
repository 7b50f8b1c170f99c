# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director without keepalived is told, and what its monitor's beliefs make of the table."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.believed import believed
from ansible_collections.lvs.cluster.plugins.filter.director_config import director_config
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import table
from ansible_collections.lvs.cluster.plugins.modules import ipvs_table
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.topology.clusters import (
    changed,
    inventory,
    model,
    reference,
)
from ansible_collections.lvs.cluster.tests.unit.roles import cases_services

S = "lvs_virtual_servers.0"
PROFILE = {"interval": 0.7, "retry_interval": 0.1, "timeout": 0.35, "fall": 3, "rise": 2}
WEB = {"protocol": "tcp", "service_address": "172.25.0.100", "service_port": 80}
CASES = (
    *("flags", "calls of SIP", "a mark", "a group of one port", "a group of everything"),
    *("a forward method of each", "a granularity of IPv6"),
)


def config(*changes: tuple[str, object], **said: Any) -> dict[str, Any]:  # noqa: ANN401 - options
    """Return what the first director of the reference topology is told, with changes."""
    variables = changed({**reference(), "director_mode": "standalone"}, *changes)
    return director_config(model(inventory(variables)), "server11", **said)


def real(number: int) -> dict[str, Any]:
    return {
        "server_address": f"172.25.0.{number}",
        "server_port": 80,
        "forward_method": "dr",
        "weight": 1,
        "u_threshold": 0,
        "l_threshold": 0,
    }


def checked(number: int) -> dict[str, Any]:
    address = f"172.25.0.{number}"
    return {
        "server_address": address,
        "server_port": 80,
        "name": f"server{number}",
        "through_vip": {"interface": "eth0"},
        "check": {"type": "tcp", "address": address, "port": 80, "bindto": None, **PROFILE},
    }


def the_check(*changes: tuple[str, object], **said: Any) -> dict[str, Any]:  # noqa: ANN401 - options
    """Return the check of the first real server of the first service."""
    check: dict[str, Any] = config(*changes, **said)["checks"][0]["real_servers"][0]["check"]
    return check


# --- what it is told -------------------------------------------------------------------------
def test_the_reference_topology() -> None:
    assert config() == {
        "virtual_ipaddress": [{"address": "172.25.0.100/24", "interface": "eth0"}],
        "services": [
            {
                **WEB,
                "scheduler": "rr",
                "sched_flags": [],
                "persistence_timeout": 0,
                "ops": False,
                "real_servers": [real(12), real(13)],
            }
        ],
        "checks": [
            {
                "service": WEB,
                "on_failure": "quiesce",
                "sorry_server": None,
                "real_servers": [checked(12), checked(13)],
            }
        ],
    }


def test_the_other_directors_do_nothing() -> None:
    found = model(inventory({**reference(), "director_mode": "standalone"}))
    nothing: dict[str, Any] = {"virtual_ipaddress": [], "services": [], "checks": []}
    assert director_config(found, "server14") == nothing


@pytest.mark.parametrize("case", CASES)
def test_the_table_is_one_that_the_module_takes(case: str) -> None:
    found = model(inventory({**cases_services.CASES[case], "director_mode": "standalone"}))
    services = director_config(found, "server11")["services"]
    assert set(table.declared(services).services)
    assert {key for service in services for key in service} <= documented()


def documented() -> set[str]:
    lines = ipvs_table.DOCUMENTATION.split("suboptions:")[1].splitlines()
    return {line.strip(" :") for line in lines if line.startswith("      ") and line[6] != " "}


def test_everything_of_a_service() -> None:
    said = {
        "lb_algo": "sh",
        "sh-port": True,
        "persistence_timeout": 300,
        "weight": 2,
        "persistence_granularity": "255.255.255.0",
        "real_servers": [{"host": "server12"}],
        "sorry_server": {"address": "172.25.0.99"},
    }
    told = config(*((f"{S}.{word}", value) for word, value in said.items()))
    assert told["services"] == [
        {
            **WEB,
            "scheduler": "sh",
            "sched_flags": ["sh-port"],
            "persistence_timeout": 300,
            "ops": False,
            "persistence_granularity": "255.255.255.0",
            "real_servers": [{**real(12), "weight": 2}],
        }
    ]
    assert told["checks"][0]["sorry_server"] == {
        "server_address": "172.25.0.99",
        "server_port": 80,
        "forward_method": "dr",
        "weight": 1,
    }


def test_how_packets_go() -> None:
    tunnel = {"type": "gue", "port": 6080, "checksum": "csum"}
    told = config(
        (
            f"{S}.real_servers",
            [
                {"host": "server12", "lb_kind": "TUN", "tunnel": tunnel, "uthreshold": 9},
                {"host": "server13", "lb_kind": "NAT", "port": 8080, "weight": 0},
            ],
        )
    )
    by_tunnel, by_nat = told["services"][0]["real_servers"]
    assert by_tunnel == {
        **real(12),
        "forward_method": "tun",
        "u_threshold": 9,
        "tunnel_type": "gue",
        "tunnel_port": 6080,
        "tunnel_flags": ["csum"],
    }
    assert by_nat == {**real(13), "forward_method": "nat", "server_port": 8080, "weight": 0}
    # only with DR do they have the virtual address themselves
    through = [one["through_vip"] for one in told["checks"][0]["real_servers"]]
    assert through == [None, None]


def test_a_group_is_a_service_for_each_address() -> None:
    group = [{"address": "172.25.0.100", "port": 80}, {"fwmark": 7}]
    service = {"name": "web", "group": group, "check": {"connect_port": 80}}
    told = config((S, service))
    assert [one["service"] for one in told["checks"]] == [
        WEB,
        {"fwmark": 7, "family": "inet"},
    ]
    marked = told["checks"][1]["real_servers"][0]
    assert (marked["server_port"], marked["check"]["port"]) == (0, 80)
    assert marked["through_vip"] is None


def test_without_a_check_nobody_is_asked() -> None:
    assert config((f"{S}.check", None))["checks"] == []
    servers = [{"host": "server12", "check": None}, {"host": "server13"}]
    (service,) = config((f"{S}.real_servers", servers))["checks"]
    assert [one["name"] for one in service["real_servers"]] == ["server13"]


@pytest.mark.parametrize(
    ("said", "given", "expected"),
    [
        (None, "quiesce", "quiesce"),
        (None, "remove", "remove"),
        (True, "remove", "quiesce"),
        (False, "quiesce", "remove"),
    ],
)
def test_what_becomes_of_a_dead_one(said: object, given: str, expected: str) -> None:
    told = config((f"{S}.inhibit_on_failure", said), on_failure=given)
    assert told["checks"][0]["on_failure"] == expected


def test_nobody_is_asked_through_the_virtual_address_unless_wanted() -> None:
    told = config(through_vip=False)["checks"][0]["real_servers"]
    assert [one["through_vip"] for one in told] == [None, None]
    udp = config((f"{S}.protocol", "udp"), (f"{S}.check", {"type": "TCP_CHECK"}))
    assert [one["through_vip"] for one in udp["checks"][0]["real_servers"]] == [None, None]


# --- checks ----------------------------------------------------------------------------------
def test_figures_come_from_wherever_they_are_said() -> None:
    said = {"delay_loop": 5, "connect_timeout": 4, "retry": 3, "delay_before_retry": 2}
    around = [(f"{S}.{word}", value) for word, value in said.items()]
    assert the_check(*around, rise=9) == {
        **checked(12)["check"],
        "interval": 5,
        "timeout": 4,
        "fall": 4,
        "retry_interval": 2,
        "rise": 9,
    }
    own = (f"{S}.real_servers", [{"host": "server12", "retry": 1, "delay_loop": 6}])
    assert the_check(*around, own)["fall"] == 2
    assert the_check(*around, own)["interval"] == 6
    of_check = (f"{S}.check", {"retry": 0, "connect_timeout": 0.5})
    assert the_check(*around, of_check)["fall"] == 1
    assert the_check(*around, of_check)["timeout"] == 0.5


def test_where_nobody_says_a_figure_it_is_keepalived_s() -> None:
    nothing = {"connect_timeout": None, "retry": None, "delay_before_retry": None}
    found = the_check((f"{S}.check", nothing), (f"{S}.delay_loop", None))
    assert {word: found[word] for word in PROFILE} == {
        "interval": 60,
        "timeout": 5,
        "fall": 2,
        "retry_interval": 1,
        "rise": 2,
    }


def test_tcp_elsewhere() -> None:
    said = {"connect_ip": "172.25.0.99", "connect_port": 81, "bindto": "172.25.0.11"}
    assert the_check((f"{S}.check", said)) == {
        **checked(12)["check"],
        "address": "172.25.0.99",
        "port": 81,
        "bindto": "172.25.0.11",
    }


PAGE = {"path": "/health", "status_code": [200, "300-302"], "regex": "all is well"}


def test_http() -> None:
    said = {"type": "HTTP_GET", "url": [{**PAGE, "virtualhost": "www.example.org"}]}
    found = the_check((f"{S}.check", said), (f"{S}.virtualhost", "other.example.org"))
    assert found == {
        "type": "http",
        "address": "172.25.0.12",
        "port": 80,
        "bindto": None,
        "path": "/health",
        "host": "www.example.org",
        "status": ["200", "300-302"],
        "expect": "all is well",
        # the profile's figures of what waits for a program
        "interval": 0.7,
        "retry_interval": 0.1,
        "timeout": 1,
        "fall": 2,
        "rise": 2,
    }


def test_https_and_the_name_that_is_asked_for() -> None:
    said: dict[str, Any] = {"type": "SSL_GET", "url": [{"path": "/"}], "virtualhost": "a.example"}
    found = the_check((f"{S}.check", said))
    assert (found["type"], found["host"], found["server_name"]) == ("https", "a.example", None)
    assert (found["status"], found["expect"]) == (["200-299"], None)
    assert the_check((f"{S}.check", {**said, "enable_sni": True}))["server_name"] == "a.example"


def test_a_command() -> None:
    said = {"type": "MISC_CHECK", "misc_path": "/usr/local/bin/check 'a b'", "misc_timeout": 3}
    assert the_check((f"{S}.check", said)) == {
        "type": "command",
        "argv": ["/usr/local/bin/check", "a b"],
        "user": "keepalived_script",
        "interval": 0.7,
        "retry_interval": 0.1,
        "timeout": 3,
        "fall": 2,
        "rise": 2,
    }
    assert the_check((f"{S}.check", {**said, "user": "nobody"}))["user"] == "nobody"
    classic = the_check((f"{S}.check", said), ("lvs_profile", "classic"))
    assert classic["user"] is None


# --- what the monitor believes ---------------------------------------------------------------
SORRY = (f"{S}.sorry_server", {"address": "172.25.0.99"})


def status(*down: int) -> dict[str, Any]:
    """Return what the monitor tells; *down* are numbers of real servers."""
    servers = [
        {"server_address": f"172.25.0.{number}", "server_port": 80, "up": number not in down}
        for number in (12, 13)
    ]
    return {"version": 1, "services": [{"service": WEB, "real_servers": servers}]}


def weights(told: dict[str, Any], said: object) -> dict[str, int]:
    (service,) = believed(told["services"], told["checks"], said)
    assert {key: value for key, value in service.items() if key != "real_servers"} == {
        key: value for key, value in told["services"][0].items() if key != "real_servers"
    }
    return {one["server_address"]: one["weight"] for one in service["real_servers"]}


UP = {"172.25.0.12": 1, "172.25.0.13": 1}


@pytest.mark.parametrize("said", ["", None, {}, status()])
def test_who_is_not_known_to_be_down_stays(said: object) -> None:
    assert weights(config(SORRY), said) == UP


@pytest.mark.parametrize(
    ("on_failure", "down", "expected"),
    [
        ("quiesce", [12], {"172.25.0.12": 0, "172.25.0.13": 1}),
        ("remove", [12], {"172.25.0.13": 1}),
        ("quiesce", [12, 13], {"172.25.0.12": 0, "172.25.0.13": 0, "172.25.0.99": 1}),
        ("remove", [12, 13], {"172.25.0.99": 1}),
    ],
)
def test_who_is_down_is_out(on_failure: str, down: list[int], expected: dict[str, int]) -> None:
    told = config(SORRY, on_failure=on_failure)
    before = copy.deepcopy(told)
    assert weights(told, json.dumps(status(*down))) == expected
    assert told == before


def test_a_service_that_is_not_checked_any_more_is_as_declared() -> None:
    assert weights(config((f"{S}.check", None)), status(12, 13)) == UP


def test_another_service_s_real_server_is_another_one() -> None:
    addresses = ["172.25.0.100", "172.25.0.101"]
    told = config(
        ("lvs_vrrp_instances.0.virtual_ipaddress", addresses), (f"{S}.address", addresses[1])
    )
    assert weights(told, status(12)) == UP


# --- mistakes --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"rise": 0},
            "lvs.cluster.director_config: rise: 0 is no number from 1 to 100; give one",
        ),
        (
            {"rise": "many"},
            "lvs.cluster.director_config: rise: 'many' is no number from 1 to 100; give one",
        ),
        (
            {"rise": "²"},
            "lvs.cluster.director_config: rise: '²' is no number from 1 to 100; give one",
        ),
        (
            {"through_vip": "perhaps"},
            "lvs.cluster.director_config: through_vip: 'perhaps' is no boolean; give true or false",
        ),
        (
            {"through_vip": None},
            "lvs.cluster.director_config: through_vip: None is no boolean; give true or false",
        ),
        (
            {"on_failure": "drain"},
            "lvs.cluster.director_config: on_failure: 'drain' is neither quiesce nor remove; use one",  # noqa: E501 - as it is printed
        ),
    ],
)
def test_wrong_wishes_are_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        config(**said)
    assert str(caught.value) == message


def test_who_is_no_director_is_refused() -> None:
    found = model(inventory({**reference(), "director_mode": "standalone"}))
    for given, message in ((found, "server12 is no director"), ({}, "give the model of lvs.clus")):
        with pytest.raises(AnsibleFilterError, match=message):
            director_config(given, "server12")


@pytest.mark.parametrize("word", ["virtual_servers", "global_defs"])
def test_a_part_of_the_model_is_no_model(word: str) -> None:
    found = model(inventory({**reference(), "director_mode": "standalone"}))
    rest = {key: value for key, value in found.items() if key != word}
    with pytest.raises(AnsibleFilterError, match=r"director_config: give the model of lvs\.clus"):
        director_config(rest, "server11")


def test_a_cluster_with_keepalived_is_refused() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        director_config(model(inventory(reference())), "server11")
    assert str(caught.value) == (
        "lvs.cluster.director_config: director_mode is keepalived, where keepalived does all of "
        "it; set director_mode: standalone"
    )


@pytest.mark.parametrize("said", ["nonsense", {"services": [{}]}, "[1]", "[]", 0, '{"a":' * 9999])
def test_what_the_program_does_not_print_is_refused(said: object) -> None:
    told = config()
    with pytest.raises(AnsibleFilterError, match="believed: give services and checks of"):
        believed(told["services"], told["checks"], said)

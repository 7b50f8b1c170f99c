# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the plan of a drill what the catalogue, the model and the means say?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.drill_plan import drill_plan
from ansible_collections.lvs.cluster.plugins.filter.handover import handover

from .cluster import INSTANCE, MEANS, VIP, hosts, model

ROOT = Path(__file__).resolve().parents[5]

ALL = ["stop", "kill", "kill_vrrp", "handover", "cable", "power", "service", "real_cable"]


def planned(**wanted: object) -> dict[str, Any]:
    return drill_plan(hosts(), model(), "client", wanted)


def step(name: str, **wanted: object) -> dict[str, Any]:
    steps = planned(events=[name], **wanted)["steps"]
    assert len(steps) == 1
    found: dict[str, Any] = steps[0]
    return found


def test_everything_is_run_where_there_are_means() -> None:
    plan = planned()
    assert [step["event"] for step in plan["steps"]] == ALL
    assert plan["not_run"] == []
    assert (plan["master"], plan["urls"]) == ("server11", [f"http://{VIP}:80/"])


def test_the_warning_says_what_happens_to_which_hosts() -> None:
    assert planned(events=["stop", "power", "service"])["warning"] == (
        "drill_confirm is not set: this drill would stop keepalived on server11, power server11 "
        "off and stop the service on server12, while 172.25.0.100 is in use; run it with "
        "-e drill_confirm=yes if that is what you want."
    )


def test_what_has_no_means_is_told() -> None:
    bare: dict[str, str] = {}
    plan = drill_plan(hosts(server11=bare, server12=bare), model(), "client", {}, ["server11"])
    assert [step["event"] for step in plan["steps"]] == [
        "stop", "kill", "kill_vrrp", "service", "real_cable",
    ]  # fmt: skip
    assert {step["host"] for step in plan["steps"]} == {"server11", "server13"}
    assert plan["not_run"] == [
        (
            "not run: handover: keepalived.conf on server14 doesn't watch "
            "/etc/keepalived/handover; run site.yml"
        ),
        "not run: cable: no drill_cable_cut for server11",
        "not run: power: no drill_power_off for server11",
    ]


@pytest.mark.parametrize("directors", [("server11", "server14"), ("server11",)])
def test_without_keepalived_the_director_is_left_alone(directors: tuple[str, ...]) -> None:
    alone = model(mode="standalone", directors=directors)
    plan = drill_plan(hosts(), alone, "client", {})
    assert [step["event"] for step in plan["steps"]] == ["service", "real_cable"]
    assert plan["master"] == "server11"
    with pytest.raises(AnsibleFilterError) as caught:
        drill_plan(hosts(), alone, "client", {"events": ["service", "stop"]})
    assert str(caught.value) == (
        "lvs.cluster.drill_plan: drill_events[1]: stop takes the director away, and director_mode "
        "is standalone, so that nobody takes over; name service or real_cable"
    )


def test_without_keepalived_there_is_nobody_to_hand_over_to() -> None:
    for wanted in ({}, {"to": "server14"}, {"back": True}):
        with pytest.raises(AnsibleFilterError) as caught:
            handover(model(mode="standalone"), **wanted)
        assert str(caught.value) == (
            "lvs.cluster.handover: director_mode: standalone, so that there is nobody to hand the "
            "addresses over to; set it to keepalived, and run lvs.cluster.site"
        )


def test_half_of_the_means_is_none() -> None:
    one_way = {"drill_cable_cut": "cut it"}
    wanted = {"events": ["cable"]}
    plan = drill_plan(hosts(server11=one_way), model(), "client", wanted)
    assert plan["steps"] == []
    assert plan["warning"] == "there is nothing to run: no drill_cable_heal for server11."


def test_without_checks_nothing_notices_a_dead_real_server() -> None:
    unchecked = model(check={"type": "NONE"})
    plan = drill_plan(hosts(), unchecked, "client", {"events": ["service", "real_cable"]})
    assert plan["steps"] == []
    assert plan["not_run"][0] == (
        "not run: service: no service has a check, so nothing would notice"
    )


def test_who_is_expected_to_hold_the_address() -> None:
    cable = step("cable")
    assert (cable["away"]["command"], cable["away"]["where"]) == ("cut it", "localhost")
    assert (cable["back"]["command"], cable["back"]["where"]) == ("heal it", "localhost")
    # the one that is cut off can't be asked
    assert {name: one["held"] for name, one in cable["away"]["expect"].items()} == {
        "server14": [VIP]
    }
    # 0.7 s between checks, three attempts of 0.35 s, 0.1 s between them, and 2 s for the script
    assert cable["away"]["least"] == pytest.approx(0.7 + 3 * 0.35 + 2 * 0.1 + 2)


def test_what_is_killed_comes_back_alone() -> None:
    kill = step("kill_vrrp")
    assert kill["back"] is None
    assert kill["away"]["expect"] == planned()["healthy"]
    assert kill["away"]["least"] == pytest.approx(0.9)  # a takeover after 0.3 to 0.4 s
    assert (kill["away"]["where"], kill["outside"]) == ("server11", False)


def test_a_takeover_after_more_adverts_takes_longer() -> None:
    more = model({**INSTANCE, "down_timer_adverts": 10})
    (kill,) = drill_plan(hosts(), more, "client", {"events": ["kill_vrrp"]})["steps"]
    assert kill["away"]["least"] == pytest.approx(10 * 0.1 + 0.1 + 0.5)


def test_a_handover_has_offsets_and_no_command() -> None:
    moved = step("handover")
    assert moved["away"]["command"] == ""
    assert moved["away"]["offsets"] == {"server11": -5, "server14": 0}  # 254 to 249, below 250
    assert moved["back"]["offsets"] == {"server11": 0, "server14": 0}
    assert moved["away"]["expect"]["server11"]["held"] == []
    assert moved["away"]["expect"]["server11"]["others"] == [VIP]


def test_a_dead_real_server_leaves_the_tables() -> None:
    rule = f"-a -t {VIP}:80 -r 172.25.0.1{{}}:80"
    for name, left in (("service", 0), ("real_cable", 0)):
        expected = step(name)["away"]["expect"]["server11"]
        assert expected["rules"] == [rule.format(3)]
        assert expected["leaving"] == [rule.format(2)]
        assert expected["left"] == left
        assert expected["held"] == [VIP]


def test_rounds() -> None:
    steps = planned(events="stop,cable", rounds="2")["steps"]
    assert [step["away"]["mark"] for step in steps] == ["1 stop", "1 cable", "2 stop", "2 cable"]
    assert steps[3]["back"]["mark"] == "2 cable_back"
    assert steps[3]["back"]["turn"] == ", round 2"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"events": ["stop", "fire"]}, "drill_events[1]: 'fire' is no event; there are stop, kill"),
        ({"events": []}, "drill_events: name at least one of stop"),
        ({"events": 5}, "drill_events: write a list"),
        ({"urls": ""}, "drill_url: name at least one URL, or leave it out"),
        ({"urls": []}, "drill_url: name at least one URL, or leave it out"),
        ({"rounds": 0}, "drill_rounds: 0 is not a number from 1 to 100"),
        ({"rounds": "x"}, "drill_rounds: 'x' is not a number from 1 to 100; give one"),
        ({"rounds": "²"}, "drill_rounds: '²' is not a number from 1 to 100"),
        ({"timeout": "5m"}, "drill_timeout: '5m' is not a number from 1 to 86400; give one"),
        ({"timeout": 0}, "drill_timeout: 0 is not a number from 1 to 86400"),
        ({"timeout": None}, "drill_timeout: None is not a number from 1 to 86400"),
        ({"limits": 3}, "drill_limits: write a dictionary such as {cable: {gap: 0.5"),
        ({"limits": {"kabel": {}}}, "drill_limits.kabel: no such event; there are stop, stop_back"),
        ({"limits": {"kill_back": {}}}, "drill_limits.kill_back: no such event"),
        ({"limits": {"stop": {"gab": 1}}}, "drill_limits.stop.gab: no such figure; there are gap"),
        ({"limits": {"stop": {"gap": "x"}}}, "drill_limits.stop.gap: 'x' is not a number; give"),
        ({"limits": {"stop": {"gap": -1}}}, "drill_limits.stop.gap: -1 is not a number; give one"),
        ({"limits": {"stop": {"gap": "nan"}}}, "drill_limits.stop.gap: 'nan' is not a number"),
        ({"limits": {"stop": 1}}, "drill_limits.stop: write a dictionary"),
    ],
)
def test_wishes_that_make_no_sense(wanted: dict[str, object], words: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        planned(**wanted)
    assert str(raised.value).startswith(f"lvs.cluster.drill_plan: {words}")


def test_a_misspelt_variable_would_be_without_effect() -> None:
    told = hosts(server12={"drill_event": "stop"})
    with pytest.raises(AnsibleFilterError) as raised:
        drill_plan(told, model(), "client")
    assert str(raised.value) == (
        "lvs.cluster.drill_plan: hostvars[server12].drill_event: unknown variable; did you mean "
        "drill_events?"
    )


def test_every_variable_that_the_playbook_describes_is_known() -> None:
    head = (ROOT / "playbooks" / "drill.yml").read_text(encoding="utf-8").split("\n- name:")[0]
    told = dict.fromkeys(re.findall(r"drill_[a-z_]+", head), "x")
    assert len(told) > len(MEANS)
    assert drill_plan(hosts(server12=told), model(), "client")["steps"]


@pytest.mark.parametrize("client", ["", "server12", "server14"])
def test_a_drill_needs_somebody_outside(client: str) -> None:
    with pytest.raises(AnsibleFilterError, match="clients: a drill needs a host outside"):
        drill_plan(hosts(), model(), client)


def test_a_drill_needs_two_directors() -> None:
    with pytest.raises(AnsibleFilterError, match="directors: a drill needs two"):
        drill_plan(hosts(), model(directors=("server11",)), "client")


def test_there_must_be_something_to_ask() -> None:
    secure = model(port=443)
    with pytest.raises(AnsibleFilterError, match="drill_url: there is no plain tcp service"):
        drill_plan(hosts(), secure, "client")
    assert drill_plan(hosts(), secure, "client", {"urls": "http://[::1]/"})["urls"] == [
        "http://[::1]/"
    ]
    with pytest.raises(AnsibleFilterError, match=r"drill_url\[1\]: 'https://192\.0\.2\.1/' is not"):
        drill_plan(hosts(), secure, "client", {"urls": "http://192.0.2.1/ https://192.0.2.1/"})


def test_other_shapes_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"give hostvars, and the model"):
        drill_plan(hosts(), {"no": "model"}, "client")
    with pytest.raises(AnsibleFilterError, match=r"give the model"):
        handover({"no": "model"})


# --- handover --------------------------------------------------------------------------------
THREE = ("server11", "server14", "server15")


def test_all_that_are_above_step_back_and_no_others() -> None:
    three = model(directors=THREE)  # 254, 250, 246
    assert handover(three)["to"] == "server14"
    assert handover(three, "server15")["offsets"] == {
        "server11": -9, "server14": -5, "server15": 0,
    }  # fmt: skip
    assert handover(three, "server14")["offsets"] == {
        "server11": -5, "server14": 0, "server15": 0,
    }  # fmt: skip
    assert handover(three, "server11")["offsets"] == dict.fromkeys(THREE, 0)
    assert handover(three, "server15", back=True)["offsets"] == dict.fromkeys(THREE, 0)


@pytest.mark.parametrize("to", THREE)
def test_after_a_handover_one_holds_everything(to: str) -> None:
    crossed = model(
        {**INSTANCE, "priorities": {"server11": 100, "server14": 50, "server15": 20}},
        {
            "name": "VI_2", "virtual_router_id": 52, "virtual_ipaddress": ["172.25.0.101"],
            "priorities": {"server11": 50, "server14": 254, "server15": 1 + (to == "server15")},
        },
        directors=THREE,
    )  # fmt: skip
    expected = handover(crossed, to)["expect"]
    assert expected[to]["held"] == [VIP, "172.25.0.101"]
    assert all(one["held"] == [] for name, one in expected.items() if name != to)
    home = handover(crossed, back=True)["expect"]
    assert [home[name]["held"] for name in THREE] == [[VIP], ["172.25.0.101"], []]


def test_nobody_steps_below_the_lowest() -> None:
    lowest = model({**INSTANCE, "priorities": {"server11": 2, "server14": 1}})
    with pytest.raises(AnsibleFilterError, match="server14 has priority 1 in VI_1, the lowest"):
        handover(lowest, "server14")
    with pytest.raises(AnsibleFilterError, match="'server12' is no director; there are server11"):
        handover(lowest, "server12")

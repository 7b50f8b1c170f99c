# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules say of marks, groups, sorry servers, and options of a real server's own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.cluster.plugins.filter.findings import findings
from ansible_collections.lvs.cluster.plugins.filter.topology import topology
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.findings.cluster import (
    BACKUP,
    CLIENT,
    FIRST,
    GROUPS,
    MASTER,
    NUMBERS,
    VIP,
    WEB,
    changed,
    counted,
    healthy,
    judged,
    ok,
    rules,
)

SORRY = {"address": "172.25.0.99"}


def table(*lines: str) -> dict[str, Any]:
    """Return what `ipvsadm --save` prints, of both directors."""
    return {"table": ok("\n".join(lines)), "before": ok(""), "after": ok("")}


def both(*lines: str) -> Any:  # noqa: ANN401 - what the commands printed
    return changed((MASTER, table(*lines)), (BACKUP, table(*lines)))


def model(*services: dict[str, Any]) -> dict[str, Any]:
    variables = {
        "lvs_networks": ["172.25.0.0/24"],
        "lvs_vrrp_instances": [
            {"name": "VI_1", "virtual_router_id": 51, "virtual_ipaddress": [VIP]}
        ],
        "lvs_virtual_servers": list(services),
        "lvs_track_files": [{"name": "weight", "file": "/run/weight"}],
    }
    hostvars = {
        name: {**variables, "ansible_host": f"172.25.0.{NUMBERS[name]}"} for name in NUMBERS
    }
    return topology(hostvars, GROUPS)


def of_table(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is said of tables, not of what the client saw."""
    ids = ("service", "real-server", "settings", "weight", "forward", "sorry")
    return [(item["id"], item["text"]) for item in result["findings"] if item["id"].startswith(ids)]


def proven(result: dict[str, Any]) -> list[str]:
    return [item["text"] for item in result["proven"] if item["id"] == "tables"]


def test_marks_and_groups_are_compared_as_the_kernel_has_them() -> None:
    given = model(
        {"fwmark": 5, "addresses": [VIP]},
        {
            "name": "web",
            "group": [{"address": VIP, "port": 80}, {"address": VIP, "port": 443}, {"fwmark": 6}],
            "check": {"connect_port": 80},
        },
    )
    places = ["-f 5", f"-t {VIP}:80", f"-t {VIP}:443", "-f 6"]
    lines = []
    for place, port in zip(places, (0, 80, 443, 0), strict=True):
        lines.append(f"-A {place} -s rr")
        lines += [f"-a {place} -r 172.25.0.{n}:{port} -g -w 1" for n in (12, 13)]
    result = findings(both(*lines), given, CLIENT)
    assert of_table(result) == []
    assert proven(result) == [
        (
            "The IPVS table on server11 and server14 is what the inventory says: 2 virtual "
            "servers, 4 "
            "real servers."
        )
    ]
    assert [note["text"] for note in result["notes"] if note["id"] == "not-asked"] == [
        "fwmark 5 was not asked: only tcp services are.",
        "web (fwmark 6) was not asked: only tcp services are.",
    ]
    without = [line for line in lines if "443" not in line]
    assert of_table(findings(both(*without), given, CLIENT)) == [
        (
            "service-missing",
            (
                f"web ({VIP}:443/tcp) is missing from the IPVS table on server11 and server14: run "
                "site.yml --tags director; if nothing changes, systemctl restart keepalived there."
            ),
        )
    ]


def test_a_mark_of_the_other_family_is_another_service() -> None:
    given = model({"fwmark": 5, "addresses": [VIP]})
    lines = [
        "-A -f 5 -s rr",
        "-a -f 5 -r 172.25.0.12:0 -g -w 1",
        "-a -f 5 -r 172.25.0.13:0 -g -w 1",
    ]
    assert of_table(findings(both(*lines, "-A -f 5 -6 -s rr"), given, CLIENT)) == [
        (
            "service-foreign",
            (
                "fwmark 5 IPv6 is in the IPVS table on server11 and server14, but not in the "
                "inventory: add it to lvs_virtual_servers, or remove it with ipvsadm "
                "--delete-service."
            ),
        )
    ]


def test_a_real_server_that_nobody_answers_for_has_no_port_to_look_at() -> None:
    given = model({"fwmark": 5, "addresses": [VIP], "check": {"type": "PING_CHECK"}})
    lines = ["-A -f 5 -s rr", "-a -f 5 -r 172.25.0.12:0 -g -w 1"]
    assert of_table(findings(both(*lines), given, CLIENT)) == [
        (
            "real-server-missing",
            (
                "server13 (172.25.0.13:0) is missing from fwmark 5 in the IPVS table on "
                "server11 and "
                "server14: keepalived's PING_CHECK gets no answer from it, so see that its service "
                "runs."
            ),
        )
    ]


@pytest.mark.parametrize("inhibit", [False, True])
def test_a_sorry_server_that_serves_is_the_fault_and_the_only_one(*, inhibit: bool) -> None:
    place = f"-t {VIP}:80"
    kept = [f"-a {place} -r 172.25.0.{n}:80 -g -w 0" for n in (12, 13)] if inhibit else []
    lines = [f"-A {place} -s rr", f"-a {place} -r 172.25.0.99:80 -g -w 1", *kept]
    result = judged(both(*lines), sorry_server=SORRY, inhibit_on_failure=inhibit)
    assert of_table(result) == [
        (
            "sorry-server",
            (
                f"172.25.0.99 answers for {WEB} on server11 and server14, being its sorry server, "
                "since real servers of less weight than the quorum of 1 pass their checks: see "
                "that "
                "the service runs on server12 and server13."
            ),
        )
    ]
    assert not result["ok"]


def test_a_sorry_server_that_waits_with_weight_0_is_no_stranger() -> None:
    waiting = f"{rules()['stdout']}\n-a -t {VIP}:80 -r 172.25.0.99:80 -g -w 0"
    result = judged(both(waiting), sorry_server={**SORRY, "inhibit": True})
    assert of_table(result) == []
    assert of_table(judged(both(waiting)))[0][0] == "real-server-foreign"


def test_where_one_director_only_is_sorry_the_other_is_judged() -> None:
    sorry = table(f"-A -t {VIP}:80 -s rr", f"-a -t {VIP}:80 -r 172.25.0.99:80 -g -w 1")
    result = judged(changed((BACKUP, sorry)), sorry_server=SORRY)
    assert [id_ for id_, _text in of_table(result)] == ["sorry-server"]
    assert BACKUP in of_table(result)[0][1]
    assert MASTER not in of_table(result)[0][1]


@pytest.mark.parametrize("where", ["service", "real server"])
def test_a_weight_of_0_is_a_failed_check_where_that_is_how_it_is_shown(where: str) -> None:
    own: dict[str, Any] = {"inhibit_on_failure": True}
    if where == "real server":
        own = {"real_servers": [{"host": FIRST, **own}, {"host": "server13"}]}
    result = judged(both(rules(first=0)["stdout"]), **own)
    assert of_table(result) == [
        (
            "real-server-inhibited",
            (
                f"server12 (172.25.0.12:80) has weight 0 in {WEB} in the IPVS table on "
                "server11 and "
                "server14: keepalived's TCP_CHECK gets no answer from it, so see that its "
                "service runs "
                "and listens on port 80."
            ),
        )
    ]
    told = of_table(judged(both(rules(first=0)["stdout"])))
    assert [id_ for id_, _text in told] == ["weight-differs"]


def test_a_real_server_that_says_no_is_not_inhibited() -> None:
    own = [{"host": FIRST, "inhibit_on_failure": False}, {"host": "server13"}]
    result = judged(both(rules(first=0)["stdout"]), inhibit_on_failure=True, real_servers=own)
    assert [id_ for id_, _text in of_table(result)] == ["weight-differs"]


def test_each_real_server_has_its_forward_method() -> None:
    own = [{"host": FIRST, "lb_kind": "NAT", "port": 8080}, {"host": "server13", "lb_kind": "TUN"}]
    lines = [
        f"-A -t {VIP}:80 -s rr",
        f"-a -t {VIP}:80 -r 172.25.0.12:8080 -m -w 1",
        f"-a -t {VIP}:80 -r 172.25.0.13:80 -i -w 1 --tun-type ipip --tun-nocsum",
    ]
    assert of_table(judged(both(*lines), real_servers=own)) == []
    wrong = lines[2].replace("-i", "-g")
    assert of_table(judged(both(*lines[:2], wrong), real_servers=own)) == [
        (
            "forward-method-differs",
            (
                f"server13 (172.25.0.13:80) has forward method DR in {WEB} on server11 and "
                "server14, "
                "where the inventory says TUN: run site.yml --tags director; if that changes "
                "nothing, "
                "it was set by hand, and ipvsadm --edit-server sets it back."
            ),
        )
    ]


@pytest.mark.parametrize(
    "check",
    [
        {"type": "MISC_CHECK", "misc_path": "/bin/true", "misc_dynamic": True},
        {"type": "FILE_CHECK", "track_file": "weight"},
    ],
)
def test_a_weight_that_a_check_sets_is_not_judged(check: dict[str, Any]) -> None:
    given = model({"address": VIP, "port": 80, "check": check})
    assert of_table(findings(both(rules(first=7)["stdout"]), given, CLIENT)) == []
    assert of_table(judged(both(rules(first=7)["stdout"])))[0][0] == "weight-differs"


def test_thresholds_decide_beside_the_weights() -> None:
    own = [{"host": FIRST, "uthreshold": 5}, {"host": "server13"}]
    observed = changed((MASTER, {"after": counted(6, 23)}))
    result = judged(observed, real_servers=own)
    assert [item["text"] for item in result["notes"]] == [
        (
            "server11 gave its 20 new connections to 172.25.0.100:80/tcp so: server12 1, "
            "server13 19; "
            "with thresholds that is not judged."
        )
    ]
    assert [item["id"] for item in judged(observed)["findings"]] == ["spread-short"]


def test_all_checks_of_a_real_server_are_named() -> None:
    checks = [{"type": "PING_CHECK"}, {"type": "TCP_CHECK"}]
    (found,) = of_table(judged(both(rules(first=None)["stdout"]), checks=checks))
    assert "keepalived's PING_CHECK and TCP_CHECK get no answer from it" in found[1]


def test_a_healthy_cluster_stays_so_with_a_sorry_server() -> None:
    assert judged(healthy(), sorry_server=SORRY)["findings"] == []

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules say: a row for each fault, with its whole sentence."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.findings import findings
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.findings.cluster import (
    BACKUP,
    CLIENT,
    FIRST,
    GONE,
    MASTER,
    SECOND,
    UNREACHABLE,
    VIP,
    WEB,
    Observed,
    addresses,
    answers,
    arping,
    changed,
    counted,
    healthy,
    judged,
    mac,
    model,
    neighbours,
    ok,
    rules,
)

BOTH = f"{MASTER}, {BACKUP}"
NO_RULES = ok("")
JOURNAL = (
    "read journalctl -u keepalived there for the reason, and start it with systemctl start "
    "keepalived."
)
PUTS_IT_BACK = "site.yml --tags director puts it back in the first case."
HOLDS = {"addresses": addresses(BACKUP, eth0=f"{VIP}/24")}
DOES_NOT = {"addresses": addresses(MASTER)}


def texts(result: dict[str, Any], kind: str = "findings") -> list[str]:
    return [finding["text"] for finding in result[kind]]


def test_a_healthy_cluster_is_proven_with_figures() -> None:
    result = judged(healthy())
    assert result["ok"]
    assert result["findings"] == result["notes"] == []
    assert texts(result, "proven") == [
        "keepalived runs on server11 and server14.",
        "172.25.0.100 is held by server11 alone, its MASTER by priority.",
        "server12 and server13 carry the virtual addresses on lo.",
        "ARP for 172.25.0.100, asked by client, is answered by 02:00:ac:19:00:11 (server11) alone.",
        (
            "The IPVS table on server11 and server14 is what the inventory says: 1 virtual "
            "server, 2 real servers."
        ),
        (
            "20 of 20 requests of client to 172.25.0.100:80/tcp were answered; a connection took "
            "4.5 ms, the slowest 9.0 ms."
        ),
        (
            "server11 gave its 20 new connections to 172.25.0.100:80/tcp so: server12 10, "
            "server13 10 (rr, weights 1:1)."
        ),
    ]
    assert result["report"] == [f"proven  {text}" for text in texts(result, "proven")]


# What is changed, then all that is said: id, severity, where, sentence.
FAULTS: dict[str, tuple[Observed, list[tuple[str, str, str, str]]]] = {
    "unreachable director": (
        changed((BACKUP, {"addresses": UNREACHABLE})),
        [
            (
                "unreachable",
                "error",
                BACKUP,
                (
                    "Ansible can't reach server14 (Failed to connect to the host via ssh: No "
                    "route), so nothing is known of it: power it on or put it back on the "
                    "network, and run again."
                ),
            )
        ],
    ),
    "lost on the way": (
        changed((BACKUP, {"after": UNREACHABLE})),
        [
            (
                "unreachable",
                "error",
                BACKUP,
                (
                    "Ansible can't reach server14 (Failed to connect to the host via ssh: No "
                    "route), so nothing is known of it: power it on or put it back on the "
                    "network, and run again."
                ),
            )
        ],
    ),
    "left out by --limit": (
        {name: told for name, told in healthy().items() if name != SECOND},
        [
            (
                "not-looked-at",
                "warning",
                SECOND,
                (
                    "server13 was left out of this run, so nothing is known of it: run again "
                    "without --limit."
                ),
            )
        ],
    ),
    "no ipvsadm": (
        changed(
            (BACKUP, {"table": {"rc": 2, "msg": "No such file or directory: b'ipvsadm'"}}),
        ),
        [
            (
                "unreadable",
                "error",
                BACKUP,
                (
                    "ipvsadm on server14 didn't tell what was asked (No such file or directory: "
                    "b'ipvsadm'): install the package ipvsadm, or let Ansible become root there."
                ),
            )
        ],
    ),
    "no curl": (
        changed((CLIENT, {"requests": {"rc": 2, "msg": "No such file or directory: b'curl'"}})),
        [
            (
                "unreadable",
                "error",
                CLIENT,
                (
                    "curl on client didn't tell what was asked (No such file or directory: "
                    "b'curl'): install the package curl, 7.68 or newer."
                ),
            )
        ],
    ),
    "no arping": (
        changed(
            (CLIENT, {"arping": {"results": [{"rc": 2, "msg": "", "item": {"address": VIP}}]}})
        ),
        [
            (
                "unreadable",
                "error",
                CLIENT,
                (
                    "arping on client didn't tell what was asked (exit status 2): install the "
                    "package iputils-arping (iputils on RedHat), or let Ansible become root there."
                ),
            )
        ],
    ),
    "keepalived stopped": (
        changed((BACKUP, {"keepalived": ok("inactive"), "table": NO_RULES})),
        [
            (
                "keepalived-inactive",
                "error",
                BACKUP,
                f"keepalived is inactive on server14: {JOURNAL}",
            )
        ],
    ),
    "keepalived killed": (
        changed(
            (MASTER, {"keepalived": ok("failed"), "after": counted(5, 4)}),
            (BACKUP, {**HOLDS, "after": counted(15, 14)}),
            (CLIENT, {"arping": arping(mac(MASTER), mac(BACKUP))}),
        ),
        [
            (
                "keepalived-inactive",
                "error",
                MASTER,
                (
                    "keepalived is failed on server11, and 172.25.0.100 has stayed there, though "
                    f"server14 holds it now: {JOURNAL}"
                ),
            )
        ],
    ),
    "two holders": (
        changed((BACKUP, HOLDS)),
        [
            (
                "several-holders",
                "error",
                BOTH,
                (
                    "server11 and server14 hold 172.25.0.100 at the same time, so they don't hear "
                    "each other: let VRRP (IP protocol 112) pass between them, and see that "
                    "virtual_router_id 51 is theirs alone."
                ),
            )
        ],
    ),
    "no holder": (
        changed(
            (MASTER, {**DOES_NOT, "after": counted(5, 4)}),
            (
                CLIENT,
                {"arping": arping(), "neighbours": neighbours(), "requests": answers(0, 20)},
            ),
        ),
        [
            (
                "no-holder",
                "error",
                BOTH,
                (
                    "No director holds 172.25.0.100, so nobody answers for it: read journalctl -u "
                    "keepalived on server11 and server14."
                ),
            ),
            (
                "unanswered",
                "error",
                CLIENT,
                (
                    f"All 20 requests of client to {WEB} had no answer within 3 s, and no "
                    "director's IPVS saw any: see who holds the address, then look for a packet "
                    "filter before IPVS on that director (nft list ruleset, iptables -S)."
                ),
            ),
        ],
    ),
    "failed over": (
        changed(
            (MASTER, {**DOES_NOT, "after": counted(5, 4)}),
            (BACKUP, {**HOLDS, "after": counted(15, 14)}),
            (CLIENT, {"arping": arping(mac(BACKUP)), "neighbours": neighbours(mac(BACKUP))}),
        ),
        [
            (
                "failed-over",
                "warning",
                BACKUP,
                (
                    "172.25.0.100 is held by server14, though server11 comes first with priority "
                    "254: it has failed over, so see what happened on server11 (journalctl -u "
                    "keepalived)."
                ),
            )
        ],
    ),
    "real server leaks ARP": (
        changed((CLIENT, {"arping": arping(mac(FIRST), mac(MASTER))})),
        [
            (
                "arp-leak",
                "error",
                FIRST,
                (
                    "server12 answers ARP for 172.25.0.100 (02:00:ac:19:00:12), so clients reach "
                    "it past the director: run site.yml --tags arp."
                ),
            )
        ],
    ),
    "stranger": (
        changed((CLIENT, {"arping": arping(GONE, mac(MASTER))})),
        [
            (
                "arp-stranger",
                "error",
                GONE,
                (
                    "A stranger answers ARP for 172.25.0.100: 00:00:5e:00:53:99 belongs to no "
                    "host of the inventory; find it in the switch's address table, and take the "
                    "address away from it."
                ),
            )
        ],
    ),
    "the other director answers alone": (
        changed((CLIENT, {"arping": arping(mac(BACKUP))})),
        [
            (
                "arp-not-holder",
                "error",
                BACKUP,
                (
                    "server14 answers ARP for 172.25.0.100 (02:00:ac:19:00:14) without holding it "
                    "there: if the address didn't just move, remove it by hand from server14 (ip "
                    "address show to 172.25.0.100)."
                ),
            ),
            (
                "arp-silent",
                "error",
                MASTER,
                (
                    "server11 holds 172.25.0.100, but doesn't answer client's ARP for it: see "
                    "that its interface is up, and that no filter (arptables, port security of a "
                    "switch or cloud) drops ARP."
                ),
            ),
        ],
    ),
    "stale neighbour": (
        changed((CLIENT, {"neighbours": neighbours(mac(BACKUP))})),
        [
            (
                "neighbour-stale",
                "error",
                CLIENT,
                (
                    "client sends what is for 172.25.0.100 to 02:00:ac:19:00:14 (server14), but "
                    "server11 holds it: find out why that one answers if it still does, then let "
                    "the client forget it with ip neigh flush to 172.25.0.100."
                ),
            )
        ],
    ),
    "no address on lo": (
        changed(
            (FIRST, {"addresses": addresses(FIRST)}),
            (CLIENT, {"requests": answers(10, 10)}),
        ),
        [
            (
                "vip-missing",
                "error",
                FIRST,
                (
                    "server12 doesn't carry 172.25.0.100 on lo, so it drops what the director "
                    "forwards to it: run site.yml --tags vip."
                ),
            ),
            (
                "unanswered",
                "error",
                CLIENT,
                (
                    f"10 of 20 requests of client to {WEB} had no answer within 3 s, though IPVS "
                    "on server11 forwarded them: a real server is silent, so see on each that it "
                    "carries the address on lo, and that its packet filter accepts it."
                ),
            ),
        ],
    ),
    "too wide on lo": (
        changed((SECOND, {"addresses": addresses(SECOND, lo=f"{VIP}/24")})),
        [
            (
                "vip-prefix",
                "error",
                SECOND,
                (
                    "server13 carries 172.25.0.100/24 on lo, and takes that whole subnet for "
                    "itself: run site.yml --tags vip, which makes it /32."
                ),
            )
        ],
    ),
    "on the network of a real server": (
        changed((SECOND, {"addresses": addresses(SECOND, lo=f"{VIP}/32", eth0=f"{VIP}/24")})),
        [
            (
                "vip-on-network",
                "error",
                SECOND,
                (
                    "server13 is a real server, but holds 172.25.0.100 on a network interface: "
                    "remove it there (ip address show to 172.25.0.100), and run site.yml --tags "
                    "realserver."
                ),
            )
        ],
    ),
    "service missing": (
        changed((BACKUP, {"table": NO_RULES})),
        [
            (
                "service-missing",
                "error",
                BACKUP,
                (
                    f"{WEB} is missing from the IPVS table on server14: run site.yml --tags "
                    "director; if nothing changes, systemctl restart keepalived there."
                ),
            )
        ],
    ),
    "real server missing everywhere": (
        changed(
            (
                MASTER,
                {
                    "table": rules(first=None),
                    "before": counted(None, 4),
                    "after": counted(None, 24),
                },
            ),
            (BACKUP, {"table": rules(first=None)}),
        ),
        [
            (
                "real-server-missing",
                "error",
                BOTH,
                (
                    f"server12 (172.25.0.12:80) is missing from {WEB} in the IPVS table on "
                    "server11 and server14: keepalived's TCP_CHECK gets no answer from it, so see "
                    "that its service runs and listens on port 80."
                ),
            )
        ],
    ),
    "real server missing on one": (
        changed((BACKUP, {"table": rules(second=None)})),
        [
            (
                "real-server-missing",
                "error",
                BACKUP,
                (
                    f"server13 (172.25.0.13:80) is missing from {WEB} in the IPVS table on "
                    "server14, but not on server11: it was removed by hand, or keepalived's "
                    f"TCP_CHECK fails from there only; {PUTS_IT_BACK}"
                ),
            )
        ],
    ),
    "real server that nobody knows": (
        changed(
            (
                BACKUP,
                {"table": ok(f"{rules()['stdout']}\n-a -t {VIP}:80 -r 172.25.0.9:80 -g -w 1")},
            )
        ),
        [
            (
                "real-server-foreign",
                "error",
                BACKUP,
                (
                    f"172.25.0.9:80 is a real server of {WEB} on server14, but not in the "
                    "inventory: add it to lvs_virtual_servers, or remove it with ipvsadm "
                    "--delete-server."
                ),
            )
        ],
    ),
    "other weight": (
        changed((BACKUP, {"table": rules(first=5)})),
        [
            (
                "weight-differs",
                "error",
                BACKUP,
                (
                    f"server12 (172.25.0.12:80) has weight 5 in {WEB} on server14, where the "
                    "inventory says 1: run site.yml --tags director; if that changes nothing, it "
                    "was set by hand, and ipvsadm --edit-server sets it back."
                ),
            )
        ],
    ),
    "other method": (
        changed((BACKUP, {"table": ok(rules()["stdout"].replace("13:80 -g", "13:80 -m"))})),
        [
            (
                "forward-method-differs",
                "error",
                BACKUP,
                (
                    f"server13 (172.25.0.13:80) has forward method NAT in {WEB} on server14, where "
                    "the inventory says DR: run site.yml --tags director; if that changes "
                    "nothing, it was set by hand, and ipvsadm --edit-server sets it back."
                ),
            )
        ],
    ),
    "other scheduler": (
        changed((BACKUP, {"table": rules(settings="-s lc")})),
        [
            (
                "settings-differ",
                "error",
                BACKUP,
                (
                    f"{WEB} has lb_algo lc in the IPVS table on server14, where the inventory says "
                    "rr: run site.yml --tags director."
                ),
            )
        ],
    ),
    "other persistence": (
        changed((BACKUP, {"table": rules(settings="-s rr -p 300")})),
        [
            (
                "settings-differ",
                "error",
                BACKUP,
                (
                    f"{WEB} has persistence_timeout 300 in the IPVS table on server14, where the "
                    "inventory says off: run site.yml --tags director."
                ),
            )
        ],
    ),
    "foreign service": (
        changed(
            (
                BACKUP,
                {"table": ok(f"{rules()['stdout']}\n-A -u [fd00::5]:53 -s wrr\n-A -f 7 -s rr")},
            )
        ),
        [
            (
                "service-foreign",
                "warning",
                BACKUP,
                (
                    "fwmark 7 is in the IPVS table on server14, but not in the inventory: add it "
                    "to lvs_virtual_servers, or remove it with ipvsadm --delete-service."
                ),
            ),
            (
                "service-foreign",
                "warning",
                BACKUP,
                (
                    "[fd00::5]:53/udp is in the IPVS table on server14, but not in the inventory: "
                    "add it to lvs_virtual_servers, or remove it with ipvsadm --delete-service."
                ),
            ),
        ],
    ),
    "refused": (
        changed((CLIENT, {"requests": answers(0, 20, waited=0.002)})),
        [
            (
                "unanswered",
                "error",
                CLIENT,
                (
                    f"All 20 requests of client to {WEB} were refused, though IPVS on server11 "
                    "forwarded them: a real server is silent, so see on each that it carries the "
                    "address on lo, and that its packet filter accepts it."
                ),
            )
        ],
    ),
    "lost before IPVS": (
        changed(
            (MASTER, {"after": counted(15, 14, packets=54 + 49)}),
            (CLIENT, {"requests": answers(10, 10)}),
        ),
        [
            (
                "unanswered",
                "error",
                CLIENT,
                (
                    f"10 of 20 requests of client to {WEB} had no answer within 3 s; IPVS on "
                    "server11 saw only 49 packets of them, so some got lost before: see who else "
                    "answers ARP for the address, then look for a packet filter on the director."
                ),
            )
        ],
    ),
    "past the director": (
        changed((MASTER, {"after": counted(15, 14, packets=54 + 79)})),
        [
            (
                "bypassed",
                "error",
                CLIENT,
                (
                    f"20 answers for {WEB} came past the directors, whose IPVS saw 79 packets: "
                    "see to whom client sends it (ip neigh show to 172.25.0.100), and that this "
                    "host is silent in ARP."
                ),
            )
        ],
    ),
    "past the director altogether": (
        changed((MASTER, {"after": counted(5, 4)})),
        [
            (
                "bypassed",
                "error",
                CLIENT,
                (
                    f"20 answers for {WEB} came past the directors, whose IPVS saw 0 packets: see "
                    "to whom client sends it (ip neigh show to 172.25.0.100), and that this host "
                    "is silent in ARP."
                ),
            )
        ],
    ),
    "ports of the client used again": (  # two connections that IPVS knew still
        changed((MASTER, {"after": counted(14, 13, packets=54 + 80)})),
        [],
    ),
    "HTTP errors": (
        changed((CLIENT, {"requests": answers(code=503)})),
        [
            (
                "http-error",
                "warning",
                CLIENT,
                (
                    f"20 of 20 answers for {WEB} were HTTP 503: read the web server's log on the "
                    "real servers."
                ),
            )
        ],
    ),
    "unequal spread": (
        changed((MASTER, {"after": counted(24, 5)})),
        [
            (
                "spread-short",
                "error",
                MASTER,
                (
                    f"server13 got 1 of 20 new connections to {WEB} on server11, where its weight "
                    "of 1 makes at least 10: compare ipvsadm --list --numeric --thresholds there "
                    "with the inventory, and remove what limits it."
                ),
            )
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_where_it_is_and_nothing_else_is(name: str) -> None:
    observed, expected = FAULTS[name]
    result = judged(observed)
    found = [
        (item["id"], item["severity"], item["host"], item["text"]) for item in result["findings"]
    ]
    assert found == expected
    assert result["ok"] == all(severity != "error" for _id, severity, _host, _text in expected)


def test_weight_0_must_get_nothing() -> None:
    observed = changed(
        (MASTER, {"table": rules(second=0), "after": counted(24, 5)}),
        (BACKUP, {"table": rules(second=0)}),
    )
    real_servers = [{"host": FIRST}, {"host": SECOND, "weight": 0}]
    assert texts(judged(observed, real_servers=real_servers)) == [
        (
            f"server13 got 1 new connection to {WEB} on server11 in spite of weight 0: see with "
            "ipvsadm --list --numeric there whether somebody changed it meanwhile."
        )
    ]


def weighted(first: int, second: int) -> dict[str, Any]:
    """Judge a cluster with the weights 3 and 1 where they got so many of 20 connections."""
    table = {"table": rules(3, 1, "-s wrr")}
    return judged(
        changed((MASTER, {**table, "after": counted(5 + first, 4 + second)}), (BACKUP, table)),
        lb_algo="wrr",
        real_servers=[{"host": FIRST, "weight": 3}, {"host": SECOND}],
    )


@pytest.mark.parametrize(
    ("first", "second", "short"),
    [(15, 5, False), (14, 6, True), (16, 4, True), (400, 5, False), (15, 400, False)],
)
def test_spread_by_weight_is_a_lower_bound(first: int, second: int, short: bool) -> None:  # noqa: FBT001 - a table's column
    assert [item["id"] for item in weighted(first, second)["findings"]] == ["spread-short"] * short


def test_other_clients_do_not_disturb() -> None:
    result = judged(changed((MASTER, {"after": counted(1005, 1004)})))
    assert result["findings"] == []


@pytest.mark.parametrize(
    ("settings", "service", "why"),
    [
        ("-s lc", {"lb_algo": "lc"}, "lc"),
        ("-s rr -p 300", {"persistence_timeout": 300}, "persistence"),
    ],
)
def test_other_ways_of_scheduling_are_reached_but_not_judged(
    settings: str, service: dict[str, Any], why: str
) -> None:
    table = {"table": rules(settings=settings)}
    observed = changed((MASTER, {**table, "after": counted(25, 4)}), (BACKUP, table))
    result = judged(observed, **service)
    assert result["findings"] == []
    assert texts(result, "notes") == [
        (
            f"server11 gave its 20 new connections to {WEB} so: server12 20, server13 0; with "
            f"{why} that is not judged."
        )
    ]


def test_too_few_requests_for_the_weights_are_not_judged() -> None:
    table = {"table": rules(1000, 1, "-s wrr")}
    result = judged(
        changed((MASTER, {**table, "after": counted(25, 4)}), (BACKUP, table)),
        lb_algo="wrr",
        real_servers=[{"host": FIRST, "weight": 1000}, {"host": SECOND}],
    )
    assert result["findings"] == []
    assert texts(result, "notes") == [
        (
            f"server11 gave its 20 new connections to {WEB} so: server12 20, server13 0; to judge "
            "that by weight takes 1001 requests, so raise verify_requests."
        )
    ]


def test_a_table_that_changes_meanwhile_is_not_judged() -> None:
    result = judged(changed((MASTER, {"after": counted(None, 24, total=29)})))
    assert result["findings"] == []
    assert not any("gave its" in text for text in texts(result, "proven"))


def test_a_service_that_is_not_asked_is_told() -> None:
    observed = changed((CLIENT, {"requests": {"skipped": True}}))
    assert texts(judged(observed, protocol="udp"), "notes") == [
        "172.25.0.100:80/udp was not asked: only tcp services are."
    ]


def test_without_a_client_the_report_says_what_it_is_worth() -> None:
    observed = {name: told for name, told in healthy().items() if name != CLIENT}
    result = judged(observed, client="")
    assert result["ok"]
    assert texts(result) == [
        (
            "There is no client, so no request went through a virtual address, and this report is "
            "only what the hosts say of themselves: put a host of the segment that is no part of "
            "the cluster into the inventory's group clients."
        )
    ]
    assert len(result["proven"]) == 4


def test_a_client_inside_the_cluster_proves_nothing() -> None:
    observed = {name: told for name, told in healthy().items() if name != CLIENT}
    result = judged(observed, client=FIRST)
    assert not result["ok"]
    assert texts(result) == [
        (
            "The client server12 is part of the cluster, where a request to a virtual address is "
            "answered by the host itself or by nobody, so none was made: put a host outside the "
            "cluster first in the group of clients."
        )
    ]


def test_a_client_elsewhere_can_not_ask_for_arp() -> None:
    result = judged(changed((CLIENT, {"arping": {"results": []}, "neighbours": neighbours()})))
    assert result["findings"] == []
    assert texts(result, "notes") == [
        "Who answers ARP for 172.25.0.100 was not asked: client is not on its segment."
    ]


def test_a_mac_is_nobodys_only_if_everybody_was_asked() -> None:
    known = changed((MASTER, {"addresses": UNREACHABLE}), (CLIENT, {"arping": arping(mac(MASTER))}))
    assert "arp-stranger" not in [item["id"] for item in judged(known)["findings"]]
    observed = changed((SECOND, {"addresses": UNREACHABLE}), (CLIENT, {"arping": arping(GONE)}))
    assert (
        "00:00:5e:00:53:99 answers ARP for 172.25.0.100; whose it is can't be told before "
        "server13 can be looked at."
    ) in texts(judged(observed))


def test_an_unreachable_holder_is_not_called_missing() -> None:
    observed = changed((MASTER, {"addresses": UNREACHABLE}))
    result = judged(observed)
    assert [item["id"] for item in result["findings"]] == ["unreachable"]
    assert texts(result, "notes") == [
        (
            "Who holds 172.25.0.100 is not known: no other director does, and server11 could not "
            "be looked at."
        )
    ]


@pytest.mark.parametrize("observed", [[], {"server11": []}, {"server11": {"table": "text"}}])
def test_what_is_no_result_is_refused(observed: Observed) -> None:
    with pytest.raises(AnsibleFilterError, match="give results of commands by host"):
        findings(observed, model())


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"the model of lvs\.cluster\.topology"):
        findings({}, {"directors": []})

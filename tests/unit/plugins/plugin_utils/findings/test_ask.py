# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client is told to run, and the bound that its requests allow to judge by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import gcd
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.filter.probes import probes
from ansible_collections.lvs.cluster.plugins.plugin_utils._findings import ask, cluster
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.model import (
    VirtualServer,
    to_plain,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.plugin_utils.findings.cluster import (
    CLIENT,
    FIRST,
    SECOND,
    addresses,
    model,
)
from hypothesis import given
from hypothesis import strategies as st

ON_SEGMENT = addresses(CLIENT)["stdout"]
WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any)


def server(lb_algo: str, weights: list[int]) -> VirtualServer:
    real_servers = [
        {"address": f"172.25.0.{number}", "weight": weight}
        for number, weight in enumerate(weights, 20)
    ]
    plain = model(lb_algo=lb_algo, real_servers=real_servers)
    return cluster.topology(plain).virtual_servers[0]


def test_the_model_comes_back_as_it_was() -> None:
    plain = model()
    assert to_plain(cluster.topology(plain)) == plain


def test_commands() -> None:
    found = probes(model(), ON_SEGMENT, timeout=1.5)
    assert found["arping"] == [
        {
            "address": "172.25.0.100",
            "argv": ["arping", "-b", "-c", "2", "-w", "2", "-I", "eth0", "172.25.0.100"],
        }
    ]
    curl = found["curl"]
    assert curl[0] == "curl"
    assert curl[-1] == "http://172.25.0.100:80/?[1-20]"
    assert curl[curl.index("--max-time") + 1] == "1.5"


@pytest.mark.parametrize(
    ("service", "urls"),
    [
        ({"port": 443}, ["https://172.25.0.100:443/?[1-20]"]),
        ({"real_servers": [{"host": FIRST}]}, ["http://172.25.0.100:80/?[1-10]"]),
        (
            {"lb_algo": "wrr", "real_servers": [{"host": FIRST, "weight": 5}, {"host": SECOND}]},
            ["http://172.25.0.100:80/?[1-24]"],
        ),
        ({"protocol": "udp"}, []),
    ],
)
def test_urls(service: dict[str, Any], urls: list[str]) -> None:
    command = probes(model(**service), ON_SEGMENT)["curl"]
    assert [word for word in command if "://" in word] == urls


def test_a_client_off_the_segment_asks_for_no_arp() -> None:
    elsewhere = ON_SEGMENT.replace("172.25.0.1", "192.0.2.1")
    assert probes(model(), elsewhere)["arping"] == []
    assert probes(model(), "")["arping"] == []


@pytest.mark.parametrize("number", [0, -1, "many", 1001])
def test_numbers_out_of_range_are_refused(number: Any) -> None:  # noqa: ANN401 - what users write
    with pytest.raises(
        AnsibleFilterError, match=r"verify_requests.*is not a number from 1 to 1000"
    ):
        probes(model(), ON_SEGMENT, requests=number)
    with pytest.raises(AnsibleFilterError, match="verify_timeout"):
        probes(model(), ON_SEGMENT, timeout=0 if number == 0 else number)


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"give the model of lvs\.cluster\.topology"):
        probes({}, ON_SEGMENT)


@given(lb_algo=st.sampled_from(["rr", "wrr"]), weights=WEIGHTS, each=st.integers(1, 20))
def test_requests_make_whole_rounds(lb_algo: str, weights: list[int], each: int) -> None:
    number = ask.count(server(lb_algo, weights), each)
    a_round = sum(ask.shares(lb_algo, dict(enumerate(weights))).values())
    assert number % a_round == 0
    assert 0 <= number - each * sum(weight > 0 for weight in weights) < a_round


def test_weights_that_take_too_many_requests_do_not_make_them() -> None:
    assert ask.count(server("wrr", [65535, 1]), 10) == 20


def scheduled(lb_algo: str, weights: list[int]) -> Iterator[int]:
    """Choose real servers as ip_vs_rr and ip_vs_wrr of the kernel do."""
    if lb_algo == "rr":
        while True:
            yield from (index for index, weight in enumerate(weights) if weight)
    step, most = gcd(*weights), max(weights)
    while True:
        for current in range(most, 0, -step):
            yield from (index for index, weight in enumerate(weights) if weight >= current)


@given(
    lb_algo=st.sampled_from(["rr", "wrr"]),
    weights=WEIGHTS,
    earlier=st.integers(0, 50),
    ours=st.integers(1, 60),
    others=st.integers(0, 60),
)
def test_shares_of_whole_rounds_are_a_lower_bound(
    lb_algo: str, weights: list[int], earlier: int, ours: int, others: int
) -> None:
    got = list(islice(scheduled(lb_algo, weights), earlier, earlier + ours + others))
    shares = ask.shares(lb_algo, dict(enumerate(weights)))
    rounds = ours // sum(shares.values())
    assert all(got.count(index) >= rounds * share for index, share in shares.items())
    if others == 0 and ours % sum(shares.values()) == 0:
        assert all(got.count(index) == rounds * share for index, share in shares.items())

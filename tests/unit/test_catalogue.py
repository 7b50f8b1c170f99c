# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of bad input: each row has a test, which bears its number, or a reason.

A test bears it in its name (test_b46_...) or in the title of a case ("B46 ...").
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CATALOGUE = {
    1: "an address that is none",
    2: "a virtual address without a prefix length: no fault",
    3: "a virtual address that is a host's own",
    4: "a virtual address on no subnet of a director",
    5: "a virtual address that another host answers for",
    6: "a service on an address that no instance holds",
    7: "a virtual address held twice",
    8: "a service listed twice",
    9: "a real server listed twice",
    10: "a real server that is a virtual address, or a director",
    11: "another port with DR",
    12: "a real server beyond the segment",
    13: "two families in one",
    14: "a real server that is a name nobody knows",
    15: "no real server",
    16: "a real server without a port: no fault",
    17: "a port that is none",
    18: "a forward method that is none",
    20: "a scheduler that is none, or that the kernel lacks",
    21: "a weight that is none, or all of them 0",
    22: "a quorum that is never reached",
    23: "a time that is none",
    24: "persistence that is none",
    25: "a check of pages without a page",
    26: "a program that is missing, or can't be executed",
    27: "a sorry server that is a real server, or has another port",
    28: "a virtual_router_id that is none",
    29: "a virtual_router_id used twice",
    30: "a virtual_router_id of strangers",
    31: "a priority that is none, or another's as well",
    32: "nopreempt, preempt_delay and MASTER together",
    33: "an interval that the version doesn't know",
    34: "a password that would be cut, or that the version doesn't know",
    35: "a key that keepalived doesn't know yet",
    36: "an interface that is missing, or no way out of the host",
    37: "unicast without peers",
    38: "a peer that is oneself, or out of reach",
    39: "the strict mode",
    40: "connections told by an instance or on an interface that is none",
    41: "a misspelt word",
    42: "no director",
    43: "groups and addresses of hosts that contradict each other",
    44: "a value of another type",
    45: "a value that would break out of its line",
    46: "a kernel without IPVS",
    47: "a distribution that nobody has tried",
    48: "a kernel setting that another file undoes",
    49: "a real server that still has connections",
    50: "a run that is limited to some hosts",
    51: "a secret in an output",
    52: "rules of another owner, rules that are none, another writer",
    53: "a user who isn't root",
}
REASONS = {
    19: "two lb_kind in one service are one to YAML, and Ansible warns of the other",
}


def found() -> set[int]:
    """Return the numbers that tests bear."""
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    names = [
        name for text in texts for name in re.findall(r"^def test_((?:b\d+_)+)", text, re.MULTILINE)
    ]
    numbers = [number for name in names for number in re.findall(r"\d+", name)]
    titles = [number for text in texts for number in re.findall(r'^ +"B(\d+) ', text, re.MULTILINE)]
    return {int(number) for number in (*numbers, *titles)}


def test_every_row_has_a_place() -> None:
    assert sorted((*CATALOGUE, *REASONS)) == list(range(1, 54))


@pytest.mark.parametrize("row", CATALOGUE, ids="B{}".format)
def test_the_row_is_tested(row: int) -> None:
    assert row in found()


def test_nothing_else_bears_a_number() -> None:
    assert found() <= set(CATALOGUE)

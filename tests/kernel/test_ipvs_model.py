# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model kernel of the unit tests and the real one are told the same, and agree."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, plan, text
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._netlink import GenericNetlink
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    SCHEDULERS,
    ModelKernel,
)
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.tables import pairs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

MODULES = Path("/usr/lib/uml/modules") / os.uname().release / "kernel/net/netfilter/ipvs"
THERE = [name for name in SCHEDULERS if (MODULES / f"ip_vs_{name}.ko").exists()]
KERNEL_TAKES = settings(
    deadline=None,
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],  # to shrink takes minutes in here
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def ipvs() -> Iterator[GenericNetlink]:
    subprocess.run(["/sbin/modprobe", "ip_vs"], check=True)
    conversation = GenericNetlink(kernel.FAMILY)
    yield conversation
    conversation.close()
    subprocess.run(["ipvsadm", "--clear"], check=True)


def told(ipvs: GenericNetlink, commands: Sequence[plan.Command]) -> list[int]:
    """Give the kernel commands one by one; return the errno of each, 0 where it took it."""
    errnos = []
    for command in commands:
        ((_sent, refusals),) = ipvs.batches([kernel.request(command)])
        errnos.append(refusals[0].errno if refusals else 0)
    return errnos


def saved() -> list[str]:
    """Return what ipvsadm saves, which prints large marks as negative numbers."""
    done = subprocess.run(
        ["ipvsadm", "--save", "--numeric"], check=True, capture_output=True, text=True
    )
    return sorted(
        re.sub(r"-f -(\d+)", lambda found: f"-f {2**32 - int(found[1])}", line)
        for line in done.stdout.splitlines()
    )


def drawn(table: Table) -> list[str]:
    """Return what ipvsadm saves of a table: no thresholds, and of sh and mh no third flag."""
    lines = (re.sub(r"( -[xy] \d+)+$", "", line) for line in text.lines(table))
    return sorted(re.sub(r"(-s [sm]h .*?),?flag-3$", r"\1", line) for line in lines)


@KERNEL_TAKES
@given(pairs(schedulers=THERE))
def test_plans_do_the_same_to_both(ipvs: GenericNetlink, tables: tuple[Table, Table]) -> None:
    first, second = tables
    subprocess.run(["ipvsadm", "--clear"], check=True)
    model = ModelKernel()
    for commands in (plan.plan({}, first), plan.plan(first, second)):
        assert told(ipvs, commands) == [model.take(command) for command in commands]
        assert saved() == drawn(model.table())
        assert kernel.read_table(ipvs) == model.table()
    assert model.table() == second


@KERNEL_TAKES
@given(pairs(schedulers=THERE), st.randoms(use_true_random=False))
def test_what_one_refuses_the_other_refuses(
    ipvs: GenericNetlink, tables: tuple[Table, Table], random: st.DataObject
) -> None:
    """The commands of two plans in any order: missing services, entries that are there already."""
    first, second = tables
    commands = [*plan.plan({}, first), *plan.plan(first, second), *plan.plan(second, {})]
    random.shuffle(commands)  # type: ignore[attr-defined]
    subprocess.run(["ipvsadm", "--clear"], check=True)
    model = ModelKernel()
    assert told(ipvs, commands) == [model.take(command) for command in commands]
    assert saved() == drawn(model.table())

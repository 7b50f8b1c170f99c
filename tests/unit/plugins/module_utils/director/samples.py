# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configurations, and a clock that stands still until a loop waits."""

from __future__ import annotations

import io
import selectors
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._director import config
from ansible_collections.lvs.cluster.plugins.module_utils._director.journal import Journal
from ansible_collections.lvs.cluster.plugins.module_utils._director.keeper import Keeper
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import Config, Figures
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    RealKey,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Plan
from ansible_collections.lvs.cluster.tests.unit.plugins.module_utils.ipvs.model_kernel import (
    ModelKernel,
)

KEY = {"protocol": "tcp", "service_address": "192.0.2.1", "service_port": 80}
SORRY = {"server_address": "192.0.2.19", "server_port": 80, "weight": 1}
WEB = ServiceKey("inet", "tcp", "192.0.2.1", 80)
ONE, TWO = RealKey("192.0.2.11", 80), RealKey("192.0.2.12", 80)
FIGURES = Figures(interval=1.0, retry_interval=0.1, timeout=0.5, fall=3, rise=2)


def given(**more: object) -> dict[str, Any]:
    """Return a configuration as JSON has it: 192.0.2.11 of weight 3, 192.0.2.12 of weight 4."""
    reals = [{"server_address": f"192.0.2.1{number}", "weight": number + 2} for number in (1, 2)]
    check = {
        "type": "tcp",
        "interval": 1.0,
        "retry_interval": 0.1,
        "timeout": 0.5,
        "fall": 3,
        "rise": 2,
    }
    return {
        "services": [{**KEY, "scheduler": "wrr", "real_servers": reals}],
        "checks": [
            {
                "service": KEY,
                "real_servers": [
                    {"server_address": real["server_address"], "name": f"web{number}",
                     "check": dict(check)}
                    for number, real in enumerate(reals, 1)
                ],
                **more,
            }
        ],
    }  # fmt: skip


def made(**more: object) -> Config:
    return config.parse(given(**more))


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class _Selector(selectors.SelectSelector):
    """Waits by letting the clock go on."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._clock.time += timeout or 0.0
        return super().select(0)


class FakeLoop(Loop):
    """A loop in which no time passes for real."""

    def __init__(self) -> None:
        self.clock = Clock()
        super().__init__(self.clock)
        self.selector.close()
        self.selector = _Selector(self.clock)

    def until(self, time: float) -> None:
        """Let it run up to a time."""
        self.at(time, lambda: None)
        while self.clock.time < time:
            self.turn()


class FakeKernel:
    """The model of the kernel's table; *slips* are commands that somebody else is faster with."""

    def __init__(self, table: Table | None = None) -> None:
        self.model = ModelKernel(table)
        self.applied: list[Plan] = []
        self.reads = 0
        self.broken = ""

    def read(self) -> Table:
        self.reads += 1
        if self.broken:
            raise LvsError(self.broken)
        return self.model.table()

    def apply(self, commands: Plan) -> None:
        if self.broken:
            raise LvsError(self.broken)
        self.applied.append(commands)
        refused = [code for code in self.model.take_all(commands) if code]
        if refused:
            raise LvsError(f"refused with {refused}")

    def weights(self) -> dict[str, int | None]:
        reals = self.model.table()[WEB].real_servers
        return {key.address: real.weight for key, real in reals.items()}


class Paper(io.StringIO):
    """What a journal is written on."""

    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()


def journal() -> tuple[Journal, Paper]:
    paper = Paper()
    return Journal(paper), paper


def keeper(kernel: FakeKernel, path: Any) -> Keeper:  # noqa: ANN401 - a folder of pytest's
    return Keeper(kernel, path / "keepalived.conf")

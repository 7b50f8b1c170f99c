# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked, believed and done about it: answers come in, the table follows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.lvs.cluster.plugins.module_utils._director import (
    belief as beliefs,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director import (
    wanted,
    words,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.belief import Belief, Opinion
from ansible_collections.lvs.cluster.plugins.module_utils._director.journal import (
    INFO,
    NOTICE,
    WARNING,
    Journal,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.keeper import Keeper
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CheckedReal,
    CheckedService,
    Config,
    Figures,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.wanted import Entry
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Plan
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import command_line

NOT_ASKED = "it has not answered yet"
_LINES = 20  # about one repair


@dataclass
class Real:
    """A real server under watch; *unable* is why this host cannot ask, by question."""

    entry: Entry
    service: CheckedService
    checked: CheckedReal
    weight: int
    belief: Belief
    asked: int = 0
    failed: int = 0
    changes: int = 0
    unable: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what lines call it."""
        return words.real_words(self.checked, self.entry[0])


class Monitor:
    """Beliefs about all real servers of a configuration, and the table that follows from them.

    `stale` says that the table does not follow yet, `changed` that the beliefs are to be saved.
    """

    def __init__(
        self, keeper: Keeper, journal: Journal, clock: Callable[[], float] = time.time
    ) -> None:
        self.config: Config | None = None
        self.reals: dict[Entry, Real] = {}
        self.stale = False
        self.changed = False
        self._keeper = keeper
        self._journal = journal
        self._clock = clock

    # --- what is watched ---------------------------------------------------------------------
    def adopt(self, config: Config, remembered: Mapping[Entry, Belief]) -> None:
        """Watch what *config* says: with what is believed already, or was, or the table tells."""
        table = self._keeper.table or {}
        before, self.reals = self.reals, {}
        for service in config.services:
            for checked in service.real_servers:
                entry = (service.key, checked.key)
                weight = wanted.declared_weight(config, entry)
                old = before.get(entry)
                found = old.belief if old else remembered.get(entry)
                if found is None:
                    found = self._found(table, service, entry, weight)
                if not checked.through_vip:
                    found = replace(found, through_vip=Opinion(up=True, since=found.own.since))
                self.reals[entry] = Real(entry, service, checked, weight, found)
                if old:
                    self.reals[entry].asked = old.asked
                    self.reals[entry].failed = old.failed
                    self.reals[entry].changes = old.changes
        self.config = config
        self.stale = self.changed = True

    def _found(self, table: Table, service: CheckedService, entry: Entry, weight: int) -> Belief:
        up = wanted.seems_up(table, service, entry, weight)
        return beliefs.initial(up=up, now=self._clock(), reason="" if up else NOT_ASKED)

    # --- what is heard -----------------------------------------------------------------------
    def own(self, real: Real, figures: Figures) -> Callable[[str], bool]:
        """Return what takes the answers of a real server's own address."""

        def judge(reason: str) -> bool:
            real.asked += 1
            real.failed += bool(reason)
            real.unable.pop("own", None)
            before = real.belief
            own = beliefs.heard(before.own, reason, figures, self._clock())
            if own is not before.own:
                self._turned(real, before, replace(before, own=own), figures)
            return own.against > 0

        return judge

    def through_vip(self, real: Real, figures: Figures) -> Callable[[str], bool]:
        """Return what takes the answers to the virtual address, which mean nothing when down."""

        def judge(reason: str) -> bool:
            real.unable.pop("through_vip", None)
            before = real.belief
            if not before.own.up:
                return False
            through = beliefs.heard(before.through_vip, reason, figures, self._clock())
            if through is not before.through_vip:
                self._turned(real, before, replace(before, through_vip=through), figures)
            return through.against > 0

        return judge

    def unable(self, real: Real, question: str) -> Callable[[str], None]:
        """Return what takes why this host cannot ask; the belief stays."""

        def note(reason: str) -> None:
            real.unable[question] = reason

        return note

    def _turned(self, real: Real, before: Belief, after: Belief, figures: Figures) -> None:
        real.belief = after
        if after.up == before.up:
            return
        real.changes += 1
        self.stale = self.changed = True
        now = self._clock()
        if after.up:
            away = max(0.0, now - before.since)
            line = words.came_up(real.service, real.checked, real.weight, away)
            self._journal.say(NOTICE, line)
        else:
            turned = before.own if not after.own.up else before.through_vip
            why = (after.reason, figures.fall, beliefs.streak(turned, now))
            line = words.went_down(real.service, real.checked, real.weight, why)
            self._journal.say(WARNING, line)

    # --- what is done ------------------------------------------------------------------------
    def look(self) -> bool:
        """Read the table, and put right what somebody has changed; return whether it was so."""
        try:
            different = self._keeper.look()
        except LvsError as exc:
            self._keeper.problems = (str(exc),)
            return False
        if different and self.stale:
            self.settle()
        elif different:
            self.repair()
        return different

    def repair(self) -> None:
        """Do to the table what no change of a belief has asked for, and say so."""
        done = self.settle()
        for command in done[:_LINES]:
            line = f"the table was not as it is to be; done: ipvsadm {command_line(command)}"
            self._journal.say(INFO, line)
        if len(done) > _LINES:
            self._journal.say(INFO, f"... and {len(done) - _LINES} more of the kind")

    def settle(self) -> Plan:
        """Bring the table to what is believed; return what was done."""
        self.stale = False
        config = self.config
        if config is None:
            return ()
        down = {entry for entry, real in self.reals.items() if not real.belief.up}
        return self._keeper.settle(lambda table: wanted.draw(table, config, down))

    def problems(self) -> list[str]:
        """Return what keeps it from its work."""
        unable = [
            f"{real.name} cannot be asked: {reason}"
            for real in self.reals.values()
            for reason in real.unable.values()
        ]
        return [*self._keeper.problems, *unable]

    def beliefs(self) -> dict[Entry, Belief]:
        """Return what is to be remembered."""
        self.changed = False
        return {entry: real.belief for entry, real in self.reals.items()}

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round of the monitor, for a timer: every real server is asked once, then all is applied."""

from __future__ import annotations

import signal

from ansible_collections.lvs.cluster.plugins.module_utils._director import report, state
from ansible_collections.lvs.cluster.plugins.module_utils._director.daemon import (
    Paths,
    Signals,
    allow_many_files,
    load,
    remembered,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.journal import Journal
from ansible_collections.lvs.cluster.plugins.module_utils._director.keeper import Keeper
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor
from ansible_collections.lvs.cluster.plugins.module_utils._director.questions import (
    MakesAsker,
    Questions,
)


def run(
    paths: Paths,
    keeper: Keeper,
    journal: Journal,
    makes: MakesAsker | None,
    stale_after: float,
) -> bool:
    """Ask, apply, remember; return whether there was no problem. LvsError if it cannot begin."""
    allow_many_files()
    loop, monitor = Loop(), Monitor(keeper, journal)
    remembered(monitor, load(paths), paths, journal)
    signals = Signals(loop)
    questions = Questions(loop, monitor, makes)
    questions.begin_once()
    while questions.busy and not signals.caught & {signal.SIGTERM, signal.SIGINT}:
        loop.turn()
        if signal.SIGCHLD in signals.caught:
            signals.caught.discard(signal.SIGCHLD)
            questions.child_ended()
    questions.end()
    monitor.settle()
    state.save(paths.state, monitor.beliefs())
    report.write(paths.status, report.document(monitor, keeper.table, (), stale_after))
    journal.standing(monitor.problems())
    return not monitor.problems()

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill: what is done to a cluster, what is awaited after it, and what it has cost.

expect     which addresses and rules each director should have, and what it lacks of them
handover   how far to lower priorities, so that another director takes over
events     the catalogue of events
plan       the steps of one drill
limits     what an event may cost
report     figures in, rows and lines for people out
"""

from __future__ import annotations


class RefusedError(ValueError):
    """One sentence for the user: which variable can't be so, why, and what to write instead."""

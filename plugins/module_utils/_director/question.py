# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to real servers: each is asked once, and answered by a call, or given up by its asker.

The answer "" is a good one, any other is the reason why it is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ansible_collections.lvs.cluster.plugins.module_utils._director.command import Children
from ansible_collections.lvs.cluster.plugins.module_utils._director.loop import Loop
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    Check,
    CommandCheck,
    HttpCheck,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.tcp import TcpQuestion
from ansible_collections.lvs.cluster.plugins.module_utils._director.web import HttpQuestion

Answered = Callable[[str], None]


class Question(Protocol):
    """One question."""

    def start(self) -> None:
        """Ask. OSError: this host is not able to, which says nothing about the real server."""

    def late(self, timeout: float) -> str:
        """Return why it is not good that no answer came within *timeout* s."""

    def close(self) -> None:
        """Give up; nothing is called any more."""


Ask = Callable[[Answered], Question]


def asks(check: Check, loop: Loop, children: Children) -> Ask:
    """Return what makes the question of *check*."""
    if isinstance(check, CommandCheck):
        return lambda answered: children.question(check, answered)
    if isinstance(check, HttpCheck):
        return lambda answered: HttpQuestion(loop.selector, check, answered)
    return lambda answered: TcpQuestion(loop.selector, check, answered)

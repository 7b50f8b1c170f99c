# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the health checks of services and real servers, and what they come to."""

from __future__ import annotations

from . import values
from .directives_checks import CHECKS
from .draft import Backend, Checked, Service
from .model import Check, Options
from .options import read_options
from .profiles import Profile
from .section import Section, opened

NONE = "NONE"
_KEYS = dict.fromkeys(["type", *(word for table in CHECKS.values() for word in table)])


def read_checks(section: Section, default: str) -> tuple[Checked, ...] | None:
    """Read `check` or the list `checks`; None where neither is said, empty where there is none."""
    if "check" in section.values and "checks" in section.values:
        section.refuse("checks", "check is given as well; give one of them")
        return None
    if "checks" in section.values:
        found = [
            _check(item, default)
            for path, value in section.optional_items("checks")
            if (item := opened(section.problems, path, value, _KEYS))
        ]
    elif section.values.get("check") is not None:
        found = [_check(section.section("check", _KEYS), default)]
    else:
        return () if "check" in section.values else None
    return tuple(check for check in found if check.type != NONE)


def _check(section: Section, default: str) -> Checked:
    """Read one check."""
    kind = section.get("type", values.choice("check", *CHECKS, NONE), default)
    table = CHECKS.get(kind, {})
    for word in section.values:
        if word in _KEYS and word not in ("type", *table):
            section.refuse(word, f"{kind} has no {word}; leave it out")
    options = read_options(section, table, {}) if "type" not in section.refused else {}
    return Checked(section.prefix[:-1], kind, options, frozenset(section.values))


def resolved(service: Service, backend: Backend, profile: Profile) -> tuple[Check, ...]:
    """Return the checks of a real server, the profile's figures where nobody said any."""
    checks = service.checks if backend.checks is None else backend.checks
    outside = service.said | backend.said
    return tuple(
        Check(check.type, {**_figures(check, profile, outside), **check.options})
        for check in checks
    )


def _figures(check: Checked, profile: Profile, outside: frozenset[str]) -> Options:
    table = CHECKS[check.type]
    return {
        word: value
        for word, value in profile.figures_of(check.type).items()
        if word in table and word not in check.said | outside
    }

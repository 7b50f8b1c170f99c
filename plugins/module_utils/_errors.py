# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception of the collection's target-side code."""

from __future__ import annotations

import errno
import os


class LvsError(Exception):
    """One sentence for the user: what is wrong, where, and what to do about it."""


def os_error(doing: str, exc: OSError) -> LvsError:
    """Turn *exc* into a sentence which begins with *doing* and ends with the errno in words."""
    if exc.errno is None:
        return LvsError(f"{doing}: {exc}")
    remedy = "; this needs root (become: true)" if exc.errno in (errno.EACCES, errno.EPERM) else ""
    return LvsError(f"{doing}: {os.strerror(exc.errno)}{remedy}")

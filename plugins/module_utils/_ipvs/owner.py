# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a virtual service is: one that keepalived.conf on this host declares is keepalived's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import Plan, touched
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import service_name
from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_owned import (
    CONFIG,
    declared,
    owner_of,
)

STRICT, WARN, IGNORE = "strict", "warn", "ignore"


def config_path(option: str | None) -> Path:
    """Return the file that the option keepalived_conf names; LvsError for a directory."""
    path = Path(option) if option else CONFIG
    if path.is_dir():
        raise LvsError(f"keepalived_conf: {path} is a directory; name the file in it")
    return path


def guard(check: str, path: Path) -> Callable[[Plan], Sequence[str]]:
    """Return what asks for the owners of a plan's services: LvsError if strict, else warnings."""

    def ask(plan: Plan) -> Sequence[str]:
        keys = touched(plan)
        if check == IGNORE or not keys:
            return ()
        owned = declared(path)
        found = [(key, owner_of(key, owned)) for key in keys]
        sentences = [
            f"{service_name(key)} belongs to keepalived, which declares it in {owner.path}, line "
            f"{owner.line}"
            for key, owner in found
            if owner
        ]
        if sentences and check == STRICT:
            raise LvsError(
                f"{sentences[0]}: change it there, let prune ignore it, or set owner_check to "
                "warn or ignore if you know better; nothing was changed"
            )
        return [f"{sentence}, and will undo this at its next change" for sentence in sentences]

    return ask

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitor believes, as a document for programs: status.json."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import CheckedService
from ansible_collections.lvs.cluster.plugins.module_utils._director.monitor import Monitor, Real
from ansible_collections.lvs.cluster.plugins.module_utils._director.words import service_words
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import as_options
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Table

PATH = Path("/run/lvs-director/status.json")

_VERSION = 1


def document(
    monitor: Monitor, table: Table | None, mistakes: Sequence[str], stale_after: float
) -> dict[str, Any]:
    """Return all that is believed; *mistakes* are those of a newer configuration, refused.

    The file's time is the monitor's sign of life: *stale_after* s later it is none any more.
    """
    services = monitor.config.services if monitor.config else ()
    return {
        "version": _VERSION,
        "pid": os.getpid(),
        "stale_after": stale_after,
        "mistakes": list(mistakes),
        "problems": monitor.problems(),
        "services": [_service(service, monitor, table or {}) for service in services],
    }


def _service(service: CheckedService, monitor: Monitor, table: Table) -> dict[str, Any]:
    there = table[service.key].real_servers if service.key in table else {}
    sorry = None
    if service.sorry:
        key, real = service.sorry
        options = as_options.real_server(key, real)
        said = {name: value for name, value in options.items() if value is not None}
        sorry = {**said, "in_use": key in there}
    return {
        "service": as_options.service_key(service.key),
        "name": service_words(service.key),
        "on_failure": "remove" if service.remove else "quiesce",
        "sorry_server": sorry,
        "real_servers": [
            _real(monitor.reals[service.key, checked.key], there.get(checked.key))
            for checked in service.real_servers
        ],
    }


def _real(real: Real, there: Any) -> dict[str, Any]:  # noqa: ANN401 - an entry, or nothing
    return {
        **as_options.real_key(real.entry[1]),
        "name": real.checked.name,
        "up": real.belief.up,
        "since": real.belief.since,
        "reason": real.belief.reason,
        "weight": there.weight if there else None,
        "declared_weight": real.weight,
        "asked": real.asked,
        "failed": real.failed,
        "changes": real.changes,
    }


def write(path: Path, found: dict[str, Any]) -> None:
    """Write the document; LvsError if that fails."""
    _files.replace(path, f"{json.dumps(found)}\n")

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The monitor's beliefs in a file: what it goes on with after it was stopped, or killed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._director.belief import Belief, Opinion
from ansible_collections.lvs.cluster.plugins.module_utils._director.wanted import Entry
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import as_options, options

PATH = Path("/var/lib/lvs.cluster/monitor.json")

_ITEMS = "real_servers"


def save(path: Path, beliefs: Mapping[Entry, Belief]) -> None:
    """Write beliefs; LvsError if that fails."""
    real_servers = [
        {
            "service": as_options.service_key(entry[0]),
            **as_options.real_key(entry[1]),
            "own": asdict(belief.own),
            "through_vip": asdict(belief.through_vip),
        }
        for entry, belief in beliefs.items()
    ]
    text = json.dumps({_ITEMS: real_servers})
    _files.replace(path, f"{text}\n")


def load(path: Path) -> dict[Entry, Belief]:
    """Read beliefs; none without a file, LvsError for one that cannot be used."""
    text = _files.read_text(path)
    if text is None:
        return {}
    try:
        return dict(_belief(item) for item in json.loads(text)[_ITEMS])
    except (ValueError, KeyError, TypeError, AttributeError, LvsError) as exc:
        raise LvsError(
            f"{path} cannot be used ({exc!r}): the table tells what is up; the file is made anew"
        ) from None


def _belief(item: Mapping[str, Any]) -> tuple[Entry, Belief]:
    service = options.service_key(item["service"])
    real = options.real_key(item, service)
    return (service, real), Belief(_opinion(item["own"]), _opinion(item["through_vip"]))


def _opinion(item: Mapping[str, Any]) -> Opinion:
    return Opinion(
        up=bool(item["up"]),
        since=float(item["since"]),
        against=int(item["against"]),
        against_since=float(item["against_since"]),
        reason=str(item["reason"]),
    )

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``lvs-director status`` prints: the monitor's own document, as a table for people."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import endpoint

_HEAD = (
    "SERVICE", "REAL SERVER", "STATE", "SINCE", "WEIGHT",
    "ASKED", "FAILED", "CHANGES", "LAST FAILURE",
)  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """Return the document; LvsError if no monitor runs, or none that gives a sign of life."""
    text = _files.read_text(path)
    if text is None:
        raise LvsError(f"no monitor runs: {path} is not there; start lvs-director-monitor")
    try:
        found: dict[str, Any] = json.loads(text)
        age = time.time() - path.stat().st_mtime
        limit = float(found["stale_after"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise LvsError(f"{path} cannot be read ({exc!r}): restart lvs-director-monitor") from None
    if age > limit:
        raise LvsError(
            f"no monitor runs: {path} is {age:.0f} s old; see 'journalctl -u lvs-director-monitor'"
        )
    return found


def exit_status(found: Mapping[str, Any]) -> int:
    """Return 1 if a real server is down, or the monitor cannot do its work, else 0."""
    down = [real for service in found["services"] for real in service["real_servers"]]
    wrong = found["mistakes"] or found["problems"] or not all(real["up"] for real in down)
    return 1 if wrong else 0


def render(found: Mapping[str, Any], now: float) -> str:
    """Draw the document at a time."""
    rows: list[Sequence[str]] = [_HEAD]
    for service in found["services"]:
        rows += [_row(service["name"], real, now) for real in service["real_servers"]]
        sorry = service["sorry_server"]
        if sorry:
            rows.append(_sorry(service["name"], sorry))
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows
    ]
    lines += [f"refused configuration: {mistake}" for mistake in found["mistakes"]]
    lines += [f"problem: {problem}" for problem in found["problems"]]
    return "".join(f"{line}\n" for line in lines)


def _row(service: str, real: Mapping[str, Any], now: float) -> Sequence[str]:
    address = endpoint(real["server_address"], real["server_port"])
    weight = "-" if real["weight"] is None else str(real["weight"])
    if real["weight"] != real["declared_weight"]:
        weight += f" of {real['declared_weight']}"
    return (
        service,
        f"{real['name']} {address}" if real["name"] else address,
        "up" if real["up"] else "DOWN",
        _span(now - real["since"]),
        weight,
        *(str(real[name]) for name in ("asked", "failed", "changes")),
        real["reason"],
    )


def _sorry(service: str, sorry: Mapping[str, Any]) -> Sequence[str]:
    state = "in use" if sorry["in_use"] else "spare"
    address = endpoint(sorry["server_address"], sorry["server_port"])
    return (service, f"sorry server {address}", state, "", str(sorry["weight"]), "", "", "", "")


def _span(seconds: float) -> str:
    """Return a time in the two greatest of its units: 3d 4h."""
    left = max(0, int(seconds))
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (left, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts = parts[1:]
    return " ".join(f"{number}{unit}" for number, unit in parts[:2])

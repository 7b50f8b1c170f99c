# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that asks all the time: a new connection every INTERVAL seconds until told to stop.

Run inside the client's namespace: probe.py URL. Ends when its standard input does, and then prints
one JSON list of [seconds from the start to the end of the request, answer or null], by asking.
"""

from __future__ import annotations

import json
import selectors
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

INTERVAL = 0.05  # s between two requests
LIMIT = 1.0  # s, a request without an answer by then has failed


def ask(url: str, started: float) -> tuple[float, str | None]:
    """Return when the request ended, and the page's text or None where none came in time."""
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as answer:  # noqa: S310 - the lab's own URL
            page = str(answer.read().decode().strip())
    except (urllib.error.URLError, OSError):
        return time.monotonic() - started, None
    return time.monotonic() - started, page


def main() -> None:
    """Ask until standard input ends."""
    url = sys.argv[1]
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    started = time.monotonic()
    # side by side: one that waits for its limit must not keep the next from being asked
    with ThreadPoolExecutor(max_workers=64) as asking:
        asked = []
        while not waiting.select(INTERVAL):
            asked.append(asking.submit(ask, url, started))
    json.dump([request.result() for request in asked], sys.stdout)


if __name__ == "__main__":
    main()

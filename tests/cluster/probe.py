# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that asks all the time: a new connection every INTERVAL seconds until told to stop.

Run inside the client's namespace: probe.py URL. Ends when its standard input does, and then prints
one JSON list of [seconds since the start, answer or null] in the order of asking.
"""

from __future__ import annotations

import json
import selectors
import sys
import time
import urllib.error
import urllib.request

INTERVAL = 0.05  # s between two requests
LIMIT = 1.0  # s, a request without an answer by then has failed


def ask(url: str) -> str | None:
    """Return the page's text, or None where no answer came in time."""
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as answer:  # noqa: S310 - the lab's own URL
            return str(answer.read().decode().strip())
    except (urllib.error.URLError, OSError):
        return None


def main() -> None:
    """Ask until standard input ends."""
    url = sys.argv[1]
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    started = time.monotonic()
    answers: list[tuple[float, str | None]] = []
    while not waiting.select(INTERVAL):
        asked = time.monotonic() - started
        answers.append((round(asked, 3), ask(url)))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees while it takes long: one line per step, with its seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT = 10.0  # seconds between two signs of life of one step, where no terminal shows a clock


def say(text: str) -> None:
    """Print one line to standard error at once; standard output belongs to commands' results."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show that TEXT is under way, for how long, and how it ended."""
    started = time.monotonic()
    done = threading.Event()
    live = sys.stderr.isatty()

    def tick() -> None:
        while not done.wait(0.5 if live else HEARTBEAT):
            seconds = time.monotonic() - started
            if live:
                print(f"\r   ... {text} {seconds:4.0f} s", end="", file=sys.stderr, flush=True)
            else:
                say(f"   ... {text} {seconds:.0f} s")

    if not live:
        say(f"   ... {text}")
    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    outcome = "failed"
    try:
        yield
        outcome = "ok"
    finally:
        done.set()
        clock.join()
        seconds = time.monotonic() - started
        clear = "\r" if live else ""
        say(f"{clear}{outcome:>6} {text} ({seconds:.1f} s)")

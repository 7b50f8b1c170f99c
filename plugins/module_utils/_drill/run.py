# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the probe, steered through a folder: marks are lines in it, a file ends the run."""

from __future__ import annotations

import json
import resource
import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._address import canonical
from ansible_collections.lvs.cluster.plugins.module_utils._command import (
    Runner,
    find_program,
    run,
)
from ansible_collections.lvs.cluster.plugins.module_utils._drill.asking import (
    LastingConnections,
    NewConnections,
)
from ansible_collections.lvs.cluster.plugins.module_utils._drill.figures import figures
from ansible_collections.lvs.cluster.plugins.module_utils._drill.model import (
    Mark,
    Samples,
    Stall,
    Target,
)
from ansible_collections.lvs.cluster.plugins.module_utils._drill.watch import Segment, Watch
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError, os_error

_STALL = 0.05  # s by which a turn may be late before it is worth a word
_HTTP = 80


@dataclass(frozen=True)
class Request:
    """What to ask, how often (s), on how many lasting connections, and when to give up (s)."""

    urls: tuple[str, ...]
    interval: float
    connections: int
    patience: float


class Folder:
    """What a probe and those who steer it share."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._marks = self._path / "marks"
        self._stop = self._path / "stop"

    def open(self) -> None:
        """Say that a probe runs; from now on marks are taken."""
        if self._marks.exists():
            raise LvsError(f"folder: a probe has run in {self._path} already; give a new folder")
        try:
            self._marks.write_text("", encoding="ascii")
        except OSError as exc:
            raise os_error(f"folder: cannot write {self._marks}", exc) from exc

    def mark(self, name: str) -> None:
        """Add a mark with the time of now."""
        if not self._marks.exists():
            raise LvsError(f"folder: no probe runs in {self._path}: start one first")
        with self._marks.open("a", encoding="ascii") as stream:
            stream.write(json.dumps([name, time.monotonic()]) + "\n")

    def stop(self) -> bool:
        """Ask the probe to end; return whether it had not been asked before."""
        if not self._path.is_dir() or self._stop.exists():
            return False
        _files.replace(self._stop, "")
        return True

    def marks(self) -> list[Mark]:
        """Return all marks."""
        lines = (_files.read_text(self._marks) or "").splitlines()
        return [Mark(str(name), float(when)) for name, when in map(json.loads, lines)]

    def stopped(self) -> bool:
        """Whether the probe is to end."""
        return self._stop.exists() or not self._marks.exists()

    def size(self) -> int:
        """Return a number that every mark changes."""
        try:
            return self._marks.stat().st_size
        except OSError:
            return 0


def probe(request: Request, folder: Folder, runner: Runner) -> dict[str, Any]:
    """Ask until told to stop; return the figures for each mark, and whether nobody stopped it."""
    targets = tuple(parse(url, f"urls[{place}]") for place, url in enumerate(request.urls))
    if not targets:
        raise LvsError("urls: name at least one")
    places = segments(targets, runner)
    _allow_many_files()
    samples = Samples()
    loop = _Loop(request, targets, places, samples)
    folder.open()
    forgotten = loop.run(folder)
    watched = [address for place in places for address in place.addresses]
    return {
        "figures": figures(samples, folder.marks(), loop.ended, watched),
        "forgotten": forgotten,
    }


def parse(url: str, path: str) -> Target:
    """Read an http URL whose host is an address; *path* is the option named in the error."""
    try:
        parts = urlsplit(url)
        address = canonical(parts.hostname or "")
        port = _HTTP if parts.port is None else parts.port
    except ValueError:
        address, port = "", 0
        parts = urlsplit("")
    if parts.scheme != "http" or not address or not port:
        raise LvsError(f"{path}: '{url}' is not http://ADDRESS[:PORT]/PATH with an IP address")
    query = f"?{parts.query}" if parts.query else ""
    return Target(url, address, port, parts.netloc, f"{parts.path or '/'}{query}")


def segments(targets: Sequence[Target], runner: Runner) -> tuple[Segment, ...]:
    """Return where to watch the targets' IPv4 addresses; IPv6 ones are asked, not watched."""
    ip = find_program("ip", "iproute2")
    found: dict[str, list[str]] = {}
    for address in dict.fromkeys(target.address for target in targets):
        route = json.loads(run(runner, (ip, "-json", "route", "get", address)))[0]
        if route.get("type") == "local":
            raise LvsError(
                f"urls: {address} is an address of this host; ask from one outside the cluster"
            )
        if "gateway" in route:
            raise LvsError(
                f"urls: {address} is behind the router {route['gateway']}; ask from a host on the "
                "segment of the address, or who holds it can't be seen"
            )
        if ":" not in address:
            found.setdefault(route["dev"], []).append(address)
    return tuple(Segment(dev, tuple(addresses)) for dev, addresses in found.items())


def _allow_many_files() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _Loop:
    """One process, one thread: a turn every interval, and whatever comes in between."""

    def __init__(
        self,
        request: Request,
        targets: Sequence[Target],
        places: Sequence[Segment],
        samples: Samples,
    ) -> None:
        self.ended = 0.0
        self._request = request
        self._samples = samples
        self._selector = selectors.DefaultSelector()
        self._clock: Callable[[], float] = time.monotonic
        common = (self._selector, targets, samples, self._clock)
        self._new = NewConnections(*common)
        self._lasting = LastingConnections(*common, number=request.connections)
        self._watches = [Watch(self._selector, place, samples, self._clock) for place in places]

    def run(self, folder: Folder) -> bool:
        """Go on until told to stop; True: nobody said anything for too long."""
        size, heard, due = 0, self._clock(), self._clock()
        while not folder.stopped():
            now = self._clock()
            if folder.size() != size:
                size, heard = folder.size(), now
                self._lasting.renew(now)
            if now - heard > self._request.patience:
                break
            if now - due > _STALL:
                self._samples.stalls.append(Stall(due, now - due))
            self._turn(now)
            due = max(due + self._request.interval, now)
            self._wait(due)
        forgotten = not folder.stopped()
        self._finish()
        return forgotten

    def _turn(self, now: float) -> None:
        self._new.expire(now)
        self._new.start(now)
        self._lasting.turn(now)
        for watch in self._watches:
            watch.turn(now)

    def _wait(self, until: float) -> None:
        while True:
            left = until - self._clock()
            for key, _events in self._selector.select(max(left, 0)):
                key.data()
            if left <= 0:
                return

    def _finish(self) -> None:
        self.ended = self._clock()
        while self._new.busy:  # each is owed its three seconds
            self._wait(self._clock() + self._request.interval)
            self._new.expire(self._clock())
        self._lasting.end()
        for watch in self._watches:
            watch.end()
        self._selector.close()

# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The segment: one network namespace with a bridge and one tap per machine.

Nothing of it is visible in the host's own network. The namespace is the client as well: the
bridge carries the client's address.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from .errors import LabError
from .host import run
from .nodes import CLIENT_ADDRESS, CLIENT_ADDRESS6, PREFIX_LEN, PREFIX_LEN6, Node
from .paths import BRIDGE, NAMESPACE

INSIDE = ("ip", "netns", "exec", NAMESPACE)
_IP = ("ip", "-n", NAMESPACE)


def exists() -> bool:
    """Tell whether the lab's namespace is there."""
    output = run(["ip", "-j", "netns", "list"]).strip()
    return any(entry.get("name") == NAMESPACE for entry in json.loads(output or "[]"))


def _is_usable() -> bool:
    """Tell whether the namespace opens: one whose making was cut short is a name and no more."""
    try:
        run([*_IP, "link", "show"])
    except LabError:
        return False
    return True


def _links() -> dict[str, dict[str, Any]]:
    """Map the name of each link of the namespace to what ip tells about it."""
    return {entry["ifname"]: entry for entry in json.loads(run([*_IP, "-j", "link", "show"]))}


def ensure(nodes: Iterable[Node]) -> None:
    """Bring namespace, bridge and taps to their wanted state, whatever a cut-short run left."""
    if exists() and not _is_usable():
        remove()
    if not exists():
        run(["ip", "netns", "add", NAMESPACE])
    links = _links()
    run([*_IP, "link", "set", "lo", "up"])
    if BRIDGE not in links:
        # IGMP snooping would hold back VRRP's multicast until a querier is heard: there is none
        run(
            [*_IP, "link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "mcast_snooping", "0"]
        )
    if "UP" not in links.get(BRIDGE, {}).get("flags", ()):
        _set_up_bridge()
    for node in nodes:
        if node.tap not in links:
            run([*_IP, "tuntap", "add", "dev", node.tap, "mode", "tap"])
        if "master" not in links.get(node.tap, {}):
            run([*_IP, "link", "set", node.tap, "master", BRIDGE, "up"])


def _set_up_bridge() -> None:
    # duplicate address detection would hold the client's IPv6 address back for a second
    run([*INSIDE, "sh", "-c", f"echo 0 >/proc/sys/net/ipv6/conf/{BRIDGE}/accept_dad"])
    # user-mode machines drop segments larger than the MTU: the bridge must not build them
    run([*INSIDE, "ethtool", "-K", BRIDGE, "tso", "off", "gso", "off", "gro", "off"])
    for address in (f"{CLIENT_ADDRESS}/{PREFIX_LEN}", f"{CLIENT_ADDRESS6}/{PREFIX_LEN6}"):
        run([*_IP, "address", "replace", address, "dev", BRIDGE])
    run([*_IP, "link", "set", BRIDGE, "up"])


def linked() -> set[str]:
    """Name the taps that are switched on: their machine is on the segment, not cut."""
    return {name for name, link in _links().items() if "UP" in link["flags"]}


def set_link(node: Node, *, up: bool) -> None:
    """Pull NODE's cable, or put it back."""
    if not exists() or node.tap not in _links():
        raise LabError(
            f"{node.name} is not on the segment; bring it up with: lvs-lab up {node.name}"
        )
    run([*_IP, "link", "set", node.tap, "up" if up else "down"])


def processes() -> list[int]:
    """List the processes inside the namespace: the machines', and what a client left there."""
    return [int(pid) for pid in run(["ip", "netns", "pids", NAMESPACE]).split()]


def remove() -> None:
    """End every process of the namespace and take it away, its links with it."""
    if not exists():
        return
    deadline = time.monotonic() + 10
    while _is_usable() and (left := processes()):
        if time.monotonic() > deadline:
            raise LabError(f"processes {left} do not leave {NAMESPACE}; end them and try again")
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    run(["ip", "netns", "delete", NAMESPACE])

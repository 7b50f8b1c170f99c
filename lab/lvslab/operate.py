# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changes the lab, one change at a time: up, down, clean, kill, start, cut and heal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from . import engines, host, image, kernel, lock, machines, network, reach, state
from .errors import LabError
from .nodes import Node
from .paths import CACHE, DISKS, IMAGES, LOCK, RUN, RUN_ROOT
from .progress import say
from .state import Lab


@contextmanager
def _exclusive(action: str) -> Iterator[None]:
    host.require_root(action)
    with lock.held(LOCK):
        yield


def recorded() -> Lab:
    """Return the lab that was brought up, or say that there is none."""
    lab = state.load()
    if lab is None or not network.exists():
        raise LabError("the lab is down; bring it up with: lvs-lab up")
    return lab


def up(nodes: Sequence[Node], engine: str) -> None:
    """Bring NODES up on ENGINE (`auto`: what runs, else the best) until root can log in to them."""
    with _exclusive("up"):
        lab = _continued(engine) or _new(engine)
        network.ensure(nodes)
        reach.write_files(lab.base)
        for node in nodes:
            if lab.runs(node):
                say(f"    ok {node.name} runs already")
        machines.bring_up(lab, nodes)


def _continued(engine: str) -> Lab | None:
    """Return the lab that runs, if one does: its engine and its image stay what they are."""
    lab = state.load()
    if lab is None or not lab.running:
        return None
    if engine not in ("auto", lab.engine):
        raise LabError(f"the lab runs on {lab.engine}; end it first with: lvs-lab down")
    _require(lab.engine)
    return lab


def _new(engine: str) -> Lab:
    """Return a lab of which nothing runs; machines that are merely off keep their disks."""
    lab = state.load()
    engine = lab.engine if lab and engine == "auto" else engines.choose(engine)
    _require(engine)
    wanted = Lab(engine, str(image.ensure(engine).folder))
    if lab is not None and (lab.engine, lab.image) == (wanted.engine, wanted.image):
        return lab
    _clear()
    state.save(wanted)
    return wanted


def _require(engine: str) -> None:
    host.require_commands(host.commands(engine))
    host.require_tun()
    host.require_plain(CACHE)


def down() -> None:
    """End all machines; remove namespace, disks, records and what cut-short runs left."""
    with _exclusive("down"):
        _down()
        LOCK.unlink()
    _remove_if_empty(RUN_ROOT)
    say("    ok the lab is down")


def _down() -> None:
    host.require_commands(("ip",))
    _clear()
    kernel.sweep()
    image.forget_half_made()


def _clear() -> None:
    """Take away whatever an earlier run left: connections, machines, namespace, records, disks."""
    reach.close_masters()
    machines.stop_all()
    network.remove()
    for folder in (RUN, DISKS):
        if folder.exists():
            shutil.rmtree(folder)


def clean() -> None:
    """Be down and forget images and all: nothing of the lab is left on the host."""
    with _exclusive("clean"):
        _down()
        if image.is_used(CACHE):
            raise LabError(f"another lab runs on the images in {IMAGES}; end that one first")
        # by name: the folder may be the user's own
        for entry in (IMAGES, DISKS.parent, *CACHE.glob("kvm-*"), *CACHE.glob("xstate-*")):
            _remove(entry)
        LOCK.unlink()
    _remove_if_empty(RUN_ROOT)
    _remove_if_empty(CACHE)
    say(f"    ok the lab and {CACHE} are gone")


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # something else is in there, or it never was
        folder.rmdir()


def kill(node: Node) -> None:
    """Power NODE off at once; a machine that is off stays off."""
    with _exclusive("kill"):
        process = recorded().machines.get(node.name)
        if process is not None:
            machines.power_off(process)
        reach.close_masters(node)


def start(node: Node) -> None:
    """Power NODE on with the disk it had, and wait until root can log in."""
    with _exclusive("start"):
        lab = recorded()
        _require(lab.engine)
        network.ensure([node])
        if not lab.runs(node):
            reach.close_masters(node)
        machines.bring_up(lab, [node])


def set_link(node: Node, *, up: bool) -> None:
    """Put NODE's cable back, or pull it."""
    with _exclusive("heal" if up else "cut"):
        recorded()
        network.set_link(node, up=up)

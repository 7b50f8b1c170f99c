# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a machine is started: command lines of User-Mode Linux and QEMU, and which of them to use."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from . import host, kvm
from .image import Image
from .nodes import CLIENT_ADDRESS, NODES, PREFIX_LEN, PREFIX_LEN6, Node
from .paths import CACHE, DISKS, LAB, RUN

BOOT_PATIENCE = {"uml": 240.0, "qemu": 600.0}  # s until ssh answers, on a slow and busy host
MEMORY = {"uml": 384, "qemu": 512}  # MiB per machine


def choose(wanted: str) -> str:
    """Turn `auto` into an engine: QEMU where KVM really runs a guest, else User-Mode Linux."""
    if wanted != "auto":
        return wanted
    has_qemu = all(shutil.which(command) for command in host.ENGINES["qemu"])
    return "qemu" if has_qemu and kvm.works() else "uml"


def require_memory(engine: str, count: int) -> None:
    """Refuse where COUNT machines' memory has no place."""
    if engine == "uml":
        host.require_shared_memory(count * MEMORY["uml"] * 1024**2)


def disk(engine: str, node: Node) -> Path:
    """Return NODE's own disk: what it wrote since it was made."""
    return DISKS / f"{node.name}.{'cow' if engine == 'uml' else 'qcow2'}"


def machine(engine: str, base: Image, node: Node) -> tuple[str, ...]:
    """Return the command that is NODE on ENGINE; its disk is a copy-on-write file over BASE's."""
    return _uml_machine(base, node) if engine == "uml" else _qemu_machine(base, node)


def _identity(node: Node) -> tuple[str, ...]:
    return (
        f"lab.name={node.name}",
        f"lab.address={node.address}/{PREFIX_LEN}",
        f"lab.address6={node.address6}/{PREFIX_LEN6}",
        f"lab.gateway={CLIENT_ADDRESS}",
    )


def uml_command(turn: int) -> tuple[str, ...]:
    """Return what runs a user-mode kernel: linux.uml on one processor, TURN's of those there are.

    It has one processor only, but is many processes that wait for each other; were they not on the
    same one, each system call and page fault would wake another processor, at several times its
    cost. A library gives it what newer processors need.
    """
    source = LAB / "uml" / "xstate.c"
    wrapper = CACHE / f"xstate-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}.so"
    if not wrapper.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = wrapper.with_suffix(f".{os.getpid()}")
        host.run(["tcc", "-shared", "-o", str(partial), str(source)])
        partial.replace(wrapper)
    processors = sorted(os.sched_getaffinity(0))
    processor = processors[turn % len(processors)]
    return ("taskset", "--cpu-list", str(processor), "env", f"LD_PRELOAD={wrapper}", "linux.uml")


def _uml_machine(base: Image, node: Node) -> tuple[str, ...]:
    # eth0=tuntap and not the newer vec0, which spins at 100 % of a processor while its tap is down
    return (
        *uml_command(NODES.index(node)),
        f"mem={MEMORY['uml']}M",
        f"uml_dir={RUN}/uml",
        f"umid={node.name}",
        f"ubd0={disk('uml', node)},{base.disk}",
        "root=/dev/ubda",
        "rw",
        f"eth0=tuntap,{node.tap},{node.mac}",
        "con=null",
        "con0=null,fd:1",
        *_identity(node),
    )


def _qemu_machine(base: Image, node: Node) -> tuple[str, ...]:
    overlay = disk("qemu", node)
    if not overlay.exists():
        host.run(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base.disk), "-F", "raw",
             str(overlay)]
        )  # fmt: skip
    append = ("root=/dev/vda", "rw", "console=ttyS0", "net.ifnames=0", *_identity(node))
    return (
        *kvm.command("kvm" if kvm.works() else "tcg,thread=multi", MEMORY["qemu"]),
        "-name", node.name,
        "-serial", "stdio",
        "-kernel", str(base.kernel), "-initrd", str(base.initrd), "-append", " ".join(append),
        "-drive", f"file={overlay},if=virtio,format=qcow2,cache=unsafe",
        "-netdev", f"tap,id=segment,ifname={node.tap},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=segment,mac={node.mac}",
        "-device", "virtio-rng-pci",
    )  # fmt: skip

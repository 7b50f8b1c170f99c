# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a machine is started: command lines of User-Mode Linux and QEMU, and which of them to use."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import host, image
from .errors import LabError
from .image import Image
from .nodes import CLIENT_ADDRESS, PREFIX_LEN, PREFIX_LEN6, Node
from .paths import CACHE, DISKS, LAB, RUN
from .progress import step

KVM = Path("/dev/kvm")
KVM_VERDICT = CACHE / "kvm-usable"
KVM_PATIENCE = 8.0  # s; a guest that works prints its first line in well under one
BOOT_PATIENCE = {"uml": 240.0, "qemu": 600.0}  # s until ssh answers, on a slow and busy host
MEMORY = {"uml": 384, "qemu": 512}  # MiB per machine


@dataclass(frozen=True)
class Start:
    """What starts a machine: commands to prepare its disk, then the command that is the machine."""

    prepare: tuple[tuple[str, ...], ...]
    argv: tuple[str, ...]


def choose(wanted: str) -> str:
    """Turn `auto` into an engine: QEMU where KVM really runs a guest, else User-Mode Linux."""
    if wanted != "auto":
        return wanted
    has_qemu = all(shutil.which(command) for command in host.ENGINES["qemu"])
    return "qemu" if has_qemu and os.access(KVM, os.R_OK | os.W_OK) and kvm_works() else "uml"


def kvm_works() -> bool:
    """Tell whether a guest kernel prints its banner under KVM; asked once, then remembered.

    A /dev/kvm that opens proves nothing: where the processor's help is only pretended to, a guest
    hangs before its first line.
    """
    if not KVM_VERDICT.exists():
        KVM_VERDICT.parent.mkdir(parents=True, exist_ok=True)
        with step("does KVM run a guest here? (asked once)"):
            KVM_VERDICT.write_text("yes\n" if _guest_speaks() else "no\n")
    return KVM_VERDICT.read_text().strip() == "yes"


def _guest_speaks() -> bool:
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        kernel = _some_kernel(Path(scratch))
        if kernel is None:
            return False
        console = Path(scratch) / "console"
        machine = subprocess.Popen(
            [*_qemu("kvm", 256), "-serial", f"file:{console}", "-no-reboot",
             "-kernel", str(kernel), "-append", "console=ttyS0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + KVM_PATIENCE
            while time.monotonic() < deadline and machine.poll() is None:
                if console.exists() and b"Linux version" in console.read_bytes():
                    return True
                time.sleep(0.1)
            return False
        finally:
            machine.kill()
            machine.wait()


def _some_kernel(scratch: Path) -> Path | None:
    """Find a PC kernel: the host's own, or Debian's, fetched and unpacked; None without either."""
    for kernel in sorted(Path("/boot").glob("vmlinuz-*")):
        return kernel
    try:
        depends = host.run(["apt-cache", "depends", "--important", image.QEMU_INSTALLED[0]])
        package = next(word for word in depends.split() if word.startswith("linux-image-6"))
        subprocess.run(
            ["apt-get", "download", "-qq", package], cwd=scratch, check=True, capture_output=True
        )
        host.run(["dpkg-deb", "-x", str(next(scratch.glob("*.deb"))), str(scratch / "deb")])
        return next((scratch / "deb/boot").glob("vmlinuz-*"))
    except (LabError, StopIteration, OSError, subprocess.CalledProcessError):
        return None


def machine(engine: str, base: Image, node: Node) -> Start:
    """Say how to start NODE on ENGINE from BASE; its disk is a copy-on-write file."""
    return _uml_machine(base, node) if engine == "uml" else _qemu_machine(base, node)


def disk(engine: str, node: Node) -> Path:
    """Return NODE's own disk: what it wrote since it was made."""
    return DISKS / f"{node.name}.{'cow' if engine == 'uml' else 'qcow2'}"


def _identity(node: Node) -> tuple[str, ...]:
    return (
        f"lab.name={node.name}",
        f"lab.address={node.address}/{PREFIX_LEN}",
        f"lab.address6={node.address6}/{PREFIX_LEN6}",
        f"lab.gateway={CLIENT_ADDRESS}",
    )


def uml_command() -> tuple[str, ...]:
    """Return what runs a user-mode kernel: linux.uml with the wrapper that newer processors need."""
    source = LAB / "uml" / "xstate.c"
    wrapper = CACHE / f"xstate-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}.so"
    if not wrapper.exists():
        host.require_commands(host.ENGINES["uml"])
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = wrapper.with_suffix(".partial")
        host.run(["tcc", "-shared", "-o", str(partial), str(source)])
        partial.replace(wrapper)
    return ("env", f"LD_PRELOAD={wrapper}", "linux.uml")


def _uml_machine(base: Image, node: Node) -> Start:
    # eth0=tuntap and not the newer vec0, which spins at 100 % of a processor while its tap is down
    argv = (
        *uml_command(),
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
    return Start(prepare=(), argv=argv)


def _qemu_machine(base: Image, node: Node) -> Start:
    overlay = disk("qemu", node)
    create = (
        "qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base.disk), "-F", "raw", str(overlay),
    )  # fmt: skip
    append = ("root=/dev/vda", "rw", "console=ttyS0", "net.ifnames=0", *_identity(node))
    argv = (
        *_qemu("kvm" if _kvm_known_to_work() else "tcg,thread=multi", MEMORY["qemu"]),
        "-name", node.name,
        "-serial", "stdio",
        "-kernel", str(base.kernel), "-initrd", str(base.initrd), "-append", " ".join(append),
        "-drive", f"file={overlay},if=virtio,format=qcow2,cache=unsafe",
        "-netdev", f"tap,id=segment,ifname={node.tap},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=segment,mac={node.mac}",
        "-device", "virtio-rng-pci",
    )  # fmt: skip
    return Start(prepare=() if overlay.exists() else (create,), argv=argv)


def _kvm_known_to_work() -> bool:
    return os.access(KVM, os.R_OK | os.W_OK) and kvm_works()


def _qemu(accelerator: str, memory: int) -> tuple[str, ...]:
    return (
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
        "-accel", accelerator, "-cpu", "host" if accelerator == "kvm" else "max",
        "-m", str(memory),
    )  # fmt: skip

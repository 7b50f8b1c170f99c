# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether KVM really runs a guest here.

A /dev/kvm that opens proves nothing: where the processor's help is only pretended to, a guest hangs
before its first line. So a kernel is started once, and the answer is remembered.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

from . import host, image
from .errors import LabError
from .paths import CACHE, IMAGES
from .progress import step

DEVICE = Path("/dev/kvm")
VERDICT = CACHE / f"kvm-{platform.release()}"  # another kernel of the host is another answer
HOST_KERNELS = Path("/boot")
PATIENCE = 8.0  # s; a guest that works prints its first line in well under one
MEMORY = 256  # MiB


def works() -> bool:
    """Tell whether a guest kernel prints its banner under KVM; tried once, then remembered."""
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return False
    if not VERDICT.exists():
        with step("does KVM run a guest here? (tried once)"):
            spoke = guest_speaks("kvm")
        if spoke is None:
            return False  # no kernel to try with, perhaps only for now
        VERDICT.write_text("yes\n" if spoke else "no\n")
    return VERDICT.read_text().strip() == "yes"


def command(accelerator: str, memory: int) -> tuple[str, ...]:
    """Return the beginning of a QEMU command line: no devices yet, MEMORY in MiB."""
    return (
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
        "-accel", accelerator, "-cpu", "host" if accelerator == "kvm" else "max",
        "-m", str(memory),
    )  # fmt: skip


def guest_speaks(accelerator: str) -> bool | None:
    """Tell whether a kernel prints its first line on ACCELERATOR; None without a kernel to try."""
    scratch = CACHE / "kvm-probe"
    shutil.rmtree(scratch, ignore_errors=True)  # a killed run's
    scratch.mkdir(parents=True)
    try:
        kernel = _some_kernel(scratch)
        return None if kernel is None else _speaks(accelerator, kernel, scratch / "console")
    finally:
        shutil.rmtree(scratch)


def _speaks(accelerator: str, kernel: Path, console: Path) -> bool:
    machine = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL",
         *command(accelerator, MEMORY), "-serial", f"file:{console}", "-no-reboot",
         "-kernel", str(kernel), "-append", "console=ttyS0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and machine.poll() is None:
            if console.exists() and b"Linux version" in console.read_bytes():
                return True
            time.sleep(0.1)
        return False
    finally:
        machine.kill()
        machine.wait()


def _some_kernel(scratch: Path) -> Path | None:
    """Find a PC kernel: an image's, the host's own, or Debian's, fetched and unpacked."""
    for kernel in (*IMAGES.glob("qemu-*/vmlinuz"), *sorted(HOST_KERNELS.glob("vmlinuz-*"))):
        return kernel
    try:
        depends = host.run(["apt-cache", "depends", "--important", image.QEMU_KERNEL])
        package = next(word for word in depends.split() if word.startswith("linux-image-6"))
        host.run(["apt-get", "download", "-qq", package], cwd=scratch)
        host.run(["dpkg-deb", "-x", str(next(scratch.glob("*.deb"))), str(scratch / "deb")])
        return next((scratch / "deb/boot").glob("vmlinuz-*"))
    except (LabError, StopIteration):
        return None

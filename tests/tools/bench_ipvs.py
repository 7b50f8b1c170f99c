# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the IPVS modules cost, beside ipvsadm in the same kernel: bench.py runs it there.

Prints one JSON object. Times are seconds; "own" is what ipvs_table does itself, from its options to
the kernel and back, "process" the whole Python process as Ansible starts it on a host.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._command import Result
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import kernel, plan, run, table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import Timeouts

MODULE = "ansible_collections.lvs.cluster.plugins.modules.ipvs_table"
REAL_SERVERS = 10  # of each service
ROUNDS = 3


def declared(services: int) -> list[dict[str, Any]]:
    """Return *services* services with ten real servers each, as a user declares them."""
    return [
        {
            "service_address": f"10.{number >> 8}.{number & 255}.1",
            "service_port": 80,
            "scheduler": "rr",
            "real_servers": [
                {"server_address": f"10.{number >> 8}.{number & 255}.{10 + real}", "weight": 1}
                for real in range(REAL_SERVERS)
            ],
        }
        for number in range(services)
    ]


def seconds(work: Callable[[], object]) -> float:
    """Return how long *work* takes."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ipvsadm(*argv: str, text: str | None = None) -> str:
    """Run ipvsadm and return what it prints."""
    done = subprocess.run(
        ["ipvsadm", *argv], input=text, capture_output=True, text=True, check=True
    )
    return done.stdout


def own(services: list[dict[str, Any]]) -> run.Outcome:
    """Do what ipvs_table does between its options and its result."""
    wanted = table.declared(services)
    ignore = table.ignored([])
    return run.ensure(
        run.Wish(
            lambda there: table.draw(there, wanted, prune=True, ignore=ignore),
            wanted.paths,
            Timeouts(),
        ),
        lambda _argv: Result(1, "", ""),
        lambda _plan: (),
        check_mode=False,
    )


def process(services: list[dict[str, Any]], folder: Path) -> tuple[float, int, int]:
    """Run the module as Ansible does; return seconds, peak memory in KiB, and kernel commands."""
    arguments = folder / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {"services": services}}))
    command = (sys.executable, "-c", PEAK, sys.executable, "-m", MODULE, str(arguments))
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took = time.perf_counter() - started
    result, _newline, peak = done.stdout.strip().rpartition("\n")
    return took, int(peak), len(json.loads(result.splitlines()[-1])["commands"])


def task(services: list[dict[str, Any]], folder: Path) -> float:
    """Return the seconds of a play of one task, with all that Ansible adds to it."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "tasks": [{"lvs.cluster.ipvs_table": {"services": "{{ services }}"}}],
    }
    (folder / "play.yml").write_text(json.dumps([play]))
    (folder / "services.json").write_text(json.dumps({"services": services}))
    program = Path(sys.executable).with_name("ansible-playbook")
    python = f"ansible_python_interpreter={sys.executable}"
    command = (str(program), "-i", "localhost,", "-e", python, "-e", "@services.json", "play.yml")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": os.environ["PYTHONPATH"],
        "ANSIBLE_HOME": str(folder),
        "LC_ALL": "C.UTF-8",
    }
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - started


PEAK = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def per_entry(services: int) -> float:
    """Return microseconds an entry of our own code: reading options, planning, encoding."""
    given = declared(services)

    def work() -> None:
        wanted = table.declared(given)
        desired = table.draw({}, wanted, prune=True, ignore=table.ignored([]))
        for command in plan.plan({}, desired):
            kernel.request(command)

    entries = services * (1 + REAL_SERVERS)
    return min(seconds(work) for _turn in range(ROUNDS)) / entries * 1e6


def main() -> None:
    """Measure everything and print it."""
    gc.disable()  # as ipvs_table does
    services = declared(1000)
    found: dict[str, Any] = {}
    fills, restores, reads, listings, fill_processes = [], [], [], [], []
    with TemporaryDirectory() as name:
        folder = Path(name)
        for _turn in range(ROUNDS):
            ipvsadm("-C")
            fills.append(seconds(lambda: own(services)))
            text = ipvsadm("-Sn")
            listings.append(seconds(lambda: ipvsadm("-Sn")))
            reads.append(seconds(lambda: own(services)))
            ipvsadm("-C")
            restores.append(seconds(lambda: ipvsadm("-R", text=text)))  # noqa: B023 - run at once
            ipvsadm("-C")
            fill_processes.append(process(services, folder)[0])
        ipvsadm("-C")
        found["fill_task"] = task(services, folder)
        found["nochange_task"] = task(services, folder)
        found["nochange_process"], found["peak"], changed = process(services, folder)
        assert changed == 0
        services[500]["real_servers"][3]["weight"] = 7
        _took, _peak, found["one_weight"] = process(services, folder)
        assert "-r 10.1.244.13:80 -g -w 7" in ipvsadm("-Sn")
    ipvsadm("-C")
    rules = text.splitlines()[: 100 * (1 + REAL_SERVERS)]
    found |= {
        "entries": len(text.splitlines()),
        "fill": min(fills),
        "fill_process": min(fill_processes),
        "restore": min(restores),
        "nochange": min(reads),
        "listing": min(listings),
        "process_per_rule": seconds(lambda: [ipvsadm(*rule.split()) for rule in rules])
        * len(text.splitlines())
        / len(rules),
        "per_entry": {
            str(count * (1 + REAL_SERVERS)): per_entry(count) for count in (100, 500, 2000)
        },
    }
    ipvsadm("-C")
    print(json.dumps(found))


if __name__ == "__main__":
    main()

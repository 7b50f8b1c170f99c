# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plays, modules and outages cost: measured in the lab, printed as tables, kept as JSON.

The unit of cost is one round of ansible.builtin.ping over the same four machines with the same
settings: what remains is independent of how fast this host is. Rounds of both are interleaved, so
that a busy moment of the host meets both.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import bench_drill
import bench_monitor

ROOT = Path(__file__).resolve().parents[2]
LAB = str(ROOT / "lab" / "lvs-lab")
IPVS = ROOT / "tests" / "tools" / "bench_ipvs.py"
COLLECTIONS = ROOT / "build" / "collections"
RESULT = ROOT / "build" / "bench.json"
ROUNDS = 3

PING = ("ansible", "directors:realservers", "--module-name", "ansible.builtin.ping")
SITE = ("ansible-playbook", "playbooks/site.yml")


@dataclass(frozen=True)
class Figure:
    """One measured figure; aim is the worst value that is good enough, None where none is set."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    met: bool | None = None


def figure(
    name: str, value: float, unit: str, aim: float | None = None, *, at_least: bool = False
) -> Figure:
    """Round VALUE and judge it: no more than AIM is good, or no less."""
    met = None if aim is None else value >= aim if at_least else value <= aim
    return Figure(name, round(value, 2), unit, aim, met)


def output(*command: str, what: str = "") -> str:
    """Run COMMAND and return what it printed; end the program if it fails."""
    print(f"   ... {what or ' '.join(command)}", file=sys.stderr, flush=True)
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"bench: {' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def seconds(*command: str, unchanged: bool = False) -> float:
    """Run COMMAND and return how long it took; end the program if it fails."""
    started = time.monotonic()
    printed = output(*command)
    took = time.monotonic() - started
    recap = printed.partition("PLAY RECAP")[2]
    if unchanged and (
        "changed=" not in recap or recap.count("changed=") != recap.count("changed=0")
    ):
        sys.exit(f"bench: a second run has changed something:\n{recap}")
    return took


def measure() -> list[Figure]:
    """Measure everything on fresh machines."""
    seconds(LAB, "down")
    seconds(LAB, "up", "server11")  # builds the image, if there is none, outside of what is timed
    seconds(LAB, "down")
    up = seconds(LAB, "up")
    first = seconds(*SITE)
    pings, runs = [], []
    seconds(*PING)  # opens the connections
    for _turn in range(ROUNDS):
        pings.append(seconds(*PING))
        runs.append(seconds(*SITE, unchanged=True))
    ping, run = statistics.median(pings), statistics.median(runs)
    return [
        figure("up: four machines until ssh answers", up, "s"),
        figure("first site.yml", first, "s"),
        figure("site.yml, nothing to change (median of 3)", run, "s"),
        figure("one round of ansible.builtin.ping (median of 3)", ping, "s"),
        figure("site.yml, nothing to change / ping round", run / ping, "ratio", aim=10.0),
    ]


def measure_ipvs() -> list[Figure]:
    """Measure the IPVS modules beside ipvsadm, in one kernel."""
    command = (LAB, "kernel", "--", "env", f"PYTHONPATH={COLLECTIONS}", sys.executable, str(IPVS))
    printed = output(*command, what="the IPVS modules beside ipvsadm")
    found = json.loads(printed.splitlines()[-1])
    each = list(found["per_entry"].items())
    return [
        figure("ipvs_table, 11,000 new entries, own time", found["fill"], "s"),
        figure("... / ipvsadm -R of the same", found["fill"] / found["restore"], "ratio", 1.2),
        figure("... whole process on the host", found["fill_process"], "s"),
        figure("... whole play, controller and all", found["fill_task"], "s"),
        figure(
            "one ipvsadm process a rule / ipvs_table's own time",
            found["process_per_rule"] / found["fill"],
            "ratio",
            100,
            at_least=True,
        ),
        figure("ipvs_table, 11,000 entries, nothing to change, own time", found["nochange"], "s"),
        figure("... / ipvsadm -Sn reading them", found["nochange"] / found["listing"], "ratio", 3),
        figure("... whole process on the host", found["nochange_process"], "s"),
        figure("... whole play, controller and all", found["nochange_task"], "s"),
        figure("kernel commands for one weight of 11,000", found["one_weight"], "", 1),
        figure("peak memory of the process, 11,000 entries", found["peak"] / 1024, "MB", 120),
        *(figure(f"own code, an entry of {count}", value, "us") for count, value in each),
        figure(f"... of {each[-1][0]} / of {each[0][0]}", each[-1][1] / each[0][1], "ratio", 1.5),
    ]


def table(figures: list[Figure]) -> str:
    """Return FIGURES as a table for people."""
    width = max(len(one.name) for one in figures)
    lines = [f"{'what':<{width}}  {'value':>8}  {'unit':<6}  {'aim':>6}  met"]
    for one in figures:
        aim = "" if one.aim is None else f"{one.aim:g}"
        met = {None: "", True: "yes", False: "NO"}[one.met]
        lines.append(f"{one.name:<{width}}  {one.value:>8.2f}  {one.unit:<6}  {aim:>6}  {met}")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, write; 0 even where an aim is missed: the figures are the result."""
    figures = measure() + measure_ipvs()
    print(f"{table(figures)}\n", flush=True)  # what comes takes long
    outages = bench_drill.measure(bench_drill.ROUNDS)
    print(f"{outages.report}\n", flush=True)
    monitor = bench_monitor.measure()
    print(monitor.report)
    found = {
        "figures": [asdict(one) for one in figures],
        "drill": outages.as_json,
        "monitor": monitor.as_json,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    print(f"written to {RESULT.relative_to(ROOT)}")
    return 1 if outages.problems or monitor.problems else 0


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outages, attackers and reloads cost clients in the lab, beside the profile classic.

The last part of bench.py; alone, it uses the machines that run, or brings them up. It leaves the
cluster with the profile fast, its default.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench_aims
from bench_aims import Sample

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# the path above must be set first
from tests.cluster.machines import Asked, Lab, LabError, eventually  # noqa: E402
from tests.cluster.scenes import RELOADS, forged, many_ports, site, wait_until_settled  # noqa: E402

RESULT = ROOT / "build" / "bench-drill.json"
ROUNDS = {"classic": 1, "fast": 5}
# As the BACKUP, with more than any priority: whoever believes it lets go of the address.
ATTACK = ("172.25.0.14", 255, 20)
SECONDS = 120  # until verify.yml is content: classic looks at a real server every 6 s


@dataclass
class Found:
    """What was measured, how often it should have been, and what went wrong."""

    rounds: Mapping[str, int]
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[bench_aims.Line]:
        """Return a line for each event."""
        return bench_aims.lines(self.samples, self.rounds[bench_aims.AIMED])

    @property
    def report(self) -> str:
        """Return all of it for people; what went wrong comes last."""
        said = [f"note    {note}" for note in self.notes]
        said += [f"ERROR   {problem}" for problem in self.problems]
        return "\n".join([bench_aims.table(self.lines, self.rounds), *said])

    @property
    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "rounds": dict(self.rounds),
            "resolution": bench_aims.RESOLUTION,
            "events": bench_aims.as_json(self.lines),
            "notes": self.notes,
            "problems": self.problems,
        }

    def add(self, profile: str, drilled: Mapping[str, Any]) -> None:
        """Take what a drill has written down."""
        self.samples[profile] = [bench_aims.sample(row) for row in drilled["rows"]]
        self.notes += [f"{profile}: {note}" for note in (*drilled["notes"], *drilled["warnings"])]
        self.problems += [f"{profile}: {error}" for error in drilled["errors"]]


def seen(event: str, asked: Asked) -> Sample:
    """Return what the client of the cluster's tests saw; it gives up after a second."""
    return Sample(event, len(asked.answers), asked.failed, asked.failed, asked.longest_gap)


def say(line: str) -> None:
    """Tell a person what takes so long."""
    print(f"   ... {line}", file=sys.stderr, flush=True)


def drill(lab: Lab, profile: str, rounds: int) -> dict[str, Any]:
    """Run drill.yml on a healthy cluster; return what it has written down."""
    path = ROOT / "build" / f"drill-{profile}.json"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    extra = {
        "lvs_profile": profile,
        "drill_confirm": True,
        "drill_rounds": rounds,
        "drill_json": str(path),
    }
    say(f"drill, profile {profile}, {rounds} x 8 events")
    done = lab.play("drill.yml", "--extra-vars", json.dumps(extra), check=False)
    if not path.exists():
        raise LabError(f"drill.yml has measured nothing:\n{done.stdout[-3000:]}{done.stderr}")
    drilled: dict[str, Any] = json.loads(path.read_text())
    return drilled


def forgeries(lab: Lab, rounds: int) -> list[Sample]:
    """Forge adverts for a while, so many times."""
    say(f"forged adverts, {rounds} x {ATTACK[-1]} s")
    return [seen("forged", forged(lab, *ATTACK)) for _turn in range(rounds)]


def reloads(lab: Lab, profile: str) -> list[Sample]:
    """Add, change and remove 200 services."""
    say(f"reloads, profile {profile}")
    kept = {"lvs_profile": profile}
    found = []
    with many_ports(lab, kept):
        for step in RELOADS:
            with lab.asking() as asked:
                site(lab, {**kept, **step.variables})
            found.append(seen("reload", asked))
    return found


def configure(lab: Lab, profile: str) -> None:
    """Give the cluster a profile, and wait until it is healthy with it."""
    say(f"profile {profile}")
    extra = ("--extra-vars", json.dumps({"lvs_profile": profile}))
    lab.play("site.yml", *extra)
    eventually(
        lambda: lab.play("verify.yml", *extra, check=False).returncode == 0,
        within=SECONDS,
        what=f"verify.yml is content with the profile {profile}",
    )
    wait_until_settled(lab)


def measure(rounds: Mapping[str, int]) -> Found:
    """Measure each profile; what fails is said, and the other is measured nevertheless."""
    lab, found = Lab(), Found(rounds)
    lab.run("up")
    for profile in bench_aims.PROFILES:
        try:
            configure(lab, profile)
            found.add(profile, drill(lab, profile, rounds[profile]))
            wait_until_settled(lab)
            if profile == bench_aims.AIMED:  # forge.py speaks version 3, as only this one does
                found.samples[profile] += forgeries(lab, rounds[profile])
                wait_until_settled(lab)
            found.samples[profile] += reloads(lab, profile)
        except LabError as error:
            found.problems.append(f"{profile}: {error}")
    return found


def times(text: str) -> int:
    """Read a number of rounds."""
    number = int(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{number} is not a number from 1 to 100")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 if something could not be measured, and 0 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--rounds", type=times, default=ROUNDS["fast"], help="with fast: %(default)s"
    )
    parser.add_argument(
        "--classic-rounds", type=times, default=ROUNDS["classic"], help="with classic: %(default)s"
    )
    parser.add_argument("--json", type=Path, default=RESULT, help="where to: %(default)s")
    wanted = parser.parse_args(arguments)
    found = measure({"classic": wanted.classic_rounds, "fast": wanted.rounds})
    print(found.report)
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps(found.as_json, indent=1) + "\n")
    print(f"written to {wanted.json}")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/guide.md says, word by word, what the scenario `story` types and sees on real machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide.md"
STORY = ROOT / "molecule" / "story"
STEPS = sorted((STORY / "steps").glob("*.yml"))
FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"(?:(server\d\d)#|(client)\$|\$) (.*)")
# a file that a fence shows is the link before it
SHOWN = re.compile(r"\]\(\.\./([^)]+)\)[^\[]*?\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """A line, where it is typed, and what it shows; blanks don't count."""

    at: str
    line: str
    shows: tuple[str, ...]


def squeezed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())


def tasks(step: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(step.read_text(encoding="utf-8"))
    return found


def told(step: Path) -> Iterator[Typed]:
    """Yield what a step of the story types."""
    for task in tasks(step):
        if task["ansible.builtin.include_tasks"] == "../tasks/type.yml":
            said = task["vars"]
            yield Typed(said["at"], said["line"].strip(), squeezed(said.get("shows", "")))


def quoted(console: str) -> Iterator[Typed]:
    """Yield what a fence of the guide types: a line with a prompt, and those without below it."""
    place: tuple[str, str] | None = None
    shown: list[str] = []
    for text in console.splitlines():
        prompt = PROMPT.fullmatch(text)
        if prompt is None:
            shown.append(text)
            continue
        if place:
            yield Typed(*place, squeezed("\n".join(shown)))
        place, shown = (prompt[1] or prompt[2] or "you", prompt[3]), []
    assert place, f"no line of this fence has a prompt: {console}"
    yield Typed(*place, squeezed("\n".join(shown)))


def chapters() -> dict[str, str]:
    """Return the guide's chapters that name a step, by its name."""
    text = GUIDE.read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)
    named = [(re.findall(r"molecule/story/steps/(\w+)\.yml", part), part) for part in parts]
    assert all(len(names) <= 1 for names, part in named), "a chapter tells one step"
    return {names[0]: part for names, part in named if names}


@pytest.mark.parametrize("step", STEPS, ids=[step.stem for step in STEPS])
def test_a_chapter_types_what_its_step_types(step: Path) -> None:
    fences = FENCE.findall(chapters()[step.stem])
    typed = [typed for kind, text in fences if kind == "console" for typed in quoted(text)]
    assert typed == list(told(step))


def test_every_step_has_its_chapter_in_its_order() -> None:
    assert list(chapters()) == [step.stem for step in STEPS]


def test_all_of_the_guide_that_can_be_typed_is() -> None:
    """No fence is outside the chapters, or of a kind that nothing compares."""
    text = GUIDE.read_text(encoding="utf-8")
    kinds = [kind for kind, body in FENCE.findall(text)]
    inside = [kind for part in chapters().values() for kind, body in FENCE.findall(part)]
    assert set(kinds) <= {"console", "yaml", "text"}
    assert kinds.count("console") == inside.count("console")


def test_files_that_the_guide_shows_are_as_it_shows_them() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    shown = SHOWN.findall(text)
    assert len(shown) == [kind for kind, body in FENCE.findall(text)].count("yaml")
    for path, body in shown:
        assert body == (ROOT / path).read_text(encoding="utf-8").partition("---\n")[2], path


def test_the_story_uses_nothing_but_its_words() -> None:
    """A step types, or measures; anything else would be told by nobody."""
    known = {f"../tasks/{path.name}" for path in (STORY / "tasks").glob("*.yml")}
    for step in STEPS:
        for task in tasks(step):
            assert set(task) <= {"name", "vars", "ansible.builtin.include_tasks"}, step.name
            assert task["ansible.builtin.include_tasks"] in known, step.name

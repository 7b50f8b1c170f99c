# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a configuration, read one by one; each mistake is noted with its path, none is last."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.options import (
    REAL_KEY,
    at,
    known_only,
)

_INTERFACE = 15  # bytes, IFNAMSIZ - 1


class Mistakes(list[str]):
    """Sentences, each beginning with the path of a value."""

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is wrong in this part, and go on after it."""
        try:
            yield
        except LvsError as exc:
            self.append(str(exc))


class Reader:
    """A mapping of known keys; what is wrong, or missing without a default, is noted."""

    def __init__(
        self, given: object, known: Collection[str], path: str, mistakes: Mistakes
    ) -> None:
        self.path = path
        self.mistakes = mistakes
        self._given: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        for part in [{name: None} for name in given] if isinstance(given, Mapping) else [given]:
            with mistakes.noted():
                known_only(part, known, path)

    def at(self, name: str) -> str:
        """Return the path of a key."""
        return at(self.path, name)

    def wrong(self, name: str, sentence: str) -> None:
        """Note what is wrong with the value of a key."""
        self.mistakes.append(f"{self.at(name)}: {sentence}")

    def value(self, name: str) -> Any:  # noqa: ANN401 - it is what is to be found out
        """Return a value as it was given; None: it was not."""
        return self._given.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text of one line; it may not be missing without a *default*."""
        value = self.value(name)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value and value.isprintable():
            return value
        said = "missing; give it" if value is None else f"must be a line of text, not {value!r}"
        self.wrong(name, said)
        return ""

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """Return one of *choices*."""
        value = self.value(name)
        if value is None and default is not None:
            return default
        if value in choices:
            return str(value)
        self.wrong(name, f"must be one of {', '.join(choices)}, not {value!r}")
        return ""

    def seconds(self, name: str, low: float, high: float, default: float) -> float:
        """Return a time."""
        value = default if self.value(name) is None else self.value(name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and low <= value <= high:  # not a number isn't between any
            return float(value)
        self.wrong(name, f"must be a number of seconds from {low:g} to {high:g}, not {value!r}")
        return default

    def whole(self, name: str, low: int, high: int, default: int) -> int:
        """Return a whole number."""
        value = default if self.value(name) is None else self.value(name)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.wrong(name, f"must be a whole number from {low} to {high}, not {value!r}")
        return default

    def address(self, name: str, default: str) -> str:
        """Return an IPv4 or IPv6 address in canonical form."""
        if self.value(name) is None:
            return default
        try:
            return str(REAL_KEY["server_address"](self.value(name)))
        except ValueError as exc:
            self.wrong(name, str(exc))
            return default

    def interface(self, name: str) -> str:
        """Return the name of an interface."""
        text = self.text(name)
        if "/" in text or " " in text or len(text.encode()) > _INTERFACE:
            self.wrong(name, f"{text!r} is no name of an interface; give one such as eth0")
        return text

    def items(self, name: str) -> list[tuple[object, str]]:
        """Return the members of a list, each with its path; none where it is not given."""
        value = self.value(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(name, f"must be a list, not {value!r}")
            return []
        return [(item, f"{self.at(name)}[{place}]") for place, item in enumerate(value)]

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived reads in a file that was made of a cluster, and where values stand in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ansible_collections.lvs.cluster.plugins.module_utils._keepalived_lexer import statements
from ansible_collections.lvs.cluster.plugins.plugin_utils._topology.values import RefusedError
from hypothesis import strategies as st

# any value there can be in an inventory
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def words(text: str) -> list[tuple[str, ...]]:
    """Return the words of all statements, as keepalived's line reader makes them."""
    found = statements(Path("keepalived.conf"), text, "server11", lambda _pattern, _folder: ())
    return [statement.words for statement in found]


def accepted(parse: Callable[[object], object], value: object) -> bool:
    """Tell whether a parser takes a value."""
    try:
        parse(value)
    except RefusedError:
        return False
    return True


def path(place: str) -> str:
    """Return a place, keys between dots, as messages write it."""
    return "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in place.split("."))[1:]


def places(value: object, path: str = "") -> list[str]:
    """Return the place of every single value."""
    if isinstance(value, dict):
        return [place for key in value for place in places(value[key], f"{path}.{key}")]
    if isinstance(value, list):
        return [place for key, item in enumerate(value) for place in places(item, f"{path}.{key}")]
    return [path[1:]]

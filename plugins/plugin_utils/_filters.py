# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters say to someone who gives them the wrong thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

from ._drill import RefusedError


@contextmanager
def given(name: str, right: str) -> Iterator[None]:
    """Turn what goes wrong with a filter's input into one sentence: give *right*."""
    try:
        yield
    except (RefusedError, LvsError) as error:
        raise AnsibleFilterError(f"lvs.cluster.{name}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise AnsibleFilterError(f"lvs.cluster.{name}: give {right}: {error!r}") from None


def require_director(name: str, model: Mapping[str, Any], director: str) -> None:
    """Raise AnsibleFilterError unless *director* is one of the model's."""
    with given(name, "the model of lvs.cluster.topology"):
        known = [item["name"] for item in model["directors"]]
    if director not in known:
        raise AnsibleFilterError(
            f"lvs.cluster.{name}: {director} is no director of the model; "
            f"give one of {', '.join(known)}"
        )

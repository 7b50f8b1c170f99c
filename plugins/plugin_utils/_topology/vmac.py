# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the links that use_vmac makes, as keepalived chooses them."""

from __future__ import annotations

from collections.abc import Iterator

from .draft import IPV6, Cluster
from .values import IFNAMSIZ

_WORDS_WITH_VALUE = ("group",)
_WORDS_WITHOUT = ("name", "netlink_notify_msg")


def vmac_links(cluster: Cluster) -> dict[str, str]:
    """Return the name of each instance's link, of those that have one.

    A name that was said, else the first free one of create_vmac_name() in keepalived's vrrp.c.
    """
    using = [instance for instance in cluster.instances if instance.options.get("use_vmac")]
    links = {one.name: said for one in using if (said := _said(one.options["use_vmac"]))}
    prefix = cluster.global_defs.get("vmac_prefix", "vrrp")
    for instance in using:
        if instance.name not in links:
            family = instance.vips[0].address.version
            names = _names(prefix, instance.virtual_router_id, family)
            taken = set(links.values())
            links[instance.name] = next(name for name in names if name not in taken)
    return links


def _said(value: bool | str) -> str | None:  # noqa: FBT001 - the one value of a directive
    """Return the name in use_vmac's line, which may also have a MAC address and flags."""
    words = iter("" if isinstance(value, bool) else value.split(" "))
    for word in words:
        if word in _WORDS_WITH_VALUE:
            next(words, None)
        elif word not in _WORDS_WITHOUT and ":" not in word:
            return word
    return None


def _names(prefix: str, router_id: int, family: int) -> Iterator[str]:
    """Yield PREFIX.VRID, and then the same with numbers behind the prefix, for IPv6 6 first."""
    first = 6 if family == IPV6 else 1
    numbers = ("", first, *(number for number in range(1, 256) if number != first))
    for number in numbers:
        tail = f"{number}.{router_id}"
        yield f"{prefix[: IFNAMSIZ - len(tail)]}{tail}"

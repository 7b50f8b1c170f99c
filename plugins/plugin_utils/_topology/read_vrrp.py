# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP instances, from the inventory's variables to values: each checked by itself."""

from __future__ import annotations

from collections.abc import Mapping

from . import values
from .directives_vrrp import PEER, VRRP_BLOCKS, VRRP_INSTANCE, VRRP_UNICAST
from .draft import VRRP_V2, VRRP_V3, Instance, Located
from .model import Number
from .options import read_options
from .profiles import Profile
from .section import Problems, Section, opened, parsed

_OPTIONS = {**VRRP_INSTANCE, **VRRP_UNICAST, **PEER, **VRRP_BLOCKS}
KEYS = (
    "name",
    "virtual_router_id",
    "virtual_ipaddress",
    "interface",
    "priorities",
    "version",
    "advert_int",
    "state",
    "unicast",
    "unicast_peer",
    "mcast_src_ip",
    "virtual_ipaddress_excluded",
    *_OPTIONS,
)
# RFC 3768: whole seconds in 8 bits; RFC 5798: centiseconds in 12 bits.
_ADVERT_INT = {
    VRRP_V2: values.seconds("1", "255", "1"),
    VRRP_V3: values.seconds("0.01", "40.95", "0.01"),
}


def read_instance(
    problems: Problems, path: str, item: object, profile: Profile, directors: tuple[str, ...]
) -> Instance | None:
    """Read one VRRP instance; None if what the others are compared with can't be read."""
    section = opened(problems, path, item, KEYS)
    if section is None:
        return None
    get = section.get
    name = section.require("name", values.name, "name the instance, such as VI_1")
    router_id = section.require(
        "virtual_router_id", values.integer(1, 255), "give a number from 1 to 255"
    )
    version = get("version", values.integer(VRRP_V2, VRRP_V3), profile.version)
    advertised = section.items("virtual_ipaddress", "list the virtual addresses")
    silent = section.optional_items("virtual_ipaddress_excluded")
    vips, excluded = _located(problems, advertised), _located(problems, silent)
    unicast = get("unicast", values.boolean, profile.unicast)
    state = get("state", values.nullable(values.choice("state", "MASTER", "BACKUP")), None)
    read = Instance(
        path=path,
        name=name or path,
        version=version,
        virtual_router_id=router_id or 0,
        interface=get("interface", values.interface, None),
        advert_int=get("advert_int", _ADVERT_INT[version], _advert_int(profile, version)),
        priorities=_priorities(section, profile, directors),
        unicast=unicast,
        state=state,
        mcast_src_ip=get("mcast_src_ip", values.boolean, default=False),
        peers=tuple(
            Located(found[0], where)
            for where, value in section.optional_items("unicast_peer")
            if (found := parsed(problems, where, values.address, value))
        ),
        options=_options(section, profile, unicast=unicast, master=state == "MASTER"),
        vips=vips,
        excluded=excluded,
        complete=bool(advertised)
        and len(vips + excluded) == len(advertised + silent)
        and "virtual_ipaddress_excluded" not in section.refused,
    )
    identity = {"name", "virtual_router_id", "version", "interface"}
    return None if section.refused & identity else read


def _located(problems: Problems, items: list[tuple[str, object]]) -> tuple[Located, ...]:
    """Read addresses with or without a prefix length, each with the place where it was said."""
    return tuple(
        Located(found[0][0], path, found[0][1])
        for path, value in items
        if (found := parsed(problems, path, values.address_and_prefix, value))
    )


def _options(
    section: Section, profile: Profile, *, unicast: bool, master: bool
) -> dict[str, object]:
    """Read the directives; the profile's give way to what was said."""
    # Without a check of the source anyone on the segment passes for a peer.
    unicast_default = {"check_unicast_src": True} if unicast else {}
    found = read_options(section, _OPTIONS, {**profile.vrrp_instance, **unicast_default})
    if not found.get("nopreempt"):
        found.pop("nopreempt", None)  # false says what silence says
    if "preempt_delay" not in section.values and (master or "nopreempt" in found):
        # keepalived.conf(5): there is nothing to delay, or the delay would not work
        found.pop("preempt_delay", None)
    return found


def _advert_int(profile: Profile, version: int) -> Number:
    """Return the profile's interval, or 1 s where it was made for the other version."""
    return profile.advert_int if version == profile.version else 1


def _priorities(
    section: Section, profile: Profile, directors: tuple[str, ...]
) -> Mapping[str, int]:
    """Read who comes first; empty if that can't be read."""
    if section.values.get("priorities") in (None, {}):
        if len(directors) > len(profile.priorities):
            section.refuse(
                "priorities",
                f"missing, and the profile has figures for {len(profile.priorities)} directors "
                f"only; give each of the {len(directors)} its own",
            )
        return dict(zip(directors, profile.priorities))
    given = section.section("priorities", directors, noun="director")
    if "priorities" in section.refused:
        return {}
    remedy = "give every director a priority, or leave priorities out"
    found = {name: given.require(name, values.integer(1, 254), remedy) for name in directors}
    return {} if given.refused else {name: value or 0 for name, value in found.items()}

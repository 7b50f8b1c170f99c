# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP instances and what stands beside them, from the inventory's variables to values."""

from __future__ import annotations

from collections.abc import Mapping

from . import values
from .directives_vrrp import BLOCKS, PEER, VRRP_BLOCKS, VRRP_INSTANCE, VRRP_UNICAST
from .draft import VRRP_V2, VRRP_V3, Instance, Located, Named, SyncDaemon
from .model import Number
from .options import Table, read_options
from .profiles import Profile
from .section import Problems, Section, opened, parsed

# the kernel's own (IP_VS_SYNC_PORT and IP_VS_SYNC_GROUP in net/netfilter/ipvs/ip_vs_sync.c)
SYNC_PORT = 8848
SYNC_GROUP = "224.0.0.81"

SYNC_DAEMON = ("instance", "interface", "id", "maxlen", "port", "ttl", "group")

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
        said=frozenset(key for key, value in section.values.items() if value),
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
    # 255 says that no router was on the way; keepalived sends 64 to an IPv6 peer of its own accord
    unicast_default = {"check_unicast_src": True, "unicast_ttl": 255} if unicast else {}
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


# --- what stands beside the instances ----------------------------------------------------------


def read_blocks(top: Section) -> tuple[tuple[Named, ...], bool]:
    """Read the named sections, and whether all of them could be read."""
    found = [
        _named(top.problems, path, item, word, table, needed)
        for variable, (word, table, needed) in BLOCKS.items()
        for path, item in top.optional_items(variable)
    ]
    complete = None not in found and not set(BLOCKS) & top.refused
    return tuple(block for block in found if block), complete


def _named(
    problems: Problems, path: str, item: object, word: str, table: Table, needed: str
) -> Named | None:
    """Read one named section; None if it has no name or lacks what it can't be without."""
    section = opened(problems, path, item, ("name", *table))
    if section is None:
        return None
    name = section.require("name", values.name, "give the name that others refer to")
    options = read_options(section, table, {})
    if needed not in options and not section.refused:
        section.refuse(needed, "missing or empty; without it there is nothing to do")
    return None if name is None or section.refused else Named(path, word, name, options)


def read_sync_daemon(top: Section, *, default: bool) -> SyncDaemon | None:
    """Read lvs_sync_daemon; null switches it off."""
    said = "lvs_sync_daemon" in top.values
    if (said and top.values["lvs_sync_daemon"] is None) or not (said or default):
        return None
    section = top.section("lvs_sync_daemon", SYNC_DAEMON)
    get = section.get
    return SyncDaemon(
        instance=get("instance", values.name, None),
        interface=get("interface", values.interface, None),
        id=get("id", values.integer(0, 255), None),
        maxlen=get("maxlen", values.integer(1, 65507), None),
        port=get("port", values.PORT, SYNC_PORT),
        ttl=get("ttl", values.integer(1, 255), None),
        group=get("group", values.multicast(4, 6), SYNC_GROUP),
    )

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works in a cluster, but hardly as it was meant: the warnings of its model."""

from __future__ import annotations

from .detection import resolved, takeover_time, worst_time
from .draft import KEEPALIVED, Backend, Cluster, Service
from .model import Check
from .profiles import PROFILES, Profile
from .rules_standalone import idle
from .section import Found, Problem

SLOW = 10  # seconds until a lost MASTER is replaced
TOLERATED = 2  # times what the profile promises
QUICK = 0.03  # seconds below which a busy director was seen to miss its turn
# these are told of a fault, or wait for a program's end
_WITHOUT_FIGURES = ("FILE_CHECK", "BFD_CHECK")


def doubts(cluster: Cluster) -> Found:
    """Apply every doubt to a cluster in which no rule found a problem."""
    if cluster.mode != KEEPALIVED:
        yield from idle(cluster)
    elif len(cluster.directors) > 1:
        for doubt in (_slow_takeover, _quick_adverts, _failback, _changing_sides):
            yield from doubt(cluster)
    yield from _slow_checks(cluster)


def _slow_takeover(cluster: Cluster) -> Found:
    """Doubt an interval that leaves the virtual addresses to nobody for long."""
    for instance in cluster.instances:
        lowest = min(instance.priorities.values())
        worst = takeover_time(instance, lowest, cluster.global_defs)
        if worst > SLOW:
            yield Problem(
                f"{instance.path}.advert_int",
                f"{instance.advert_int} s leaves the addresses of {instance.name} to nobody for up "
                f"to {worst:.0f} s after a director was lost; lower it",
            )


def _quick_adverts(cluster: Cluster) -> Found:
    """Doubt an interval that an ordinary process can't keep on a busy director."""
    said = cluster.global_defs
    if said.get("vrrp_priority", 0) < 0 or said.get("vrrp_rt_priority"):
        return
    for instance in cluster.instances:
        if instance.advert_int < QUICK:
            yield Problem(
                f"{instance.path}.advert_int",
                f"{instance.advert_int} s is too short for an ordinary process on a busy director, "
                "whose addresses would go to and fro; raise it, or set vrrp_priority or "
                "vrrp_rt_priority in lvs_global_defs",
            )


def _failback(cluster: Cluster) -> Found:
    """Doubt a takeover by a director that can't know the others' connections yet."""
    daemon = cluster.sync_daemon
    if daemon is None:
        return
    for instance in cluster.instances:
        waits = instance.options.get("preempt_delay") or instance.options.get("nopreempt")
        if daemon.instance in {None, instance.name} and not waits:
            yield Problem(
                f"{instance.path}.preempt_delay",
                "without it a director that comes back takes over before it knows the connections "
                "that lvs_sync_daemon tells it of; give some seconds, or set nopreempt",
            )


def _changing_sides(cluster: Cluster) -> Found:
    """Doubt a synchronization that keepalived starts anew at each change of an instance."""
    if cluster.sync_daemon and cluster.sync_daemon.instance:
        yield Problem(
            "lvs_sync_daemon.instance",
            f"connections are told by the MASTER of {cluster.sync_daemon.instance} alone, and "
            "keepalived may hang for good at a takeover that is taken back at once, while it "
            "changes sides; leave it out, and each director tells of its own at any time",
        )


def _slow_checks(cluster: Cluster) -> Found:
    """Doubt figures of a service's own that find a fault much later than the profile's would."""
    profile = PROFILES[cluster.profile]
    for service in cluster.services:
        for backend in service.backends:
            slow = list(_slow(service, backend, profile))
            if slow:
                yield slow[0]
                break  # the others mostly have the same figures


def _slow(service: Service, backend: Backend, profile: Profile) -> Found:
    checks = service.checks if backend.checks is None else backend.checks
    for said, check in zip(checks, resolved(service, backend, profile)):
        if check.type in _WITHOUT_FIGURES:
            continue
        outer = (backend.options, service.options)
        usual = (profile.virtual_server,)
        worst = worst_time(check, *outer)
        promised = worst_time(Check(check.type, profile.figures_of(check.type)), *usual)
        if worst > TOLERATED * promised:
            yield Problem(
                said.path,
                f"a silent real server is in use for up to {worst:g} s, where the profile finds it "
                f"within {promised:g} s; lower delay_loop, connect_timeout, retry or "
                "delay_before_retry",
            )

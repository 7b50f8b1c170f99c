# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no meaning, or no effect, where director_mode is standalone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .draft import STANDALONE, Backend, Checked, Cluster, Instance, Service
from .model import Options
from .read import CLUSTER_VARIABLES, MODE, MONITOR
from .section import Found, Problem

CHECKS = ("TCP_CHECK", "HTTP_GET", "SSL_GET", "MISC_CHECK")
_KEEPALIVED = "only keepalived can do that; leave it out, or set director_mode: keepalived"
# what would be missed if it were left undone, by where it is said
_INSTANCE = (
    *("use_vmac", "use_ipvlan", "virtual_routes", "virtual_rules", "smtp_alert", "raw"),
    *("notify", "notify_master", "notify_backup", "notify_fault", "notify_stop"),
    *("notify_deleted", "notify_master_rx_lower_pri"),
)
_ANY = ("alpha", "warmup", "smtp_alert", "snmp_name", "raw")
_SERVICE = (*_ANY, "omega", "ha_suspend", "quorum_up", "quorum_down")
_BACKEND = (*_ANY, "notify_up", "notify_down")
_CHECK = (
    *("alpha", "warmup", "log_all_failures", "bind_port", "bind_if", "fwmark"),
    *("http_protocol", "fast_recovery", "misc_dynamic"),
)
_URL = (
    *("digest", "regex_no_match", "regex_options", "regex_stack"),
    *("regex_min_offset", "regex_max_offset"),
)
_PATTERN = re.compile(r"[.^$*+?{}\[\]\\|()]")  # what means more than itself to PCRE2
# seconds, but for retry; what the monitor can keep
_BOUNDS = {
    "delay_loop": (0.1, 3600),
    "connect_timeout": (0.05, 3600),
    "misc_timeout": (0, 3600),  # 0 is delay_loop
    "retry": (0, 99),
    "delay_before_retry": (0.05, 3600),
}
# what is read in this mode as well
_USED = {"lvs_profile", "lvs_networks", "lvs_vrrp_instances", "lvs_virtual_servers", "lvs_demo_web"}
_IDLE = tuple(name for name in CLUSTER_VARIABLES if name not in {MODE, *MONITOR, *_USED})
_USED_OF_INSTANCE = {
    *("name", "virtual_router_id", "virtual_ipaddress", "virtual_ipaddress_excluded", "interface"),
    *_INSTANCE,
}


def check_standalone(cluster: Cluster) -> Found:
    """Refuse what nobody would do without keepalived."""
    if cluster.mode != STANDALONE:
        return
    for instance in cluster.instances:
        yield from _alone(instance.path, instance.options, _INSTANCE)
    for service in cluster.services:
        yield from _service(service)


def _alone(path: str, options: Options, words: tuple[str, ...]) -> Found:
    """Refuse words that say something."""
    for word in words:
        if options.get(word):
            yield Problem(f"{path}.{word}", _KEEPALIVED)


def _service(service: Service) -> Found:
    yield from _alone(service.path, service.options, _SERVICE)
    yield from _bounds(service.path, service.options)
    yield from _host(service.path, service.options)
    if service.options.get("quorum", 1) > 1:
        yield Problem(
            f"{service.path}.quorum",
            "a single real server is enough without keepalived; leave it out, or set "
            "director_mode: keepalived",
        )
    if service.sorry_inhibit:
        yield Problem(f"{service.path}.sorry_server.inhibit", _KEEPALIVED)
    yield from _checks(service.checks)
    for backend in service.backends:
        yield from _backend(backend)


def _backend(backend: Backend) -> Found:
    yield from _alone(backend.path, backend.options, _BACKEND)
    yield from _bounds(backend.path, backend.options)
    yield from _host(backend.path, backend.options)
    if "inhibit_on_failure" in backend.options:
        yield Problem(
            f"{backend.path}.inhibit_on_failure",
            "is one for all real servers of a service without keepalived; say it for the service",
        )
    yield from _checks(backend.checks or ())


def _checks(checks: tuple[Checked, ...]) -> Found:
    for check in checks:
        if check.type not in CHECKS:
            yield Problem(
                f"{check.path}.type",
                f"only keepalived knows {check.type}; use one of {', '.join(CHECKS)}, or set "
                "director_mode: keepalived",
            )
        else:
            yield from _check(check)
    for check in checks[1:]:
        yield Problem(
            check.path,
            "a real server has one check without keepalived, and this is another; leave it out, "
            "or set director_mode: keepalived",
        )


def _check(check: Checked) -> Found:
    yield from _alone(check.path, check.options, _CHECK)
    yield from _bounds(check.path, check.options)
    yield from _host(check.path, check.options)
    if " " in check.options.get("user", ""):
        yield Problem(
            f"{check.path}.user",
            "names a group as well, and without keepalived it is the user's own; give the user "
            "alone",
        )
    for number, url in enumerate(check.options.get("url", ())):
        path = f"{check.path}.url[{number}]"
        yield from _alone(path, url, _URL)
        yield from _host(path, url)
        if _PATTERN.search(url.get("regex", "")):
            yield Problem(
                f"{path}.regex",
                "without keepalived it is a text that the page must have, and no pattern; give "
                "one without any of . ^ $ * + ? { } [ ] \\ | ( )",
            )
        elif not url.get("regex", "").isprintable():
            yield Problem(
                f"{path}.regex",
                "is a text of one line without keepalived; take tabs and ends of lines out",
            )
        if number:
            yield Problem(
                path,
                "a check asks for one page without keepalived, and this is another; leave it out, "
                "or set director_mode: keepalived",
            )


def _host(path: str, options: Options) -> Found:
    """Refuse a name of a host that is none."""
    if " " in options.get("virtualhost", ""):
        yield Problem(f"{path}.virtualhost", "has a blank, as no name of a host has; take it out")


def _bounds(path: str, options: Options) -> Found:
    """Refuse figures that the monitor can't keep."""
    for word, (least, most) in _BOUNDS.items():
        if word in options and not least <= options[word] <= most:
            yield Problem(
                f"{path}.{word}",
                f"{options[word]} is not from {least} to {most}, as it must be without "
                "keepalived; change it",
            )


def idle(cluster: Cluster) -> Found:
    """Doubt what was said for keepalived, and has no effect without it."""
    said = cluster.inventory.variables[cluster.directors[0].name]
    for name in _IDLE:
        value = said.get(name)
        if isinstance(value, Mapping) and value.keys() <= {"script_user"}:
            continue  # a command runs as this user
        if value:
            yield _without_effect(name)
    for instance in cluster.instances:
        yield from _idle_keys(instance)


def _idle_keys(instance: Instance) -> Found:
    for key in sorted(instance.said - _USED_OF_INSTANCE):
        yield _without_effect(f"{instance.path}.{key}")


def _without_effect(path: str) -> Problem:
    return Problem(path, "has no effect where director_mode is standalone; leave it out")

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An IPVS table as the text of ``ipvsadm --save --numeric``, with the thresholds that it drops.

What is written here, ``ipvsadm --restore`` reads.
"""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DR,
    GUE,
    INET,
    INET6,
    IPIP,
    NAT,
    NEW_REAL_SERVER,
    SCHED_FLAG_NAMES,
    SCHED_FLAGS,
    TUN,
    WHOLE_ADDRESS,
    Entries,
    RealKey,
    RealServer,
    Service,
    ServiceKey,
    Table,
    Timeouts,
    family_of,
    new_service,
    over,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    Command,
    RealCommand,
    ServiceCommand,
    SetTimeouts,
)

_PROTOCOL_OPTIONS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
_PROTOCOLS = {option: name for name, option in _PROTOCOL_OPTIONS.items()}
# a director that is its own real server ("local") is saved as direct routing, by ipvsadm too
_METHOD_OPTIONS = {DR: "-g", TUN: "-i", NAT: "-m"}
_METHODS = {option: name for name, option in _METHOD_OPTIONS.items()}
_CHECKSUMS = {(): "--tun-nocsum", ("csum",): "--tun-csum", ("remcsum",): "--tun-remcsum"}
_CHECKSUM_FLAGS = {option: flags for flags, option in _CHECKSUMS.items()}


# --- names -----------------------------------------------------------------------------------
def endpoint(address: str, port: int) -> str:
    """Return ADDRESS:PORT, with brackets around an IPv6 address."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def service_name(key: ServiceKey) -> str:
    """Return how a message calls a service: 192.0.2.1:80/tcp, or: fwmark 7 (IPv6)."""
    if key.fwmark:
        return f"fwmark {key.fwmark}" + (" (IPv6)" if key.family == INET6 else "")
    return f"{endpoint(key.address, key.port)}/{key.protocol}"


def real_name(key: RealKey) -> str:
    """Return how a message calls a real server: 192.0.2.2:80."""
    return endpoint(key.address, key.port)


def sched_flag_names(scheduler: str) -> tuple[str, ...]:
    """Return the names of the three flags under a scheduler, in the order of SCHED_FLAGS."""
    return SCHED_FLAG_NAMES.get(scheduler, SCHED_FLAGS)


def named_flags(service: Service) -> list[str]:
    """Return the flags of a service by the names that its scheduler gives them."""
    names = dict(zip(SCHED_FLAGS, sched_flag_names(service.scheduler or "")))
    return [names[flag] for flag in service.sched_flags or ()]


# --- rendering -------------------------------------------------------------------------------
def render(table: Table) -> str:
    """Render a table whose every field is known, in its order."""
    return "".join(f"{line}\n" for line in lines(table))


def in_order(table: Table) -> Table:
    """Sort a table: the kernel lists services by hash, and real servers the newest first."""
    return {
        key: Entries(table[key].service, _sorted(table[key].real_servers))
        for key in sorted(
            table, key=lambda key: (key.family, key.protocol, key.address, key.port, key.fwmark)
        )
    }


def _sorted(reals: Mapping[RealKey, RealServer]) -> dict[RealKey, RealServer]:
    return dict(sorted(reals.items(), key=lambda item: (item[0].address, item[0].port)))


def lines(table: Table) -> Iterator[str]:
    """Yield the lines of render()."""
    for key, entries in table.items():
        yield f"-A {service_words(key, entries.service)}"
        for real_key, real in entries.real_servers.items():
            yield f"-a {real_words(key, real_key, real)}"


def key_words(key: ServiceKey) -> str:
    """Render what a service is known by: -t 192.0.2.1:80."""
    if key.fwmark:
        return f"-f {key.fwmark}" + (" -6" if key.family == INET6 else "")
    return f"{_PROTOCOL_OPTIONS[key.protocol]} {endpoint(key.address, key.port)}"


def service_words(key: ServiceKey, service: Service) -> str:
    """Render a service: -t 192.0.2.1:80 -s wrr -p 300."""
    words = [key_words(key), f"-s {service.scheduler}"]
    if service.persistence_timeout:
        words.append(f"-p {service.persistence_timeout}")
        if service.persistence_granularity != WHOLE_ADDRESS[key.family]:
            words.append(f"-M {service.persistence_granularity}")
    if service.persistence_engine:
        words.append(f"--pe {service.persistence_engine}")
    if service.ops:
        words.append("-o")
    if service.sched_flags:
        words.append("-b " + ",".join(named_flags(service)))
    return " ".join(words)


def real_words(service: ServiceKey, key: RealKey, real: RealServer) -> str:
    """Render a real server: -t 192.0.2.1:80 -r 192.0.2.2:80 -g -w 1."""
    method = _METHOD_OPTIONS.get(real.forward_method or DR, "-g")
    words = [key_words(service), f"-r {real_name(key)}", method, f"-w {real.weight}"]
    if real.forward_method == TUN:
        words.append(f"--tun-type {real.tunnel_type}")
        if real.tunnel_type == GUE:
            words.append(f"--tun-port {real.tunnel_port}")
        if real.tunnel_type != IPIP:
            words.append(_CHECKSUMS.get(real.tunnel_flags or (), "--tun-csum"))
    if real.u_threshold:
        words.append(f"-x {real.u_threshold}")
    if real.l_threshold:
        words.append(f"-y {real.l_threshold}")
    return " ".join(words)


def timeouts_line(timeouts: Timeouts) -> str:
    """Render timeouts; 0 leaves the kernel's value, for ipvsadm as for us."""
    return f"--set {timeouts.tcp or 0} {timeouts.tcp_fin or 0} {timeouts.udp or 0}"


# --- a plan ----------------------------------------------------------------------------------
def command_line(command: Command) -> str:
    """Render the ipvsadm options that would do the same."""
    if isinstance(command, SetTimeouts):
        return timeouts_line(command.after)
    if isinstance(command, ServiceCommand):
        if command.after is None:
            return f"-D {key_words(command.key)}"
        option = "-E" if command.before else "-A"
        return f"{option} {service_words(command.key, command.after)}"
    if command.after is None:
        return f"-d {key_words(command.service)} -r {real_name(command.key)}"
    option = "-e" if command.before else "-a"
    return f"{option} {real_words(command.service, command.key, command.after)}"


def diff(plan: Iterable[Command]) -> tuple[str, str]:
    """Draw what a plan changes, before and after, as lines of a saved table.

    A real server that is deleted to be added in another way is marked as replaced.
    """
    before, after = [], []
    deleted = set()
    for command in plan:
        old, new = _sides(command)
        if isinstance(command, RealCommand):
            if (command.service, command.key) in deleted:
                new = [f"{line}  # replaced" for line in new]
            if command.after is None:
                deleted.add((command.service, command.key))
        before += old
        after += new
    return _text(before), _text(after)


def _text(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def _sides(command: Command) -> tuple[list[str], list[str]]:
    if isinstance(command, SetTimeouts):
        changed = command.after
        there = Timeouts(
            *(
                before if after is not None else None
                for before, after in (
                    (command.before.tcp, changed.tcp),
                    (command.before.tcp_fin, changed.tcp_fin),
                    (command.before.udp, changed.udp),
                )
            )
        )
        return [timeouts_line(there)], [timeouts_line(changed)]
    if isinstance(command, RealCommand):
        return _real_side(command, command.before), _real_side(command, command.after)
    before = _service_side(command, command.before)
    before += [f"-a {real_words(command.key, real_key, real)}" for real_key, real in command.lost]
    return before, _service_side(command, command.after)


def _service_side(command: ServiceCommand, service: Service | None) -> list[str]:
    return [f"-A {service_words(command.key, service)}"] if service else []


def _real_side(command: RealCommand, real: RealServer | None) -> list[str]:
    return [f"-a {real_words(command.service, command.key, real)}"] if real else []


# --- parsing ---------------------------------------------------------------------------------
def parse(text: str) -> Table:
    """Parse what render() or ``ipvsadm --save --numeric`` wrote; LvsError names the line.

    Thresholds and tunnel options that are not there are the defaults.
    """
    table: dict[ServiceKey, tuple[Service, dict[RealKey, RealServer]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = shlex.split(line, comments=True)
            if words:
                _parse_line(words, table)
        except (KeyError, ValueError, IndexError) as exc:
            raise LvsError(f"line {number}: '{line}' is not a rule of a saved table") from exc
    return {key: Entries(service, reals) for key, (service, reals) in table.items()}


def _parse_line(
    words: list[str], table: dict[ServiceKey, tuple[Service, dict[RealKey, RealServer]]]
) -> None:
    options = dict(_options(words))
    key = _parse_key(options)
    if "-A" in options:
        table[key] = (over(_parse_service(options), new_service(key.family)), {})
    elif "-a" in options:
        real_key = RealKey(*_parse_endpoint(options["-r"]))
        table[key][1][real_key] = over(_parse_real(options), NEW_REAL_SERVER)
    else:
        raise ValueError


_WITHOUT_VALUE = {"-A", "-a", "-6", "-o", *_METHODS, *_CHECKSUM_FLAGS}
_WITH_VALUE = {*_PROTOCOLS, "-f", "-s", "-p", "-M", "--pe", "-b", "-r", "-w", "-x", "-y"}
_WITH_VALUE |= {"--tun-type", "--tun-port"}


def _options(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if word in _WITHOUT_VALUE:
            yield word, ""
        elif word in _WITH_VALUE:
            yield word, next(rest, "")
        else:
            raise ValueError(word)


def _parse_key(options: dict[str, str]) -> ServiceKey:
    if "-f" in options:
        return ServiceKey(INET6 if "-6" in options else INET, fwmark=int(options["-f"]))
    (option,) = [option for option in options if option in _PROTOCOLS]
    address, port = _parse_endpoint(options[option])
    return ServiceKey(family_of(address), _PROTOCOLS[option], address, port)


def _parse_endpoint(text: str) -> tuple[str, int]:
    address, _colon, port = text.rpartition(":")
    return str(ipaddress.ip_address(address.strip("[]"))), int(port)


def _parse_service(options: dict[str, str]) -> Service:
    scheduler = options.get("-s")
    flags = None
    if "-b" in options:
        names = (*sched_flag_names(scheduler or ""), *SCHED_FLAGS)
        given = {SCHED_FLAGS[names.index(name) % 3] for name in options["-b"].split(",")}
        flags = tuple(flag for flag in SCHED_FLAGS if flag in given)
    return Service(
        scheduler=scheduler,
        sched_flags=flags,
        persistence_timeout=int(options["-p"]) if "-p" in options else None,
        persistence_granularity=options.get("-M"),
        persistence_engine=options.get("--pe"),
        ops=True if "-o" in options else None,
    )


def _parse_real(options: dict[str, str]) -> RealServer:
    def number(option: str) -> int | None:
        return int(options[option]) if option in options else None

    return RealServer(
        forward_method=next((_METHODS[option] for option in options if option in _METHODS), None),
        weight=number("-w"),
        u_threshold=number("-x"),
        l_threshold=number("-y"),
        tunnel_type=options.get("--tun-type"),
        tunnel_port=number("--tun-port"),
        tunnel_flags=next(
            (_CHECKSUM_FLAGS[option] for option in options if option in _CHECKSUM_FLAGS), None
        ),
    )

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of the director: JSON to the model, with every mistake by its path."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Any

from ansible_collections.lvs.cluster.plugins.module_utils import _files
from ansible_collections.lvs.cluster.plugins.module_utils._director import checks
from ansible_collections.lvs.cluster.plugins.module_utils._director.model import (
    CheckedReal,
    CheckedService,
    Config,
    HeldAddress,
)
from ansible_collections.lvs.cluster.plugins.module_utils._director.reading import (
    Mistakes,
    Reader,
)
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs import options, rules, table
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.model import (
    DR,
    RealKey,
    RealServer,
    ServiceKey,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.plan import (
    full_real,
    full_service,
)
from ansible_collections.lvs.cluster.plugins.module_utils._ipvs.text import real_name, service_name

PATH = Path("/etc/lvs.cluster/director.json")

_KEYS = ("virtual_ipaddress", "services", "checks")


class Wrong(LvsError):  # noqa: N818 - what it is
    """A configuration with mistakes."""

    def __init__(self, mistakes: Mistakes) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)


def load(path: Path) -> Config:
    """Read the file *path*; LvsError if there is none, Wrong with all of its mistakes."""
    return parse(_read(path))


def load_addresses(path: Path) -> tuple[HeldAddress, ...]:
    """Read only which addresses are to be held: a mistake elsewhere must not keep them away."""
    mistakes = Mistakes()
    held = _addresses(_mapping(_read(path)), mistakes)
    if mistakes:
        raise Wrong(mistakes)
    return held


def parse(given: object) -> Config:
    """Make the model; Wrong with all mistakes."""
    mistakes = Mistakes()
    reader = Reader(_mapping(given), _KEYS, "", mistakes)
    held = _addresses(_mapping(given), mistakes)
    _check_addresses(held, mistakes)
    services: dict[ServiceKey, CheckedService] = {}
    declared = table.Declared({}, {})
    with mistakes.noted():  # what is checked is looked up in what is declared
        declared = table.declared([item for item, _path in reader.items("services")])
        _check_entries(declared, held, mistakes)
        for item, path in reader.items("checks"):
            with mistakes.noted():
                service = _Service(item, declared, path, mistakes).read()
                if service.key in services:
                    name = service_name(service.key)
                    raise LvsError(f"{path}.service: {name} is there already; leave one out")
                services[service.key] = service
    if mistakes:
        raise Wrong(mistakes)
    return Config(held, declared, tuple(services.values()))


def _read(path: Path) -> object:
    text = _files.read_text(path)
    if text is None:
        raise LvsError(f"{path}: there is no such file; it describes what the director does")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise Wrong(Mistakes([f"{path}: is not JSON ({exc}); write the file anew"])) from None


def _mapping(given: object) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    known = ", ".join(_KEYS)
    raise Wrong(Mistakes([f"the configuration must be a mapping with the keys {known}"]))


def _addresses(given: dict[str, Any], mistakes: Mistakes) -> tuple[HeldAddress, ...]:
    name = "virtual_ipaddress"
    reader = Reader({name: given.get(name)}, (name,), "", mistakes)
    return tuple(
        found
        for item, path in reader.items(name)
        for found in _held(Reader(item, ("address", "interface"), path, mistakes))
    )


def _held(reader: Reader) -> list[HeldAddress]:
    address, interface = reader.text("address"), reader.interface("interface")
    try:
        found = ipaddress.ip_interface(address)
    except ValueError:
        if address:
            reader.wrong("address", f"must be an address such as 192.0.2.1/24, not {address!r}")
        return []
    return [HeldAddress(str(found.ip), found.network.prefixlen, interface)]


def _check_addresses(held: tuple[HeldAddress, ...], mistakes: Mistakes) -> None:
    """Note an address that is there twice."""
    addresses = [one.address for one in held]
    for address in dict.fromkeys(addresses):
        if addresses.count(address) > 1:
            mistakes.append(f"virtual_ipaddress: {address} is there twice; leave one out")


def _check_entries(
    declared: table.Declared, held: tuple[HeldAddress, ...], mistakes: Mistakes
) -> None:
    addresses = {one.address for one in held}
    for key, (service, reals) in declared.services.items():
        path = declared.paths[key]
        with mistakes.noted():
            rules.check_service(key, full_service(key, None, service), path)
        if addresses and key.address and key.address not in addresses:
            mistakes.append(
                f"{path}.service_address: {key.address} is not in virtual_ipaddress; add it there"
            )
        for real_key, real in (reals or {}).items():
            with mistakes.noted():
                real_path = declared.paths[key, real_key]
                rules.check_real(key, real_key, full_real(None, real), real_path)


class _Service:
    """One item of the list of checks."""

    def __init__(
        self, given: object, declared: table.Declared, path: str, mistakes: Mistakes
    ) -> None:
        keys = ("service", "on_failure", "sorry_server", "real_servers")
        self._reader = Reader(given, keys, path, mistakes)
        self._key = self._service_key()
        if self._key not in declared.services:
            raise LvsError(
                f"{path}.service: {service_name(self._key)} is not in services; declare it there"
            )
        self._declared = declared.services[self._key][1] or {}

    def _service_key(self) -> ServiceKey:
        path = self._reader.at("service")
        given = options.known_only(self._reader.value("service"), options.KEY, path)
        return options.service_key(given, path)

    def read(self) -> CheckedService:
        """Read it; LvsError where nothing is left to go on with."""
        reader = self._reader
        failure = reader.choice("on_failure", ("quiesce", "remove"), "quiesce")
        reals: dict[RealKey, CheckedReal] = {}
        for item, path in reader.items("real_servers"):
            with reader.mistakes.noted():
                real = self._real(item, path)
                if real.key in reals:
                    raise LvsError(f"{path}: {real_name(real.key)} is there already; leave one out")
                reals[real.key] = real
        if not reader.value("real_servers"):
            reader.wrong("real_servers", "missing; name what is to be checked")
        return CheckedService(self._key, failure == "remove", self._sorry(), tuple(reals.values()))

    def _real(self, given: object, path: str) -> CheckedReal:
        keys = ("server_address", "server_port", "name", "through_vip", "check")
        reader = Reader(given, keys, path, self._reader.mistakes)
        known = {name: reader.value(name) for name in options.REAL_KEY}
        key = options.real_key(known, self._key, path)
        if key not in self._declared:
            raise LvsError(
                f"{path}: {real_name(key)} is not a real server of {service_name(self._key)} in "
                "services; declare it there"
            )
        check, figures = checks.read(
            reader.value("check"), key, reader.at("check"), reader.mistakes
        )
        return CheckedReal(key, reader.text("name", ""), check, figures, self._through(reader, key))

    def _through(self, reader: Reader, key: RealKey) -> str:
        given = reader.value("through_vip")
        if given is None:
            return ""
        method = full_real(None, self._declared[key]).forward_method
        if self._key.protocol != "tcp" or method != DR or not self._key.port:
            reader.wrong(
                "through_vip", "is for direct routing and a service by TCP port; leave it out"
            )
        inner = Reader(given, ("interface",), reader.at("through_vip"), reader.mistakes)
        return inner.interface("interface")

    def _sorry(self) -> tuple[RealKey, RealServer] | None:
        path = self._reader.at("sorry_server")
        given = self._reader.value("sorry_server")
        if given is None:
            return None
        known = options.known_only(given, (*options.REAL_KEY, *options.REAL), path)
        key = options.real_key(known, self._key, path)
        real = full_real(None, options.real_server(known, path))
        rules.check_real(self._key, key, real, path)
        if key in self._declared:
            raise LvsError(
                f"{path}: {real_name(key)} is a real server of the service as well; name another"
            )
        if not real.weight:
            raise LvsError(f"{path}.weight: must be above 0, or it would get no requests")
        return key, real

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that the modules for the IPVS table share."""

from __future__ import annotations


class ModuleDocFragment:
    """What a virtual service is known by, what can be said of it, and who owns it."""

    # What a virtual service is known by.
    KEY = r"""
options:
  protocol:
    description:
      - Protocol of the virtual service; C(-t), C(-u) and C(--sctp-service) of ipvsadm(8).
      - V(tcp) unless given.
    type: str
    choices: [tcp, udp, sctp]
  service_address:
    description:
      - IPv4 or IPv6 address of the virtual service, in any spelling.
    type: str
  service_port:
    description:
      - Port of the virtual service, 0-65535. V(0) is every port, of a
        persistent service only.
    type: int
  fwmark:
    description:
      - Firewall mark, 1-4294967295, of a virtual service that is known by it instead of by
        O(protocol), O(service_address) and O(service_port); C(-f) of ipvsadm(8).
    type: int
  family:
    description:
      - Address family of a service by O(fwmark); V(inet6) is C(-6) of ipvsadm(8). V(inet) unless
        given. Otherwise it follows from the address.
    type: str
    choices: [inet, inet6]
"""

    # Who owns a service.
    OWNER = r"""
options:
  owner_check:
    description:
      - What to do about a service that C(keepalived.conf) on this host declares, with the files it
        includes. Two writers of one service undo each other's work.
      - V(strict) refuses to change it, V(warn) changes it with a warning, V(ignore) does not look.
    type: str
    choices: [strict, warn, ignore]
    default: strict
  keepalived_conf:
    description:
      - The configuration of keepalived that is asked about owners.
    type: path
    default: /etc/keepalived/keepalived.conf
"""

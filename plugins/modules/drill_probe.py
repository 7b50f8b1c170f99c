# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a client that asks all the time, while somebody does things to a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: drill_probe
short_description: Ask a cluster all the time, and say what each event cost its clients
version_added: 0.1.0
author: lvs.cluster contributors (@lvs-cluster)
description:
  - With O(state=running) a client that asks virtual addresses (VIPs) until another task of this
    module, with O(state=stopped), ends it. Start it with C(async) and C(poll=0).
  - It makes a request on a new connection every O(interval), side by side, and follows each for 3
    s; it keeps O(connections) lasting ones with a request on each ten times a second; and it asks
    by ARP twenty times a second who has the addresses, and listens to who says so unasked.
  - With O(state=marked) the time of an event is written down. For the time from each mark to the
    next, the figures are worked out on the host, so that hours of samples become a few lines.
  - One process that never waits; a hundredth to a twentieth of a processor.
options:
  state:
    description:
      - What to do. V(running) returns the figures when it was stopped.
    type: str
    choices: [marked, running, stopped]
    default: running
  folder:
    description:
      - A folder of its own for each run, through which the three states find each other.
    type: path
    required: true
  urls:
    description:
      - What to ask, each C(http://ADDRESS[:PORT]/PATH). The address must be on a segment of this
        host, or who holds it can't be seen. Required with O(state=running).
    type: list
    elements: str
  interval:
    description:
      - Seconds between two requests to each URL.
    type: float
    default: 0.02
  connections:
    description:
      - How many lasting connections to have to each URL. A web server that doesn't keep
        connections open has none to lose.
    type: int
    default: 5
  patience:
    description:
      - Ends by itself after so many seconds without a mark, so that a play that was cut short
        leaves nothing behind for long.
    type: float
    default: 600
  mark:
    description:
      - What begins now. Required with O(state=marked).
    type: str
extends_documentation_fragment:
  - lvs.cluster.attributes
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
  idempotent:
    support: N/A
    details: Every mark is a new one, and every run measures anew.
seealso:
  - plugin: lvs.cluster.drill
    plugin_type: filter
notes:
  - Needs root, for ARP, and C(ip) of iproute2 on the host.
  - Asking by ARP has an effect. The answers also tell this host's own kernel the new holder, so a
    gratuitous ARP that got lost costs it nothing, though it would cost others. RV(figures) says
    whether it was seen.
  - IPv6 addresses are asked like others, but who holds them isn't watched.
"""

EXAMPLES = r"""
- name: Ask, in the background
  lvs.cluster.drill_probe:
    folder: /run/drill
    urls: http://172.25.0.100/
  async: 3600
  poll: 0

- name: Say what comes now
  lvs.cluster.drill_probe:
    state: marked
    folder: /run/drill
    mark: keepalived stopped

- name: End it; ansible.builtin.async_status then has the figures
  lvs.cluster.drill_probe:
    state: stopped
    folder: /run/drill
"""

RETURN = r"""
figures:
  description: One entry for each mark, in their order, about the time up to the next.
  returned: O(state=running)
  type: list
  elements: dict
  contains:
    name:
      description: The mark.
      type: str
    seconds:
      description: How long it was until the next mark.
      type: float
    requests:
      description: How many were made on new connections.
      type: int
    late:
      description: How many of them had no answer within 1 s, when a lost SYN comes again.
      type: int
    failed:
      description: How many of them had no answer within 3 s, or the error of a server (5xx).
      type: int
    trouble:
      description: Seconds from the first request that was late to the last.
      type: float
    gap:
      description: The longest time in seconds without any answer; the worst of the URLs.
      type: float
    answers:
      description: How many answers by whom; a short page names its server, others are hashed.
      type: dict
    connections:
      description: How many lasting ones C(held) at the mark were C(kept), and how others were
        C(lost), RV(ignore:reset), RV(ignore:closed) unannounced, or RV(ignore:silent).
      type: dict
    holders:
      description: For each address the C(old) and C(new) MAC, all C(macs) that claimed it, the
        seconds until there was C(one_holder) again, null if there was none in the end, and whether
        the new one C(announced) itself by gratuitous ARP.
      type: dict
    stall:
      description: By how many seconds this host itself was late at the worst; no figure is more
        exact than that.
      type: float
  sample:
    - name: keepalived stopped
      seconds: 2.904
      requests: 145
      late: 1
      failed: 0
      trouble: 0.0
      gap: 0.041
      answers: {server12: 72, server13: 73}
      connections: {held: 5, kept: 0, lost: {reset: 5}}
      holders:
        172.25.0.100:
          old: 02:00:ac:19:00:11
          new: 02:00:ac:19:00:14
          macs: [02:00:ac:19:00:11, 02:00:ac:19:00:14]
          one_holder: 0.052
          announced: true
      stall: 0.0
forgotten:
  description: Whether it ended because nobody had said anything for O(patience).
  returned: O(state=running)
  type: bool
  sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.cluster.plugins.module_utils._command import runner_from
from ansible_collections.lvs.cluster.plugins.module_utils._drill.run import Folder, Request, probe
from ansible_collections.lvs.cluster.plugins.module_utils._errors import LvsError

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["marked", "running", "stopped"], "default": "running"},
    "folder": {"type": "path", "required": True},
    "urls": {"type": "list", "elements": "str"},
    "interval": {"type": "float", "default": 0.02},
    "connections": {"type": "int", "default": 5},
    "patience": {"type": "float", "default": 600},
    "mark": {"type": "str"},
}
REQUIRED_IF = [("state", "running", ["urls"]), ("state", "marked", ["mark"])]


def main() -> None:
    """Turn options into a request, meet it, report."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, required_if=REQUIRED_IF)
    options = module.params
    folder = Folder(options["folder"])
    result = {"changed": True}
    try:
        if options["state"] == "stopped":
            result["changed"] = folder.stop()
        elif options["state"] == "marked":
            folder.mark(options["mark"])
        else:
            request = Request(
                urls=tuple(options["urls"]),
                interval=options["interval"],
                connections=options["connections"],
                patience=options["patience"],
            )
            result.update(probe(request, folder, runner_from(module.run_command)))
    except LvsError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what the filters that begin with the model of the cluster share."""

from __future__ import annotations


class ModuleDocFragment:
    """The model, and the director that it is asked about."""

    # The model.
    DOCUMENTATION = r"""
options:
  _input:
    description: What P(lvs.cluster.topology#filter) returned.
    type: dict
    required: true
"""

    # The director.
    DIRECTOR = r"""
options:
  director:
    description: Name of the director in the inventory.
    type: str
    required: true
"""

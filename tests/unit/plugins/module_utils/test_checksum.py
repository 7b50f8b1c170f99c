# Copyright: (c) 2026, lvs.cluster contributors
# GNU General Public License v3.0+ (see LICENSES or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Internet checksum."""

from __future__ import annotations

from ansible_collections.lvs.cluster.plugins.module_utils._checksum import checksum


def test_it_is_that_of_its_rfc() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2  # RFC 1071, 3
    assert checksum(bytes.fromhex("ffff0001")) == 0xFFFE  # it carries over

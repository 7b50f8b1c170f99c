# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install pip into a virtual environment of ansible-test, from what is on the machine.

ansible-test downloads a script for this from a server of its own. With this one in its cache it
needs a package index and nothing else. Its arguments are pip's: options, then requirements.
"""

from __future__ import annotations

import os
import subprocess
import sys


def main() -> None:
    """Put pip there, then let it fetch the versions that ansible-test asks for."""
    requirements = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    # GET_PIP would make ansible-test's wrapper around pip run this file again
    environment = {name: value for name, value in os.environ.items() if name != "GET_PIP"}
    for arguments in (
        ["ensurepip", "--default-pip"],
        ["pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
    ):
        subprocess.run(
            [sys.executable, "-m", *arguments], check=True, env=environment, stdout=sys.stderr
        )


if __name__ == "__main__":
    main()

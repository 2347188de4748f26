"""Finds Chromium, with which pages are tried: installed, else installed by apt where root may.

Only the program itself is looked for; playwright's own downloads are not used.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["ChromiumMissing", "find_chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")


class ChromiumMissing(RuntimeError):
    """There is no Chromium; the message says what to do."""


def find_chromium() -> Path:
    """The installed browser.

    Raises:
        ChromiumMissing: there is none.
    """
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise ChromiumMissing("Chromium is not installed: install the package chromium.")
    return Path(found)


def install_chromium() -> None:
    """Install it from Debian's packages, if it is missing and somebody may.

    Raises:
        ChromiumMissing: nobody may, or apt could not.
    """
    try:
        find_chromium()
    except ChromiumMissing:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise
        sys.stderr.write("Chromium is not installed: installing it with apt-get …\n")
        _apt("-qq", "update")
        _apt("-qq", "install", "-y", "--no-install-recommends", "chromium")


def _apt(*arguments: str) -> None:
    command = ("apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments)
    done = subprocess.run(  # noqa: S603 - the system's own program, nothing from outside
        command,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise ChromiumMissing("apt-get could not install Chromium: install the package chromium.")


if __name__ == "__main__":
    try:
        install_chromium()
    except ChromiumMissing as missing:
        # The other tests can run all the same; those of the pages are skipped.
        sys.stderr.write(f"{missing}\n")

"""Programs that check what is to be deployed: installed, else unpacked by `scripts/setup`."""

import shutil
from pathlib import Path
from typing import Final

import pytest

__all__ = ["needed", "program_named"]

_UNPACKED: Final = Path(__file__).parents[2] / ".var" / "programs" / "usr" / "bin"


def program_named(name: str) -> Path | None:
    """Where it is; None if it is not there."""
    unpacked = _UNPACKED / name
    if unpacked.exists():
        return unpacked
    found = shutil.which(name)
    return None if found is None else Path(found)


def needed(name: str) -> str:
    """Where it is; skips the test if it is not there."""
    found = program_named(name)
    if found is None:
        pytest.skip(f"{name} is not there: scripts/test gets it, as root on Debian")
    return str(found)

"""One of two hubs on one store, as it runs in a campaign.

Its leases and the broker's patience are short, so that one that stands still is given up while the
campaign waits, and its machine's clock may be wrong: a file says by how much when it starts.
"""

import os
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Self

from hub.broker import Broker
from hub.sandbox.faults import mortal
from hub.sandbox.faults.steps import TRAP
from hub.stages import deliver, mailbox

__all__ = ["LEASE", "clock_in", "main"]

LEASE: Final = timedelta(seconds=15)
"""Longer than the heaviest sample takes."""
_HEARTBEAT: Final = 3
"""Seconds; after two to three of them without a sign the broker takes a hub for gone."""


def clock_in(folder: Path) -> Path:
    """The file that says by how many seconds the clock of a hub is ahead that is started now."""
    return folder / "hub.clock"


def main() -> None:
    """Run the hub as the settings in the environment say."""
    clock = clock_in(Path(os.environ[TRAP]).parent)
    if clock.exists():
        _set_clock(timedelta(seconds=float(clock.read_text("ascii"))))
    for module, name in ((deliver, "LEASE"), (mailbox, "_LEASE")):
        setattr(module, name, LEASE)
    defaults = Broker.__init__.__kwdefaults__ or {}
    setattr(Broker.__init__, "__kwdefaults__", {**defaults, "heartbeat": _HEARTBEAT})  # noqa: B010 - a seam, which has no type
    mortal.main()


def _set_clock(ahead: timedelta) -> None:
    """For every module of the hub; what the models are made of stays as it is."""

    class Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, datetime)

    class WrongTime(datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + ahead

    for name, module in list(sys.modules.items()):
        if name.startswith("hub.") and getattr(module, "datetime", None) is datetime:
            setattr(module, "datetime", WrongTime)  # noqa: B010 - a seam, which has no type

"""A child process as it sees itself: its pipes, its bounds, and an end with its parent.

What the vendor's code prints goes nowhere, and no core file keeps what it was working on.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

from hub.workshop.frames import Frame, framed, read_frame

__all__ = ["Line", "bound_memory"]

_PR_SET_PDEATHSIG: Final = 1


class Line:
    """The child's ends of the pipes to its parent."""

    def __init__(self) -> None:
        """Take stdin and stdout for frames; others find them closed to reading and to writing."""
        self._calls, self._answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _end_with_parent()

    def hear(self) -> list[bytes]:
        """The next frame; SystemExit when the parent has gone."""
        frame = read_frame(self._calls.read)
        if frame is None:
            sys.exit()
        return frame

    def say(self, parts: Frame) -> None:
        """Answer."""
        for part in framed(parts):
            self._answers.write(part)
        self._answers.flush()


def bound_memory(more: int) -> None:
    """Refuse this process more bytes than these, in addition to what it has now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    now = pages * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))


def _end_with_parent() -> None:
    """Have the kernel end this process with its parent, also in the middle of a call.

    Between calls the end of stdin does it; a call that hangs reads nothing.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

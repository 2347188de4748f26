"""A child process as its parent sees it: starts, is told and asked, and is ended in any case.

Plain and blocking, for a thread that may wait; every wait has an end. The child must be no
reason for the parent to fail: whatever it does is one of two exceptions, `Hung` or `Ended`.
"""

import fcntl
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from hub.workshop.frames import Frame, TooLarge, framed, read_frame

__all__ = ["Deadline", "Ended", "Hung", "Process"]

_PIPE_BYTES: Final = 1024 * 1024
_LITTLE_BYTES: Final = 64 * 1024
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_ENVIRONMENT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")
"""What a child inherits: nothing that could be a secret of the hub or of anybody else."""


class Hung(Exception):
    """No answer came in time. The child was killed."""


class Ended(Exception):
    """The child ended, or says what nobody can understand and was killed; `how` it ended."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Deadline:
    """The time until which something has to be done."""

    def __init__(self, within: timedelta) -> None:
        self._at = time.monotonic() + within.total_seconds()

    def left(self) -> float:
        """Seconds that are left, not below 0."""
        return max(0.0, self._at - time.monotonic())

    def prolong(self, seconds: float) -> None:
        """Give more time, for what was waited for elsewhere."""
        self._at += seconds


class Process:
    """`python -m module arguments`, in a session of its own, from which only answers come.

    The module's `main` takes the other end of the pipes with `hub.workshop.inside.Line`.
    """

    def __init__(self, module: str, *arguments: str, hash_seed: str = "random") -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python, with arguments of our own
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(hash_seed),
            start_new_session=True,  # Ctrl-C is for the parent, which ends its children itself
        )
        assert self._process.stdin is not None  # noqa: S101 - a pipe, see above
        assert self._process.stdout is not None  # noqa: S101 - a pipe, see above
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._to, self._from):
            os.set_blocking(pipe, False)
            with suppress(OSError):  # a user's pipes may be used up; then they stay small
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._rest = b""
        self._light: int | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def tell(self, parts: Frame, deadline: Deadline) -> None:
        """Write a frame.

        Raises:
            Hung: it did not take it in time.
            Ended: it is no more.
        """
        waiting = select.poll()
        waiting.register(self._to, select.POLLOUT)
        for part in framed(parts):
            left = memoryview(part)
            while left:
                try:
                    left = left[os.write(self._to, left[:_PIPE_BYTES]) :]
                except BlockingIOError:
                    self._wait(waiting, deadline)
                except BrokenPipeError:
                    raise self._ended() from None

    def hear(self, deadline: Deadline) -> list[bytes]:
        """Read a frame.

        Raises:
            Hung: it was not there in time.
            Ended: it is no more, or spoke nonsense.
        """
        waiting = select.poll()
        waiting.register(self._from, select.POLLIN)
        try:
            frame = read_frame(lambda count: self._read(count, waiting, deadline))
        except TooLarge:
            frame = None
        if frame is None:
            raise self.nonsense()
        return frame

    def nonsense(self) -> Ended:
        """Kill it for what it said."""
        self.end()
        return Ended("an answer that is none")

    def is_loaded(self) -> None:
        """Take its size now for the one from which growth counts."""
        self._light = self._size()

    def grown(self) -> int:
        """Bytes of address space that it has taken since it was loaded."""
        return self._size() - (self._light or 0)

    def kill(self) -> None:
        """Kill it, whatever it does; for a thread other than the one that talks to it."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and wait for its end. Ending twice is ending once."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _read(self, count: int, waiting: select.poll, deadline: Deadline) -> bytes:
        parts: list[bytes] = [self._rest[:count]]
        self._rest, left = self._rest[count:], count - len(parts[0])
        while left:
            try:
                part = os.read(self._from, min(max(left, _LITTLE_BYTES), _PIPE_BYTES))
            except BlockingIOError:
                self._wait(waiting, deadline)
                continue
            if not part:
                raise self._ended()
            self._rest = part[left:]
            parts.append(part[:left])
            left -= len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _wait(self, waiting: select.poll, deadline: Deadline) -> None:
        if not waiting.poll(deadline.left() * 1000):
            self.end()
            raise Hung

    def _ended(self) -> Ended:
        # It closed its pipe: it has ended, or has nothing more to say.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECONDS_TO_END)
        code = self._process.poll()
        self.end()
        if code is None:
            return Ended("its pipe closed")
        return Ended(f"signal {-code}" if code < 0 else f"exit code {code}")

    def _size(self) -> int:
        try:
            statm = Path(f"/proc/{self._process.pid}/statm").read_text("ascii")
        except OSError:
            return 0  # it has ended just now
        return int(statm.split()[0]) * _PAGE_BYTES


_SECONDS_TO_END: Final = 5


def _environment(hash_seed: str) -> dict[str, str]:
    paths = [path or os.getcwd() for path in sys.path]  # noqa: PTH109 - as text, like the others
    inherited = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return inherited | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": hash_seed}

"""A child process as its parent sees it: starts, is told and asked, and is ended in any case.

`tell` and `hear` are plain and blocking, for a thread that may wait, and every wait has an end;
the event loop does with `send` and `receive` as much as goes at once. The child must be no reason
for the parent to fail: whatever it does is one of two exceptions, `Hung` or `Ended`.
"""

import fcntl
import os
import select
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from datetime import timedelta
from typing import Final

from hub.workshop.frames import Frame, Incoming, TooLarge, framed

__all__ = ["Deadline", "Ended", "Hung", "Process"]

_PIPE_BYTES: Final = 1024 * 1024
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


class Process:
    """`python -m module arguments`, in a session of its own, from which only answers come.

    The module's `main` takes the other end of the pipes with `hub.workshop.inside.Line`. `input`
    and `output` are this end's, for an event loop to watch.
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
        self.input, self.output = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self.input, self.output):
            os.set_blocking(pipe, False)
            with suppress(OSError):  # a user's pipes may be used up; then they stay small
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._untold: deque[memoryview] = deque()
        self._incoming = Incoming()
        self._statm: int | None = None
        self._light = 0

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
        try:
            told = self.send(parts)
            while not told:
                self._wait(self.input, select.POLLOUT, deadline)
                told = self.send_rest()
        except BrokenPipeError:
            raise self.ended() from None

    def hear(self, deadline: Deadline) -> list[bytes]:
        """Read a frame.

        Raises:
            Hung: it was not there in time.
            Ended: it is no more, or spoke nonsense.
        """
        try:
            while (frame := self._incoming.frame()) is None:
                self._wait(self.output, select.POLLIN, deadline)
                if not self._read():
                    raise self.ended()
        except TooLarge:
            raise self.nonsense() from None
        return frame

    def send(self, parts: Frame) -> bool:
        """Write as much of a frame as it takes now; whether that is all.

        Raises:
            BrokenPipeError: it hears nothing any more.
        """
        self._untold.extend(map(memoryview, framed(parts)))
        return self.send_rest()

    def send_rest(self) -> bool:
        """Go on with what was left; like `send`."""
        while self._untold:
            part = self._untold.popleft()
            try:
                written = os.write(self.input, part[:_PIPE_BYTES])
            except BlockingIOError:
                self._untold.appendleft(part)
                return False
            if written < len(part):
                self._untold.appendleft(part[written:])
        return True

    def receive(self) -> list[list[bytes]]:
        """The frames that become whole with what it has said by now.

        Raises:
            EOFError: it says nothing any more.
            TooLarge: it speaks nonsense.
        """
        if not self._read():
            raise EOFError
        return list(iter(self._incoming.frame, None))

    def nonsense(self) -> Ended:
        """Kill it for what it said."""
        self.end()
        return Ended("an answer that is none")

    def is_loaded(self) -> None:
        """Take its size now for the one from which growth counts."""
        self._statm = os.open(f"/proc/{self._process.pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._light = self._size()

    def grown(self) -> int:
        """Bytes of address space that it has taken since it was loaded."""
        return self._size() - self._light

    def kill(self) -> None:
        """Kill it, whatever it does; from any thread."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and wait for its end. Ending twice is ending once."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        statm, self._statm = self._statm, None
        if statm is not None:
            os.close(statm)

    def ended(self) -> Ended:
        """How it ended, once it closed its pipe: by itself, or it has nothing more to say."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECONDS_TO_END)
        code = self._process.poll()
        self.end()
        if code is None:
            return Ended("its pipe closed")
        return Ended(f"signal {-code}" if code < 0 else f"exit code {code}")

    def _read(self) -> bool:
        with suppress(BlockingIOError):
            piece = os.read(self.output, self._incoming.room)
            self._incoming.feed(piece)
            return bool(piece)
        return True

    def _wait(self, pipe: int, what: int, deadline: Deadline) -> None:
        waiting = select.poll()
        waiting.register(pipe, what)
        if not waiting.poll(deadline.left() * 1000):
            self.end()
            raise Hung

    def _size(self) -> int:
        if self._statm is None:
            return 0
        try:
            return int(os.pread(self._statm, 100, 0).split()[0]) * _PAGE_BYTES
        except (OSError, IndexError):
            return 0  # it has ended just now


_SECONDS_TO_END: Final = 5


def _environment(hash_seed: str) -> dict[str, str]:
    paths = [path or os.getcwd() for path in sys.path]  # noqa: PTH109 - as text, like the others
    inherited = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return inherited | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": hash_seed}

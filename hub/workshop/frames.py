"""How parent and child tell apart what they say: frames of a few parts, each with its length.

The first part is JSON that says what the others are. No part is ever unpickled: a child runs
vendors' code, and a pickle is a program.
"""

import struct
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import Final

__all__ = ["Frame", "Incoming", "TooLarge", "framed", "read_frame"]

Frame = Sequence[bytes]

_COUNT: Final = struct.Struct("!I")
_SMALL_BYTES: Final = 64 * 1024
_READ_BYTES: Final = 1024 * 1024
_MOST_PARTS: Final = 10_000
_MOST_BYTES: Final = 512 * 1024 * 1024


class TooLarge(Exception):
    """What was announced is more than anybody has to say."""


def framed(parts: Frame) -> list[bytes]:
    """What goes over the pipe: what is small in one piece, large parts without a copy."""
    head = struct.pack(f"!I{len(parts)}Q", len(parts), *map(len, parts))
    if sum(map(len, parts)) < _SMALL_BYTES:
        return [b"".join((head, *parts))]
    return [head, *parts]


def read_frame(read: Callable[[int], bytes]) -> list[bytes] | None:
    """One frame, by a function that reads exactly so many bytes; None at the end of the pipe.

    Raises:
        TooLarge: nothing of it was read, nor any memory taken for it.
    """
    frames = _frames()
    frame, wanted = next(frames)
    head = read(wanted)
    if not head:
        return None
    frame, wanted = frames.send(head)
    while frame is None:
        frame, wanted = frames.send(read(wanted))
    return frame


class Incoming:
    """Frames out of what a pipe gives at a time: pieces of any length."""

    def __init__(self) -> None:
        self._pieces: deque[memoryview] = deque()
        self._here = 0
        self._frames = _frames()
        _, self._wanted = next(self._frames)

    @property
    def room(self) -> int:
        """How many bytes to read at once: no more memory than is needed for them."""
        return min(max(self._wanted - self._here, _SMALL_BYTES), _READ_BYTES)

    def feed(self, piece: bytes) -> None:
        """Take what was read."""
        self._pieces.append(memoryview(piece))
        self._here += len(piece)

    def frame(self) -> list[bytes] | None:
        """The next frame that has come; None as long as it is not whole.

        Raises:
            TooLarge: no memory was taken for it.
        """
        while self._here >= self._wanted:
            frame, self._wanted = self._frames.send(self._take(self._wanted))
            if frame is not None:
                return frame
        return None

    def _take(self, count: int) -> bytes:
        self._here -= count
        taken = []
        while count:
            piece = self._pieces.popleft()
            if len(piece) > count:
                self._pieces.appendleft(piece[count:])
                piece = piece[:count]
            taken.append(piece)
            count -= len(piece)
        return b"".join(taken)


def _frames() -> Generator[tuple[list[bytes] | None, int], bytes, None]:
    """Each frame once it is whole, and how many bytes are wanted next."""
    frame: list[bytes] | None = None
    while True:
        (count,) = _COUNT.unpack((yield frame, _COUNT.size))
        if count > _MOST_PARTS:
            raise TooLarge
        lengths = struct.unpack(f"!{count}Q", (yield None, 8 * count))
        if sum(lengths) > _MOST_BYTES:
            raise TooLarge
        frame = []
        for length in lengths:
            frame.append((yield None, length))

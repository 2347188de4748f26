"""How parent and child tell apart what they say: frames of a few parts, each with its length.

The first part is JSON that says what the others are. No part is ever unpickled: a child runs
vendors' code, and a pickle is a program.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["Frame", "TooLarge", "framed", "read_frame"]

Frame = Sequence[bytes]

_COUNT: Final = struct.Struct("!I")
_SMALL_BYTES: Final = 64 * 1024
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
    head = read(_COUNT.size)
    if not head:
        return None
    (count,) = _COUNT.unpack(head)
    if count > _MOST_PARTS:
        raise TooLarge
    lengths = struct.unpack(f"!{count}Q", read(8 * count))
    if sum(lengths) > _MOST_BYTES:
        raise TooLarge
    return [read(length) for length in lengths]

"""The segments of a JPEG, as far as is needed to find its end (ITU-T T.81, annex B). Pure."""

from typing import Final

__all__ = ["end_of_jpeg"]

_END: Final = b"\xff\xd9"
_SCAN: Final = 0xDA
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a segment behind them."""


def end_of_jpeg(content: bytes) -> int | None:
    """Where the picture ends; None if its segments do not fit together, or have no end.

    Behind the first scan its end is looked for: in the data of a scan, the mark of the end
    cannot stand (each FF there is followed by a zero).
    """
    at = 2
    while content[at : at + 1] == b"\xff":
        kind = content[at + 1 : at + 2]
        if kind == b"\xff":  # fill bytes
            at += 1
            continue
        if not kind or kind[0] in (0x00, _END[1]):
            return None
        if kind[0] in _ALONE:
            at += 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2:
            return None
        at += 2 + length
        if kind[0] == _SCAN:
            end = content.find(_END, at)
            return None if end < 0 else end + len(_END)
    return None

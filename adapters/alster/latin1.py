"""Text of DIN SPEC 91379 in ISO-8859-1: what Alster's database can hold.

A letter that ISO-8859-1 has stays as it is, ß among them. Any other becomes the letter nearest
to it: its marks are taken off by Unicode decomposition, all but one that ISO-8859-1 knows (ấ
becomes â, not a). Letters that do not decompose, and signs, stand in a list of their own.
Nothing ever becomes a question mark.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from hub.model.text import GROUPS, SEQUENCES

__all__ = ["TABLE", "transliterate"]

_LAST: Final = "\xff"

_BY_HAND: Final = {
    "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "Ĳ": "IJ", "ĳ": "ij", "ĸ": "k",
    "Ŀ": "L", "ŀ": "l", "Ł": "L", "ł": "l", "ŉ": "'n", "Ŋ": "N", "ŋ": "n", "Œ": "OE",
    "œ": "oe", "Ŧ": "T", "ŧ": "t", "Ƈ": "C", "ƈ": "c", "Ə": "E", "ə": "e", "Ɨ": "I",
    "ɨ": "i", "Ʒ": "Z", "ʒ": "z", "Ǥ": "G", "ǥ": "g", "ẞ": "SS",
    "ʹ": "'", "ʺ": '"', "ʾ": "'", "ʿ": "'", "ˈ": "'", "ˌ": ",", "’": "'", "‡": "+", "€": "EUR",
}  # fmt: skip


def transliterate(text: str) -> str:
    """`text` in letters that ISO-8859-1 has; the same text where it has them all.

    Raises:
        ValueError: a character is neither of ISO-8859-1 nor of DIN SPEC 91379.
    """
    text = unicodedata.normalize("NFC", text)
    return text if _fits(text) else _FOREIGN.sub(_replaced, text)


def _replaced(found: re.Match[str]) -> str:
    token = found[0]
    if token not in TABLE:
        raise ValueError(f"U+{ord(token[0]):04X} has no place in ISO-8859-1")
    return TABLE[token]


def _nearest(letters: str) -> str:
    """Each base letter with at most one mark: the first that ISO-8859-1 has on that letter."""
    result = ""
    for cluster in _CLUSTER.findall(unicodedata.normalize("NFD", letters)):
        base, marks = cluster[0], cluster[1:]
        composed = (unicodedata.normalize("NFC", base + mark) for mark in marks)
        result += next((one for one in composed if _fits(one)), _BY_HAND.get(base, base))
    return result


def _fits(text: str) -> bool:
    return text.isascii() or max(text) <= _LAST


_CLUSTER: Final = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]*")
_FOREIGN: Final = re.compile("|".join(map(re.escape, SEQUENCES)) + f"|[^\0-{_LAST}]")
"""What ISO-8859-1 lacks; every sequence has a mark of which it has none."""

TABLE: Final[Mapping[str, str]] = {
    letters: _BY_HAND.get(letters) or _nearest(letters)
    for letters in (*"".join(GROUPS.values()), *SEQUENCES)
    if not _fits(letters)
}
"""Every letter, sign and sequence of DIN SPEC 91379 that ISO-8859-1 lacks → what stands for it."""

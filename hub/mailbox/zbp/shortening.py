"""Shortens texts to a provider's limit where a reader would: between letters, never within one.

Lengths are counted in characters, that is Unicode code points, after normalisation to NFC: so
does the client library that the limits are known from (docs of `hub.mailbox.zbp.objects`). A
letter as a reader sees it may be several of them.
"""

import unicodedata
from typing import Final

__all__ = ["shorten"]

_ELLIPSIS: Final = "…"
_JOINER: Final = "\u200d"
_DOUBLE_DIACRITICS: Final = (233, 234)
"""Canonical combining classes of marks that span the next letter as well, as in DIN 91379's k͟h."""


def shorten(text: str, limit: int) -> str:
    """`text` if it has at most `limit` characters; else its beginning and an ellipsis within it.

    A simplification of UAX #29 (rules GB9, GB9a) that is exact for DIN SPEC 91379 and the scripts
    of the hub's languages: a mark belongs to the letter before it, a double one to both.
    """
    text = unicodedata.normalize("NFC", text)
    if len(text) <= limit:
        return text
    end = limit - len(_ELLIPSIS)
    while end > 0 and not _is_boundary(text, end):
        end -= 1
    return text[:end].rstrip() + _ELLIPSIS


def _is_boundary(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    belongs_back = unicodedata.category(after).startswith("M") or after == _JOINER
    joins = unicodedata.combining(before) in _DOUBLE_DIACRITICS or before == _JOINER
    return not belongs_back and not joins

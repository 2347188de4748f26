"""What people type, as an authority's system can be sent it.

Systems take the letters of DIN SPEC 91379 and no other script. Phones put in quotation marks,
dashes and marks of direction by themselves, which that norm lacks: these are brought to what it
has. No letter is ever changed; which ones cannot be sent is said, so that their writer decides.
"""

import unicodedata
from typing import Final

from hub.model.text import foreign

__all__ = ["typed"]

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘‚‛′", "'"),
        **dict.fromkeys("‐‑‒–—―−•", "-"),
        **dict.fromkeys("\u2002\u2003\u2007\u2008\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u2028\u2029", "\n"),
        "…": "...",
        # They show nothing: joiners, marks of direction, a mark of byte order, a soft hyphen.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f", ""),
        **dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), ""),
    }
)


def typed(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it can be sent, and the characters in it that cannot be."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_PLAIN)).strip()
    return plain, foreign(plain)

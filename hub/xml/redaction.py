"""A value without what it says: its form only, to see what is wrong with it.

`Müller-Łuk, 12345` is `xxxxxx-xxx, 99999`. Letters and digits are all alike afterwards; signs of
ASCII stay, since forms are made of them.
"""

import unicodedata
from typing import Final

__all__ = ["redacted"]

_LONGEST: Final = 24


def redacted(value: str, longest: int = _LONGEST) -> str:
    """The form of `value`; where it is longer than `longest`, its beginning and an ellipsis."""
    form = "".join(map(_form, value[:longest]))
    return form if len(value) <= longest else f"{form}…"


def _form(letter: str) -> str:
    category = unicodedata.category(letter)[0]
    if category in "LM":
        return "x"
    if category == "N":
        return "9"
    if letter.isspace():
        return " "
    return letter if letter.isascii() and letter.isprintable() else "·"

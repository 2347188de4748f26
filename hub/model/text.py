"""Text as DIN SPEC 91379 `datatypeC` has it: what XInneres allows in every text element.

Letters may be sequences of several code points (there are 149). Text is brought to NFC,
checked character by character and counted by sequence; it is never folded to ASCII.
"""

import json
import re
import unicodedata
from importlib.resources import files
from typing import Annotated, Final

from pydantic import AfterValidator

__all__ = ["MAX_LONG_TEXT", "LongText", "Text", "count", "foreign", "normalise"]

_DATA = json.loads(files("hub.model").joinpath("din91379.json").read_text("utf-8"))
GROUPS: Final[dict[str, str]] = _DATA["groups"]
SEQUENCES: Final[tuple[str, ...]] = tuple(sorted(_DATA["sequences"], key=len, reverse=True))

_SINGLE = frozenset("".join(GROUPS.values()))
_TOKEN = re.compile("|".join(map(re.escape, SEQUENCES)) + "|.", re.DOTALL)
_SEQUENCE = re.compile("|".join(map(re.escape, SEQUENCES)))
_KNOWN = _SINGLE | frozenset(SEQUENCES)


def normalise(text: str) -> str:
    """Return `text` in NFC; raise ValueError naming the first foreign character by code point."""
    text = unicodedata.normalize("NFC", text)
    if _SINGLE.issuperset(text) or _SINGLE.issuperset(_SEQUENCE.sub("", text)):
        return text
    for position, token in enumerate(_TOKEN.findall(text), start=1):
        if token not in _KNOWN:
            raise ValueError(
                f"character {position} (U+{ord(token[0]):04X}) is not allowed by "
                "DIN SPEC 91379 datatypeC; transliterate it or leave it out"
            )
    return text


def foreign(text: str) -> tuple[str, ...]:
    """The characters of a text in NFC that are not allowed, each once, as they appear."""
    if _SINGLE.issuperset(text):
        return ()
    return tuple(dict.fromkeys(each for each in _TOKEN.findall(text) if each not in _KNOWN))


def count(text: str) -> int:
    """Count letters as a reader sees them: a sequence of several code points is one."""
    return len(_TOKEN.findall(text))


def _not_blank(text: str) -> str:
    # XInneres, error S030: a mandatory text must not be empty.
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _at_most(letters: int) -> AfterValidator:
    """The bound is the hub's own (the standard names none), counted after NFC."""

    def check(text: str) -> str:
        if len(text) > letters and count(text) > letters:
            raise ValueError(f"is longer than {letters} letters")
        return text

    return AfterValidator(check)


_CHECKED = AfterValidator(normalise), AfterValidator(_not_blank)

Text = Annotated[str, *_CHECKED, _at_most(1000)]
"""One line or short paragraph."""

MAX_LONG_TEXT: Final = 20_000

LongText = Annotated[str, *_CHECKED, _at_most(MAX_LONG_TEXT)]
"""Free text such as a question or a remark."""

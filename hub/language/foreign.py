"""Text of others within a sentence: it must not turn the sentence around it (Unicode UAX 9)."""

import re
from typing import Final

__all__ = ["isolated", "without_controls"]

_FIRST_STRONG_ISOLATE: Final = "\u2068"
_POP_ISOLATE: Final = "\u2069"
_CONTROLS: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_LINE: Final = re.compile(r"[^\n\r\x1c-\x1e\x85\u2029]+")
_WEB_ADDRESS: Final = re.compile(r"https?://\S+")


def without_controls(text: str) -> str:
    """`text` without embeddings, overrides and isolates: with one it could break out of its own."""
    return text.translate(_CONTROLS)


def isolated(text: str) -> str:
    """`text` with each line in the direction that its own letters have.

    An isolate ends with its line. A web address stays bare: programs that make links of addresses
    would take the isolate's end for a part of it.
    """
    return _LINE.sub(lambda line: _isolated(line[0]), text)


def _isolated(line: str) -> str:
    if not line.strip() or _WEB_ADDRESS.fullmatch(line):
        return line
    return f"{_FIRST_STRONG_ISOLATE}{line}{_POP_ISOLATE}"

"""Error codes of a refusal: their class, and what they mean in the words of their list.

The list is "Fehlercodes in XInneres". A code's letter is its class: T for transport, certificate
and signature, X for the XML, V for the version, S for the specification.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

from hub.model.codes import code_list

__all__ = ["ErrorClass", "error_class", "in_words"]

ErrorClass = Literal["T", "X", "V", "S"]

_CLASSES: Final[dict[str, ErrorClass]] = {"T": "T", "X": "X", "V": "V", "S": "S"}
_CAUSE: Final = re.compile(r"(?:refused\.)?([TXVS])[0-9]{3}")


def error_class(cause: str) -> ErrorClass | None:
    """The class of a dead letter, by its cause (`refused.S100`, `X001`); None if it has none."""
    matched = _CAUSE.fullmatch(cause)
    return _CLASSES[matched[1]] if matched else None


def in_words(codes: Iterable[str]) -> str:
    """The codes, each with its meaning where the list has it."""
    known = code_list("error_code").codes
    said = [f"{code} ({known[code].rstrip('.')})" if code in known else code for code in codes]
    return ", ".join(said) or "without an error code"

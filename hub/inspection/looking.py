"""Is a document what its type says, and nothing else besides? Pure.

Only the outside of a file is looked at: how it begins, how it ends, and whether a program that
reads another type would take it for one of its own. Whether every page can be shown, only a
viewer could say.
"""

from typing import Final

from hub.inspection.jpeg import end_of_jpeg
from hub.inspection.pdf import active_content
from hub.model.document import MediaType, media_type_of
from hub.model.failure import PermanentFailure

__all__ = ["look"]

_TAIL: Final = 1024
"""Bytes at the end of a PDF, and at its beginning, in which viewers look for its marks
(ISO 32000-1, annex H, notes 13 and 18)."""

_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_BYTES: Final = 22
_MOST_COMMENT: Final = 0xFFFF
_NOTHING: Final = b"\x00\t\n\x0c\r "


def look(content: bytes, media_type: MediaType) -> tuple[str, ...]:
    """What is to be flagged in a document, in a stable order; empty if nothing is.

    Raises:
        PermanentFailure: `document.media_type`: it is of another type, or of none;
            `document.incomplete`: its end is missing; `document.two_types`: a ZIP or a PDF as
            well, so that two readers would see two documents.
    """
    if media_type_of(content) != media_type:
        raise PermanentFailure(
            "document.media_type", f"The document is not the {media_type} that it says it is."
        )
    end = _end_of(content, media_type)
    if end is None:
        raise PermanentFailure(
            "document.incomplete", f"The document begins as {media_type} and has no end."
        )
    if _ends_as_zip(content) or (media_type != "application/pdf" and b"%PDF-" in content[:_TAIL]):
        raise PermanentFailure(
            "document.two_types", f"The document is {media_type} and something else as well."
        )
    flags = active_content(content) if media_type == "application/pdf" else ()
    return (*flags, "trailing_data") if content[end:].strip(_NOTHING) else flags


def _end_of(content: bytes, media_type: MediaType) -> int | None:
    if media_type == "image/jpeg":
        return end_of_jpeg(content)
    mark = content.rfind(b"%%EOF", max(0, len(content) - _TAIL))
    return None if mark < 0 else mark + len(b"%%EOF")


def _ends_as_zip(content: bytes) -> bool:
    """Whether the directory of a ZIP ends where the document ends (APPNOTE 4.3.16)."""
    first = max(0, len(content) - _ZIP_END_BYTES - _MOST_COMMENT)
    at = content.find(_ZIP_END, first)
    while at >= 0:
        comment = content[at + _ZIP_END_BYTES - 2 : at + _ZIP_END_BYTES]
        if at + _ZIP_END_BYTES + int.from_bytes(comment, "little") == len(content):
            return True
        at = content.find(_ZIP_END, at + 1)
    return False

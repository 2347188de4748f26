"""In which charset a form is read: UTF-8, whatever its sender says.

Starlette decodes a form's fields with whichever of Python's codecs the sender names. Some of them
take time with the square of the length: `punycode` held the whole hub up for minutes over one
megabyte.
"""

from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from hub.web.problems import Rejected

__all__ = ["check_charset"]

_TAKEN: Final = frozenset({b"utf-8", b"utf8"})


def check_charset(request: Request) -> None:
    """Pass if the form is in UTF-8; browsers send no other, and name none (RFC 7578, 5.1.2).

    Raises:
        Rejected: 415.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"utf-8").lower() not in _TAKEN:
        raise Rejected(415, "form.charset", "Send the form in UTF-8.")

"""Origins of web pages as browsers write them in the header `Origin` (RFC 6454, section 6.2).

A page that came by http could be anybody's on the way: it counts on this machine only.
"""

import re
from typing import Final

from hub.tls import is_loopback

__all__ = ["is_origin"]

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(\.{_LABEL})*|\[[0-9a-f:]{{2,39}}\])"
    r"(:(?P<port>[1-9][0-9]{0,4}))?"
)
_USUAL: Final = {"https": "443", "http": "80"}
"""Browsers leave out the port that a scheme has anyway."""


def is_origin(text: str) -> bool:
    """Whether a browser would call the origin of a page so: no path, no capitals, no wildcard."""
    found = _ORIGIN.fullmatch(text)
    if found is None or found["port"] == _USUAL[found["scheme"]]:
        return False
    if int(found["port"] or 0) > 0xFFFF:
        return False
    return found["scheme"] == "https" or is_loopback(found["host"].strip("[]"))

"""One document after the other: its structure first, then the virus scanner, if there is one."""

import asyncio
from typing import Final

from hub.inspection.clamd import Scanner
from hub.inspection.looking import look
from hub.model.document import MediaType

__all__ = ["Inspection"]

_IN_THREAD_FROM: Final = 64 * 1024
"""Bytes from which looking would hold up the loop (5 MB take some ten milliseconds)."""


class Inspection:
    """What every document has to pass.

    Args:
        scanner: asked about each of them; without one, none is scanned.
    """

    def __init__(self, scanner: Scanner | None = None) -> None:
        self._scanner = scanner

    async def inspect(self, content: bytes, media_type: MediaType) -> tuple[str, ...]:
        """Pass the document; gives what is to be flagged.

        Raises:
            PermanentFailure: `document.media_type`, `document.incomplete`, `document.two_types`,
                `document.infected` or `document.not_scanned`.
            ScannerAway: nobody could say whether it is clean.
        """
        if len(content) < _IN_THREAD_FROM:
            flags = look(content, media_type)
        else:
            flags = await asyncio.to_thread(look, content, media_type)
        if self._scanner is not None:
            await self._scanner.scan(content)
        return flags

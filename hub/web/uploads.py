"""What a form brings: a few fields and documents, bounded, and never in plain on a disk.

Starlette's parser spools files to the disk once they are larger than a megabyte. Here they stay in
memory until they are sealed: a form is bounded, and so are all forms that arrive at one time.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from hub.web.arriving import Arriving
from hub.web.charset import check_charset
from hub.web.problems import Rejected

__all__ = ["Filled", "TooLarge", "Uploaded", "Uploads", "in_chunks"]

_CHUNK: Final = 256 * 1024
_AT_ONCE: Final = 5
_AT_ONCE_OF_ONE: Final = 2
"""Largest forms: enough for somebody who clicks twice; and nobody alone keeps all others out."""
_MAX_FIELDS: Final = 4
_MOST_FILES: Final = 50
"""Beyond this nobody has made a mistake: the form is not looked at."""
_SECONDS_TO_ARRIVE: Final = 300
_READ_IN_VAIN: Final = 5
"""As much as so many forms is read of one that is too large, and thrown away: a browser that is
cut off while it sends shows its own error instead of ours."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One document as it was sent: in which field, and what somebody called it."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in. An empty choice of files is no file."""

    fields: Mapping[str, str]
    files: tuple[Uploaded, ...]


class TooLarge(Exception):
    """The form has more bytes than one may have."""


class Uploads:
    """Reads forms, as many at a time as there is memory set aside for."""

    def __init__(self, max_bytes: int, max_field: int) -> None:
        """Make it for forms of so many bytes at most, and fields of so many."""
        self._max_bytes = max_bytes
        self._max_field = max_field
        self._arriving = Arriving(_AT_ONCE_OF_ONE * max_bytes, _AT_ONCE * max_bytes)

    async def read(self, request: Request, whose: str) -> Filled:
        """The form of a request, which counts as that one's.

        Raises:
            TooLarge: it has too many bytes.
            Rejected: it is no form, or too many others arrive at this moment (503).
            TimeoutError: it takes too long.
        """
        stated = request.headers.get("content-length", "")
        if not stated.isdecimal():
            raise Rejected(411, "form.length", "Send the form with its Content-Length.")
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise Rejected(415, "form.type", "Send multipart/form-data.")
        check_charset(request)
        if int(stated) > self._max_bytes:
            await _throw_away(request, _READ_IN_VAIN * self._max_bytes)
            raise TooLarge
        with self._arriving.reserved(whose, int(stated)):
            async with asyncio.timeout(_SECONDS_TO_ARRIVE):
                return await self._parsed(request)

    async def _parsed(self, request: Request) -> Filled:
        parser = MultiPartParser(
            request.headers,
            _bounded(request, self._max_bytes),
            max_files=_MOST_FILES,
            max_fields=_MAX_FIELDS,
            max_part_size=self._max_field,
        )
        parser.spool_max_size = self._max_bytes + 1  # never reached: the form itself is bounded
        try:
            form = await parser.parse()
        except (MultiPartException, ValueError, LookupError):
            # The parser lets through what its parts raise, such as codecs at a name for a charset.
            raise Rejected(400, "form.malformed", "The form cannot be read.") from None
        return await _filled(form)


async def _filled(form: FormData) -> Filled:
    try:
        items = form.multi_items()
        fields = {name: value for name, value in items if isinstance(value, str)}
        files = [
            Uploaded(name, value.filename, await value.read())
            for name, value in items
            if isinstance(value, UploadFile) and value.filename
        ]
    finally:
        await form.close()
    return Filled(fields, tuple(files))


async def _bounded(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > max_bytes:
            raise TooLarge
        yield chunk


async def _throw_away(request: Request, most: int) -> None:
    seen = 0
    async with asyncio.timeout(_SECONDS_TO_ARRIVE):
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > most:
                return


async def in_chunks(content: bytes) -> AsyncIterator[bytes]:
    """What was uploaded, in pieces that hold up nobody while they are sealed."""
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]

"""What a form brings: a few fields and documents, bounded, and never in plain on a disk.

Starlette's parser spools files to the disk once they are larger than a megabyte. Here they stay in
memory until they are sealed: a form is bounded, and so are all forms that arrive at one time.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from hub.model.identifiers import CaseId
from hub.web.applicant.entrance import NotShown

__all__ = ["MAX_FILES", "MAX_MEGABYTES", "Filled", "TooLarge", "Uploaded", "Uploads"]

MAX_MEGABYTES: Final = 20
"""Of all documents of one form. The standard bounds a message at 50 MB with all it embeds."""
MAX_FILES: Final = 10

_MAX_FORM: Final = MAX_MEGABYTES * 1_000_000 + 200_000
_AT_ONCE: Final = 5 * _MAX_FORM
_AT_ONCE_OF_A_CASE: Final = 2 * _MAX_FORM
"""Enough for somebody who clicks twice; and nobody alone keeps all others out."""
_MAX_FIELDS: Final = 4
_MAX_FIELD: Final = 128 * 1024
"""Bytes of one field: more than the longest text that a reply may have, in any script."""
_MOST_FILES: Final = 50
"""Beyond this nobody has made a mistake: the form is not looked at."""
_SECONDS_TO_ARRIVE: Final = 300
_READ_IN_VAIN: Final = 5 * _MAX_FORM
"""Bytes of a form that is too large which are read and thrown away: a browser that is cut off
while it sends shows its own error instead of ours."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One document as the browser sent it; its name is what somebody called it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in. An empty choice of files is no file."""

    fields: Mapping[str, str]
    files: tuple[Uploaded, ...]


class TooLarge(Exception):
    """The form has more bytes than one may have."""


class _InMemory(MultiPartParser):
    spool_max_size = _MAX_FORM + 1  # never reached: the form itself is bounded


class Uploads:
    """Reads forms, as many at a time as there is memory set aside for."""

    def __init__(self) -> None:
        self._arriving: Counter[CaseId] = Counter()

    async def read(self, request: Request, case: CaseId) -> Filled:
        """The form of a request about a case.

        Raises:
            TooLarge: it has too many bytes.
            NotShown: it is no form of ours, or too many others arrive at this moment.
            TimeoutError: it takes too long.
        """
        stated = request.headers.get("content-length", "")
        if not stated.isdecimal():
            raise NotShown(411, "form")
        if int(stated) > _MAX_FORM:
            await _throw_away(request)
            raise TooLarge
        async with self._reserved(case, int(stated)), asyncio.timeout(_SECONDS_TO_ARRIVE):
            return await _parsed(request)

    @asynccontextmanager
    async def _reserved(self, case: CaseId, size: int) -> AsyncIterator[None]:
        of_case, of_all = self._arriving[case] + size, self._arriving.total() + size
        if of_case > _AT_ONCE_OF_A_CASE or of_all > _AT_ONCE:
            raise NotShown(503, "busy")
        self._arriving[case] = of_case
        try:
            yield
        finally:
            self._arriving[case] -= size
            self._arriving += Counter()  # forgets whoever has nothing arriving


async def _parsed(request: Request) -> Filled:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NotShown(415, "form")
    parser = _InMemory(
        request.headers,
        _bounded(request),
        max_files=_MOST_FILES,
        max_fields=_MAX_FIELDS,
        max_part_size=_MAX_FIELD,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, LookupError):
        # The parser lets through what its own parts raise, such as codecs at a name for a charset.
        raise NotShown(400, "form") from None
    try:
        items = form.multi_items()
        fields = {name: value for name, value in items if isinstance(value, str)}
        chosen = [value for _, value in items if isinstance(value, UploadFile) and value.filename]
        files = [Uploaded(each.filename or "", await each.read()) for each in chosen]
    finally:
        await form.close()
    return Filled(fields, tuple(files))


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > _MAX_FORM:
            raise TooLarge
        yield chunk


async def _throw_away(request: Request) -> None:
    seen = 0
    async with asyncio.timeout(_SECONDS_TO_ARRIVE):
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > _READ_IN_VAIN:
                return

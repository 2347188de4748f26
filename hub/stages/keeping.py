"""Keeps a message's documents: proven by hash and size, and inspected.

What nothing can act by itself in, passes without a word; what can is told in the journal, for the
people at hub and authority who open it later.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.inspection import Inspection
from hub.model.document import Document
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, DocumentId
from hub.store import Documents, Event, NewMessage

__all__ = ["Flags", "flagged", "keep_documents"]

_LEADS_ELSEWHERE: Final = re.compile(r"[/\\\t\n\r]")

Flags = Mapping[DocumentId, tuple[str, ...]]
"""What is to be told of which document."""


async def keep_documents(
    store: Documents,
    inspection: Inspection,
    documents: tuple[Document, ...],
    case: CaseId,
    *,
    owner: str,
) -> Flags:
    """Keep every document in the case's folder; doing it twice changes nothing.

    A document without content was put to the hub before, by `owner`.

    Raises:
        PermanentFailure: a hash, a size or a media type is not as stated, or one is missing, or
            what else `Inspection.inspect` finds; those before it are kept.
        ScannerAway: nothing passes before the scanner is back.
    """
    flags: dict[DocumentId, tuple[str, ...]] = {}
    for position, document in enumerate(documents):
        where = f"documents[{position}]"
        _check_name(document.file_name, where)
        size = await _keep(store, document, case, owner, where)
        if size != document.size:
            raise PermanentFailure(
                "document.size",
                f"The document has {size} bytes, which is not the size it states.",
                location=f"{where}.size",
            )
        content = document.content
        if content is None:
            content = await asyncio.to_thread(store.load, case, document.sha256)
        try:
            found = await inspection.inspect(content, document.media_type)
        except PermanentFailure as failure:
            wrong_type = failure.cause == "document.media_type"
            location = f"{where}.media_type" if wrong_type else where
            raise PermanentFailure(failure.cause, failure.sentence, location=location) from None
        if found:
            flags[document.id] = found
    return flags


def flagged(flags: Flags, row: NewMessage, stage: str, at: datetime) -> list[Event]:
    """An event for each document that somebody should open with care."""
    return [
        Event(
            case=row.case,
            message=row.id,
            at=at,
            name="flagged",
            stage=stage,
            authority=row.authority,
            detail={"document": str(document), "found": ", ".join(found)},
        )
        for document, found in flags.items()
    ]


def _check_name(name: str | None, where: str) -> None:
    """Systems and mailboxes may save the document under its name."""
    if name is not None and (_LEADS_ELSEWHERE.search(name) or not name.strip(". ")):
        raise PermanentFailure(
            "document.file_name",
            "The file name is not a plain one: leave out folders and line breaks.",
            location=f"{where}.file_name",
        )


async def _keep(store: Documents, document: Document, case: CaseId, owner: str, where: str) -> int:
    if document.content is not None:
        try:
            await store.keep(case, document.content, document.sha256)
        except PermanentFailure as failure:
            location = f"{where}.sha256"
            raise PermanentFailure(failure.cause, failure.sentence, location=location) from None
        return len(document.content)
    size = await store.adopt(case, owner, document.sha256)
    if size is None:
        raise PermanentFailure(
            "document.missing",
            "The document is neither in the message nor was it put to the hub before.",
            location=where,
        )
    return size

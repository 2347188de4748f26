"""Keeps a message's documents: proven by hash and size, and truly what they say they are."""

import asyncio

from hub.model.document import Document, media_type_of
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.store import Documents

__all__ = ["keep_documents"]


async def keep_documents(
    store: Documents, documents: tuple[Document, ...], case: CaseId, *, owner: str
) -> None:
    """Keep every document in the case's folder; doing it twice changes nothing.

    A document without content was put to the hub before, by `owner`.

    Raises:
        PermanentFailure: a hash, a size or a media type is not as stated, or one is missing.
    """
    for position, document in enumerate(documents):
        where = f"documents[{position}]"
        size = await _keep(store, document, case, owner, where)
        if size != document.size:
            raise PermanentFailure(
                "document.size",
                f"The document has {size} bytes, which is not the size it states.",
                location=f"{where}.size",
            )
        if media_type_of(await _beginning(store, document, case)) != document.media_type:
            raise PermanentFailure(
                "document.media_type",
                f"The document is not the {document.media_type} that it says it is.",
                location=f"{where}.media_type",
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


async def _beginning(store: Documents, document: Document, case: CaseId) -> bytes:
    if document.content is not None:
        return document.content[:8]
    return (await asyncio.to_thread(store.load, case, document.sha256))[:8]

"""The simulated online service and its applicants: they send, read their letters, and answer.

They keep their own book: what the broker confirmed to them is sent, nothing else is. What was
not confirmed is sent again as it was, so the hub may get it twice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from uuid import UUID, uuid5

import aiohttp

from hub.broker import SUBMISSIONS, Publisher
from hub.model.document import Document
from hub.model.downward import (
    AgreementReply,
    Downward,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
)
from hub.model.failure import TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter
from hub.sandbox.books import Confirmed
from hub.sandbox.papers import Folder
from hub.sandbox.samples import Sample

__all__ = ["Applicants", "answer"]

_INLINE_BYTES: Final = 8 * 1024 * 1024
"""Heavier messages name their documents, which are put to the hub first: RabbitMQ 4 refuses
more than 16 MiB (FACTS: message size)."""

_AT_ONCE: Final = 8
_PAUSE: Final = 0.2
_UPLOAD_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)


class Applicants:
    """All applicants of the samples, and the online service that they use.

    Args:
        publisher: to the hub's broker.
        documents_url: the hub's door for documents, without the hash.
        token: bearer token of the online service.

    Attributes:
        confirmed: what the broker has confirmed, in that order.
        resent: how often something was sent once more, because it was not confirmed or was lost.
    """

    def __init__(self, publisher: Publisher, documents_url: str, token: str) -> None:
        self._publisher = publisher
        self._documents_url = documents_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._answered: set[MessageUuid] = set()
        self._sent: dict[MessageUuid, tuple[Sample, Downward]] = {}
        self._may_send = asyncio.Event()
        self._may_send.set()
        self.confirmed: list[Confirmed] = []
        self.resent = 0

    async def send(self, samples: Sequence[Sample]) -> None:
        """Send all submissions, several at once, each until it is confirmed."""
        async with asyncio.TaskGroup() as group:
            for sample in samples:
                group.create_task(self._send(sample, sample.submission))

    async def read(self, sample: Sample, letters: Iterable[Letter]) -> None:
        """Answer those letters of a sample's case that want an answer and have none yet."""
        for letter in letters:
            if letter.id in self._answered:
                continue
            self._answered.add(letter.id)
            if (message := answer(sample, letter)) is not None:
                await self._send(sample, message)

    @asynccontextmanager
    async def holding_back(self) -> AsyncIterator[None]:
        """Nobody begins to send anything while the block runs."""
        self._may_send.clear()
        try:
            yield
        finally:
            self._may_send.set()

    async def send_again(self, lost: Set[UUID]) -> None:
        """Send what is said to be lost once more, as it was, in the order of the first time.

        From then on it counts as sent now: what was sent meanwhile is before it.
        """
        for one in [each for each in self.confirmed if each.id in lost]:
            self.confirmed.remove(one)
            self.resent += 1
            await self._deliver(*self._sent[one.id])

    async def _send(self, sample: Sample, message: Downward) -> None:
        await self._may_send.wait()
        self._sent[message.id] = (sample, message)
        await self._deliver(sample, message)

    async def _deliver(self, sample: Sample, message: Downward) -> None:
        async with self._free:
            if _wire_size(message) > _INLINE_BYTES:
                await self._upload(message.documents)
                message = _without_contents(message)
            await self._publish(sample, message)
        now = datetime.now(UTC)
        self.confirmed.append(Confirmed(message.id, sample.case, message.type, now))

    async def _publish(self, sample: Sample, message: Downward) -> None:
        key, body = _routing_key(sample, message), message.model_dump_json().encode()
        while True:
            try:
                await self._publisher.publish(SUBMISSIONS, key, body, type=message.type)
            except TransientFailure:
                self.resent += 1
                await asyncio.sleep(_PAUSE)
            else:
                return

    async def _upload(self, documents: Iterable[Document]) -> None:
        async with aiohttp.ClientSession(timeout=_UPLOAD_TIMEOUT, headers=self._headers) as session:
            for document in documents:
                await self._put(session, document)

    async def _put(self, session: aiohttp.ClientSession, document: Document) -> None:
        while True:
            if await self._try_to_put(session, document):
                return
            await asyncio.sleep(_PAUSE)

    async def _try_to_put(self, session: aiohttp.ClientSession, document: Document) -> bool:
        """Whether the hub has the document.

        Raises:
            RuntimeError: the hub says that it will never take it.
        """
        url = f"{self._documents_url}/{document.sha256}"
        headers = {"Content-Type": document.media_type}
        body = BytesIO(document.content or b"")  # sent in pieces: in one it would hold the loop
        try:
            async with session.put(url, data=body, headers=headers) as response:
                if 400 <= response.status < 500:
                    raise RuntimeError(f"the hub answered {response.status} to a document")
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False


def answer(sample: Sample, letter: Letter) -> Downward | None:
    """What the applicant sends when reading `letter`: the same each time it is read."""
    write = _ANSWERS.get(letter.kind)
    return write(sample, letter) if write else None


def _to_question(sample: Sample, letter: Letter) -> Downward:
    common = _common(sample, letter)
    if sample.reaction == "withdrawal":
        return Withdrawal(**common)
    folder = Folder(common["id"])
    folder.add_pdf("Nachgereichter Vertrag")
    if sample.number % 2 == 0:
        folder.add_photo("Foto Muster", sample.number)
    return Reply(
        **common,
        answers=letter.about,
        text="Hier ist, was gefehlt hat: ¾ der Seiten waren schon da (Muster).",
        documents=tuple(folder.documents),
    )


def _to_agreement(sample: Sample, letter: Letter) -> Downward:
    common = _common(sample, letter)
    folder = Folder(common["id"])
    folder.add_pdf("Unterschriebene Vereinbarung")
    return AgreementReply(**common, answers=letter.about, documents=tuple(folder.documents))


def _to_decision(sample: Sample, letter: Letter) -> Downward:
    common = _common(sample, letter)
    folder = Folder(common["id"])
    folder.add_pdf("Empfangsbestätigung")
    return ReceiptConfirmation(**common, answers=letter.about, documents=tuple(folder.documents))


def _common(sample: Sample, letter: Letter) -> dict[str, Any]:
    return {
        "id": MessageUuid(uuid5(letter.id, "answer")),
        "test": sample.submission.test,
        "created_at": letter.created_at,
        "case": letter.case,
    }


_ANSWERS: Final[Mapping[str, Callable[[Sample, Letter], Downward]]] = {
    "question": _to_question,
    "agreement": _to_agreement,
    "recognition_decision": _to_decision,
}


def _routing_key(sample: Sample, message: Downward) -> str:
    if isinstance(message, Submission):
        return f"{message.service}.{message.authority or message.place}"
    return f"{message.type}.{sample.authority}"


def _wire_size(message: Downward) -> int:
    """About how many bytes the message has as JSON with its documents inline."""
    return sum(document.size for document in message.documents) * 4 // 3


def _without_contents(message: Downward) -> Downward:
    bare = tuple(d.model_copy(update={"content": None}) for d in message.documents)
    return message.model_copy(update={"documents": bare})

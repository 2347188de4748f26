"""What applicants send goes to `hub.submissions`, like the message of any online service.

Documents are staged under the sender of the case, encrypted, and INTAKE has the case adopt them.
That a message is about to be sent is written down first: the same form again is the same message,
and what was answered meanwhile, in another window or another way, is not sent a second time. Sent
is what the broker has confirmed.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import uuid5

import structlog

from hub.broker import SUBMISSIONS
from hub.model.document import MAX_DOCUMENT_BYTES, Document
from hub.model.downward import (
    AgreementReply,
    Downward,
    ReceiptConfirmation,
    Reply,
    Withdrawal,
)
from hub.model.identifiers import DocumentId
from hub.store import (
    Case,
    Connection,
    Sending,
    begin_sending,
    lock_case,
    message_by_id,
    sending_by_id,
    sending_confirmed,
)
from hub.web.applicant.answer import Answer, Paper
from hub.web.applicant.correspondence import Correspondence, Progress, correspondence
from hub.web.applicant.entrance import NotShown
from hub.web.applicant.forms import Form
from hub.web.doors import Doors
from hub.web.uploads import in_chunks

__all__ = ["Outbox"]

_log = structlog.get_logger()
_UNDER_WAY: Final = {Progress.ON_ITS_WAY, Progress.HANDED_OVER, Progress.ACCEPTED}
"""An answer that is so leaves nothing open; one that died, was refused or discarded does."""


class Outbox:
    """Sends for applicants. The hub vouches for what comes from here by its own `user_id`."""

    def __init__(self, hub: Doors, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._now = now

    async def send(self, case: Case, form: Form, answer: Answer) -> None:
        """Send what a form says, once; returns when the broker has it.

        Raises:
            NotShown: the case does not take it (any more).
            TransientFailure: it is not known to be sent; the same form may be sent again.
        """
        sending = await self._hub.store.run(lambda c: self._begin(c, case, form))
        if sending.confirmed_at is not None:
            return
        documents = tuple([await self._staged(case, form, each) for each in answer.papers])
        message = _message(case, sending, answer.text, documents)
        await self._hub.broker.publisher.publish(
            SUBMISSIONS,
            f"{case.service}.{case.authority}",
            message.model_dump_json().encode(),
            type=message.type,
            # By it the page finds the dead letter, should INTAKE refuse the message.
            correlation_id=str(message.id),
        )
        at = self._now()
        await self._hub.store.run(lambda c: sending_confirmed(c, sending.id, at))
        _log.info("page.sent", kind=message.type, documents=len(documents))

    def _begin(self, connection: Connection, case: Case, form: Form) -> Sending:
        lock_case(connection, case.id)  # else two windows could both find it open
        known = sending_by_id(connection, form.message)
        if known is not None and _is_safe(connection, known):
            return known
        now = self._now()
        found = correspondence(connection, case, self._hub.routes.table, now)
        if known is not None:
            # It was sent in time: what counts is only whether another one was sent meanwhile.
            if _is_answered_by_another(found, known):
                raise NotShown(409, "not_open")
            return known
        standing = found.standing
        awaited = form.answers is None or form.answers in {each.update for each in standing.open}
        if form.kind not in standing.may or not awaited:
            raise NotShown(409, "not_open")
        sending = Sending(form.message, case.id, form.kind, form.answers, now)
        begin_sending(connection, sending)
        return sending

    async def _staged(self, case: Case, form: Form, paper: Paper) -> Document:
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(paper.content).hexdigest())
        await self._hub.store.documents.stage(
            case.sender, sha256, in_chunks(paper.content), MAX_DOCUMENT_BYTES
        )
        return Document(
            id=DocumentId(uuid5(form.message, sha256)),
            media_type=paper.media_type,
            sha256=sha256,
            size=len(paper.content),
            file_name=paper.name,
        )


def _is_safe(connection: Connection, sending: Sending) -> bool:
    """Whether it is known to have arrived."""
    return sending.confirmed_at is not None or message_by_id(connection, sending.id) is not None


def _is_answered_by_another(found: Correspondence, sending: Sending) -> bool:
    return sending.answers is not None and any(
        each.answers == sending.answers and each.id != sending.id and each.progress in _UNDER_WAY
        for each in found.sent
    )


def _message(
    case: Case, sending: Sending, text: str | None, documents: tuple[Document, ...]
) -> Downward:
    # The time is that of the first attempt, so that a further one is the same message.
    common = {
        "id": sending.id,
        "case": case.id,
        "test": case.test,
        "created_at": sending.at,
        "documents": documents,
    }
    match sending.kind:
        case "reply":
            return Reply(**common, answers=sending.answers, text=text)
        case "agreement_reply":
            return AgreementReply(**common, answers=sending.answers)
        case "receipt_confirmation":
            return ReceiptConfirmation(**common, answers=sending.answers)
        case "withdrawal":
            return Withdrawal(**common)
        case "submission":
            raise ValueError("no form of the page sends a submission")

"""Finds the case that a message from a system belongs to, and makes the row it will have."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.model.upward import Question, Receipt, Refusal, Upward
from hub.stages.content import seal_update
from hub.store import (
    PUBLISH_GRACE,
    Case,
    Connection,
    Message,
    NewMessage,
    Sealer,
    State,
    case_by_id,
    message_by_former_wire,
    message_by_wire,
)

__all__ = ["Matched", "match", "match_all"]

_NAMESPACE: Final = UUID("0b5a4c66-6d0e-5b57-8a43-4b7d5a0c9f2e")


@dataclass(frozen=True, slots=True)
class Matched:
    """What a system sent, its row, and the message to the authority that it answers."""

    upward: Upward
    row: NewMessage
    answered: Message


def match_all(
    connection: Connection,
    sealer: Sealer,
    upwards: Sequence[Upward],
    authority: AuthorityKey,
    digest: str,
    now: datetime,
) -> list[Matched]:
    """Match every message that was read from one document, whose UUID several may share.

    Raises:
        PermanentFailure: as `match`, for the first that does not.
    """
    found, seen = [], Counter[MessageUuid]()
    for upward in upwards:
        found.append(match(connection, sealer, upward, authority, digest, now, seen[upward.id]))
        seen[upward.id] += 1
    return found


def match(
    connection: Connection,
    sealer: Sealer,
    upward: Upward,
    authority: AuthorityKey,
    digest: str,
    now: datetime,
    before: int = 0,
) -> Matched:
    """Match by the message answered, among those that this authority was sent.

    `before`: how many messages of its document with the same UUID come before it.

    Raises:
        PermanentFailure: there is none, or the case says otherwise about token or test.
    """
    answered = message_by_wire(connection, upward.answers, authority, "down")
    if answered is None:  # it may still speak of what was corrected since
        answered = message_by_former_wire(connection, upward.answers, authority)
    case = case_by_id(connection, answered.case) if answered is not None else None
    if answered is None or case is None:
        raise PermanentFailure(
            "case.unknown",
            f"Authority {authority} was never sent the message that this one answers.",
            location="ausloeserUUID",
        )
    if upward.application_id not in (None, case.application_id):
        raise PermanentFailure(
            "case.mismatch",
            "The case token is not that of the message it answers.",
            location="antragsidentifikation",
        )
    if upward.test is not case.test:
        raise PermanentFailure("stage.mismatch", "The update and its case differ in test.")
    row = _row(sealer, upward, case, answered, authority, digest, now, before)
    return Matched(upward, row, answered)


def _row(
    sealer: Sealer,
    upward: Upward,
    case: Case,
    answered: Message,
    authority: AuthorityKey,
    digest: str,
    now: datetime,
    before: int,
) -> NewMessage:
    # One authority cannot take the place of another's message: the key is part of the id. It may
    # be one that had the case before it was passed on.
    place = f":{before}" if before else ""
    row = MessageUuid(uuid5(_NAMESPACE, f"{authority}:{upward.id}{place}"))
    for_the_hub = isinstance(upward, Receipt | Refusal)
    owed = not for_the_hub and case.back_channel
    state = State.NOTED if for_the_hub else State.OWED if owed else State.WITHHELD
    return NewMessage(
        id=row,
        case=case.id,
        direction="up",
        kind=upward.type,
        authority=authority,
        wire=upward.id,
        answers=upward.answers,
        state=state,
        owes="mail" if owed else None,
        provider=case.provider if owed else None,
        content=_sealed(sealer, upward, row) if owed else None,
        digest=digest,
        trace=answered.trace,
        created_at=now,
        due_at=now + PUBLISH_GRACE if owed else None,
        deadline=upward.deadline if isinstance(upward, Question) else None,
        # By the authority's clock, but neither before what it answers nor after it arrived.
        said_at=max(answered.created_at, min(upward.created_at, now)),
    )


def _sealed(sealer: Sealer, upward: Upward, row: MessageUuid) -> bytes | None:
    if isinstance(upward, Receipt | Refusal):
        return None
    return seal_update(sealer, upward.without_content(), row)

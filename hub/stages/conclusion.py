"""What a receipt or a refusal does to the message that it names.

A receipt ends what was handed over; a refusal makes it a dead letter, also after its receipt:
the system looked closer, and said no. One that comes too late ends nothing, and says so: what is
dead stays dead until a person decides, a refusal that is older than an update to the same
message is outrun by it, and neither means a message that was corrected since.
"""

from datetime import datetime, timedelta
from typing import Final

from hub.model.conversation import Mark
from hub.model.error_codes import in_words
from hub.model.failure import Refused
from hub.model.upward import Receipt, Refusal
from hub.stages.burial import bury_message
from hub.stages.content import wish_of
from hub.stages.decision import dead
from hub.store import (
    Connection,
    Due,
    Event,
    Message,
    NewDeadLetter,
    NewMessage,
    Sealer,
    State,
    finish,
    message_by_id,
    messages_of,
    record,
)

__all__ = ["conclude"]

_ALREADY_PROCESSED: Final = "S100"
"""XInneres: "refused because it was processed successfully before" - so it was accepted."""

_OPEN: Final = (State.OWED, State.HANDED_OVER)


def conclude(
    connection: Connection,
    sealer: Sealer,
    said: Receipt | Refusal,
    row: NewMessage,
    answered: Message,
    retention: timedelta,
) -> tuple[list[Due], NewDeadLetter | None]:
    """Give what became due by it, and a dead letter whose sender is to be told.

    Args:
        connection: of the unit.
        sealer: opens the message that is named, to see whom to tell.
        said: the receipt or refusal.
        row: its own row, inserted before.
        answered: the message that it names.
        retention: for how long content is kept after it was accepted.
    """
    at, codes = row.created_at, _refusing(said)
    current = message_by_id(connection, answered.id)
    updates = _updates_to(connection, answered) if codes else []
    may_be = (*_OPEN, State.ACCEPTED) if codes else _OPEN
    outrun = any(each > (row.said_at or at) for each in updates)
    corrected = current is not None and current.wire != said.answers
    if current is None or current.state not in may_be or outrun or corrected:
        record(connection, _event(row, "late"))
        return [], None
    if not codes:
        record(connection, _accepted(current, at))
        keep = at + retention
        return finish(connection, current.id, State.ACCEPTED, at, keep_content_until=keep), None
    if updates:
        record(connection, _event(row, Mark.CONTRADICTORY))
    return [], _bury(connection, sealer, current, codes, at)


def _refusing(said: Receipt | Refusal) -> tuple[str, ...]:
    """The codes of a refusal; none of a receipt, nor where the system has the message already."""
    if not isinstance(said, Refusal):
        return ()
    codes = tuple(dict.fromkeys(reason.code for reason in said.reasons))
    return () if codes == (_ALREADY_PROCESSED,) else codes


def _updates_to(connection: Connection, answered: Message) -> list[datetime]:
    """When the authority said something to the applicant that follows the message."""
    return [
        each.said_at or each.created_at
        for each in messages_of(connection, answered.case)
        if each.direction == "up"
        and (each.authority, each.answers) == (answered.authority, answered.wire)
        and each.kind not in ("receipt", "refusal")
    ]


def _bury(
    connection: Connection,
    sealer: Sealer,
    answered: Message,
    codes: tuple[str, ...],
    at: datetime,
) -> NewDeadLetter | None:
    why = dead(Refused(f"The system refused the message: {in_words(codes)}.", codes=codes))
    reply_to, correlation = wish_of(sealer, answered)
    letter = bury_message(
        connection,
        answered,
        why,
        stage="interpret",
        at=at,
        reply_to=reply_to,
        correlation=correlation,
    )
    return letter if letter.reply_to is not None else None


def _event(row: NewMessage, name: str) -> Event:
    return Event(
        case=row.case,
        message=row.id,
        at=row.created_at,
        name=name,
        stage="interpret",
        authority=row.authority,
    )


def _accepted(answered: Message, at: datetime) -> Event:
    return Event(
        case=answered.case,
        message=answered.id,
        at=at,
        name="accepted",
        stage="interpret",
        authority=answered.authority,
        attempt=answered.attempts,
        detail={"after_ms": (at - answered.created_at) // timedelta(milliseconds=1)},
    )

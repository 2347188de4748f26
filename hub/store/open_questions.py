"""Questions whose deadline comes near while nobody has answered or been reminded."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, literal_column, select, text

from hub.model.identifiers import CaseId, MessageUuid
from hub.store.tables import State, messages

__all__ = ["OpenQuestion", "open_questions"]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that the applicant has, with the time of its provision."""

    message: MessageUuid
    case: CaseId
    authority: str
    deadline: date
    provided_at: datetime


def open_questions(connection: Connection, after: date, until: date) -> list[OpenQuestion]:
    """Those with a deadline after the one day and not after the other, the nearest first.

    Left out are those that a living reply answers, and those of which the applicant was
    reminded. Whether the case still waits for an answer is for the conversation to say.
    """
    rows = connection.execute(_OPEN, {"after": after, "until": until})
    return [OpenQuestion(*row) for row in rows]


_other: Final = messages.alias("other")
_answered_or_reminded: Final = (
    select(_other.c.id)
    .where(
        _other.c.case_id == messages.c.case_id,
        _other.c.answers == messages.c.wire,
        _other.c.kind.in_([literal_column("'reply'"), literal_column("'reminder'")]),
        _other.c.state.not_in([State.DEAD, State.DISCARDED]) | (_other.c.kind == "reminder"),
    )
    .exists()
)
_OPEN: Final = (
    select(
        messages.c.id,
        messages.c.case_id,
        messages.c.authority,
        messages.c.deadline,
        messages.c.concluded_at,
    )
    .where(
        text("deadline IS NOT NULL"),
        messages.c.deadline > bindparam("after"),
        messages.c.deadline <= bindparam("until"),
        messages.c.direction == "up",
        messages.c.kind == "question",
        messages.c.state == State.PROVIDED,
        ~_answered_or_reminded,
    )
    .order_by(messages.c.deadline, messages.c.id)
)

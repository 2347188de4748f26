"""Where a case stands, out of the store; and in words why a message of the applicant is refused.

INTAKE, INTERPRET and the applicant's page all read it here, so that what one offers no other
refuses. The phase is kept with the case in the unit that changes it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hub.model.conversation import Late, Mark, Said, Standing, rule_down, rule_up, standing
from hub.model.downward import Downward, Submission, Withdrawal
from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey, CaseId, MessageUuid
from hub.model.transitions import KINDS
from hub.routing import RoutingTable
from hub.store import Case, Connection, Message, State, messages_of, set_case_state

__all__ = [
    "SENTENCES",
    "check_down",
    "german_day",
    "keep_phase",
    "marks_up",
    "said_of",
    "standing_of",
]

SENTENCES: Final = {
    "case.discarded": "The application was discarded before an authority had it."
    " It has to be sent anew.",
    "case.submitted": "An authority has the application. It goes to another one only after the"
    " first has said that it is not competent.",
    "case.not_competent": "The authority has said that it is not competent, and waits for no"
    " answer. Whoever takes the case over will ask again.",
    "case.withdrawn": "The application was taken back.",
    "case.ended": "The authority has ended the procedure.",
    "answer.unmatched": "The authority has said nothing in this case that this could answer:"
    " a reply answers a question, an agreement_reply an agreement, a receipt_confirmation a"
    " recognition_decision, each by its id.",
    "answer.former_authority": "The authority that asked for this no longer has the case."
    " Its successor will ask again.",
    "answer.not_provided": "What this answers did not reach the applicant: the case has no"
    " back-channel, or its mailbox has not taken the letter.",
    "answer.given": "This was answered before, and can be answered only once.",
    "answer.late": "The deadline is over, and the authority takes no answers after it.",
}
"""Cause of a refusal → what is said to whoever sent the message."""

_GERMAN_TIME: Final = ZoneInfo("Europe/Berlin")


def said_of(messages: Iterable[Message]) -> list[Said]:
    """What was said in a case. What was discarded was not, and the hub's own reminders say nothing.

    Args:
        messages: all of the case, in the order in which they arrived.
    """
    return [
        Said(
            id=message.id,
            direction=message.direction,
            kind=KINDS[message.kind],
            authority=message.authority,
            wire=message.wire,
            answers=message.answers,
            at=message.said_at or message.created_at,
            deadline=message.deadline,
            alive=message.state not in {State.DEAD, State.WITHHELD},
        )
        for message in messages
        if message.kind in KINDS and message.state is not State.DISCARDED
    ]


def standing_of(
    connection: Connection,
    case: Case,
    table: RoutingTable,
    now: datetime,
    *,
    on_the_way: Iterable[Said] = (),
) -> Standing:
    """Where a case stands, and what its applicant may send now.

    `on_the_way`: what was sent to INTAKE, which has no row of it yet.
    """
    late = _late_policy(table, case.authority)
    said = [*said_of(messages_of(connection, case.id)), *on_the_way]
    return standing(said, expired_before=german_day(now) if late == "refuse" else None)


def keep_phase(connection: Connection, case: CaseId) -> None:
    """Write down the phase that follows from the messages of a case as they now are."""
    set_case_state(connection, case, standing(said_of(messages_of(connection, case))).phase)


def check_down(
    connection: Connection, message: Downward, case: Case, table: RoutingTable, now: datetime
) -> tuple[Mark, ...]:
    """What is remarkable of one more message of the applicant, whether it was inserted or not.

    Raises:
        PermanentFailure: the case does not take it.
    """
    answers = None if isinstance(message, Submission | Withdrawal) else message.answers
    others = [each for each in messages_of(connection, case.id) if each.id != message.id]
    ruling = rule_down(
        said_of(others),
        message.type,
        answers,
        # What waited in a queue was sent in time; but nobody sends tomorrow.
        sent_on=german_day(min(message.created_at, now)),
        late=_late_policy(table, case.authority),
    )
    if ruling.cause is not None:
        location = ruling.cause.partition(".")[0]
        raise PermanentFailure(
            ruling.cause,
            SENTENCES[ruling.cause],
            location="answers" if location == "answer" else location,
        )
    return ruling.marks


def marks_up(connection: Connection, case: CaseId, update: MessageUuid) -> tuple[Mark, ...]:
    """What is remarkable of an update that was inserted."""
    messages = messages_of(connection, case)
    [new] = said_of(each for each in messages if each.id == update)
    return rule_up(said_of(each for each in messages if each.id != update), new).marks


def _late_policy(table: RoutingTable, authority: AuthorityKey) -> Late:
    entry = table.authorities.get(authority)
    return entry.late_replies if entry is not None else "pass_on"


def german_day(at: datetime) -> date:
    """The day where the authorities are: their deadlines end with it."""
    return at.astimezone(_GERMAN_TIME).date()

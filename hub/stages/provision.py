"""What came of an attempt to provide a letter, as rows and as events of the journal.

Apart from MAILBOX, which writes the letter and waits for the provider: what that said is plain
data here, and each function is part of one unit. What was provided meanwhile, or is another hub's
by now, is left as it is; the journal says that it came late.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from hub.model.letter import Provided
from hub.stages.burial import bury_message
from hub.stages.decision import Again, Dead, Decision, Park
from hub.stages.outage import answered, found_out, met_outage
from hub.store import (
    Claimed,
    Connection,
    Due,
    Event,
    Message,
    State,
    finish,
    holds,
    lock_case,
    message_by_id,
    postpone,
    record,
    unpublished,
)

__all__ = ["carry_out", "place_of", "provision_event", "was_provided", "withhold"]


def was_provided(
    connection: Connection,
    message: Message,
    provided: Provided,
    retention: timedelta,
    now: Callable[[], datetime],
) -> list[Due]:
    """The letter lies in its mailbox; give what became due by it.

    Args:
        connection: of the unit.
        message: the update that it tells of.
        provided: what the provider said.
        retention: for how long content is kept after that.
        now: the clock, asked once nobody else is at the case.
    """
    detail = dict(provided.detail)
    if provided.provider_reference is not None:
        detail["reference"] = provided.provider_reference
    lock_case(connection, message.case)  # two that bring the same must not both find it owed
    current = message_by_id(connection, message.id)
    if current is None or current.state is not State.OWED:
        record(connection, provision_event(message, "late", provided.at, **detail))
        return []
    events = [provision_event(message, "provided", provided.at, **detail)]
    if provided.shortfall is not None:
        name, cause = provided.shortfall.event, provided.shortfall.cause
        events.append(provision_event(message, name, now(), cause=cause))
    if answered(connection, place_of(message)):
        events.append(provision_event(message, "resumed", now()))
    record(connection, *events)
    until = provided.at + retention
    return finish(connection, message.id, State.PROVIDED, provided.at, keep_content_until=until)


def carry_out(
    connection: Connection,
    mine: Claimed,
    decision: Decision,
    now: datetime,
    *,
    probe: bool,
    refused: bool,
) -> None:
    """Carry out what was decided about a failure.

    Args:
        connection: of the unit.
        mine: what was tried.
        decision: what follows.
        now: when it failed.
        probe: whether it was to find out if the provider is back.
        refused: whether the provider itself said no.
    """
    message = mine.message
    if not holds(connection, message.id, mine.lease):
        # Provided meanwhile, or another's by now: who is at it decides.
        record(connection, provision_event(message, "late", now, cause=decision.cause))
        return
    if found_out(connection, place_of(message), decision, now, probe=probe, refused=refused):
        record(connection, provision_event(message, "resumed", now))
    match decision:
        case Again(due_at=due_at, cause=cause, in_doubt=in_doubt, unexpected=unexpected):
            postpone(
                connection,
                message.id,
                due_at=due_at,
                cause=cause,
                unexpected=unexpected,
                in_doubt=in_doubt,
            )
            until = due_at.isoformat(timespec="seconds")
            record(
                connection, provision_event(message, "postponed", now, cause=cause, due_at=until)
            )
        case Park():
            _park(connection, message, decision, now, probe=probe)
        case Dead() as why:
            bury_message(connection, message, why, stage="mailbox", at=now)


def withhold(connection: Connection, message: Message, now: datetime) -> None:
    """Provide a reminder no more, since its deadline is over; DISPATCH publishes what follows."""
    record(connection, provision_event(message, "withheld", now, cause="deadline.over"))
    freed = finish(connection, message.id, State.WITHHELD, now, keep_content_until=now)
    unpublished(connection, freed, now)


def place_of(message: Message) -> str:
    """What is parked when the provider is away."""
    if message.provider is None:
        raise LookupError(f"message {message.id} is owed to no mailbox provider")
    return message.provider


def provision_event(message: Message, name: str, at: datetime, **detail: str | int) -> Event:
    """What the journal says of an attempt to provide a letter."""
    return Event(
        case=message.case,
        message=message.id,
        at=at,
        name=name,
        stage="mailbox",
        authority=message.authority,
        attempt=message.attempts,
        detail=detail,
    )


def _park(
    connection: Connection, message: Message, why: Park, now: datetime, *, probe: bool
) -> None:
    place = place_of(message)
    next_probe, new = met_outage(connection, place, why, now, probe=probe)
    if new:
        record(connection, provision_event(message, "parked", now, cause=why.cause, provider=place))
    postpone(
        connection,
        message.id,
        due_at=next_probe,
        cause=why.cause,
        burn=False,
        in_doubt=why.in_doubt,
    )

"""What came of an attempt to hand a message over, as rows and as events of the journal.

Apart from DELIVER, which waits for adapter, system and broker: what they said is plain data here,
and each function is part of one unit. What had come to an end meanwhile, or is another hub's by
now, is left as it is; the journal says that it came late.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hub.routing import RoutingTable
from hub.stages.burial import bury_message
from hub.stages.content import wish_of
from hub.stages.decision import Again, Dead, Decision, Park
from hub.stages.outage import answered, found_out, met_outage
from hub.stages.translation import Translated
from hub.store import (
    Claimed,
    Connection,
    Due,
    Event,
    Message,
    NewDeadLetter,
    Sealer,
    State,
    finish,
    give_back,
    hand_over,
    holds,
    is_owed_as,
    lock_case,
    postpone,
    record,
)
from hub.transport import Receipt
from hub.transport.address import reached_there

__all__ = ["carry_out", "delivery_event", "give_up", "received"]


def received(
    connection: Connection,
    message: Message,
    translated: Translated,
    receipt: Receipt,
    begun: datetime,
    retention: timedelta,
) -> list[Due]:
    """The system has the message; give what became due by it.

    Args:
        connection: of the unit.
        message: what was sent.
        translated: the parcel that it became, and the route that this took.
        receipt: what the system said.
        begun: when the attempt began.
        retention: for how long content is kept after it was accepted.
    """
    route = translated.route
    detail: dict[str, str | int] = {
        "system": route.system,
        "adapter": route.adapter,
        "format": route.version,
        "parts": len(translated.parcel.messages),
        "changes": len(translated.parcel.changes),
    }
    if receipt.number is not None:
        detail["receipt"] = receipt.number
    duration = receipt.at - begun
    lock_case(connection, message.case)  # two that bring the same must not both find it owed
    if not is_owed_as(connection, message.id, message.wire):
        # The system's own refusal or receipt was read before its answer arrived here, or
        # whoever had taken this message over was faster; it may have been corrected since.
        record(connection, delivery_event(message, "late", receipt.at, detail=detail))
        return []
    events = [delivery_event(message, "handed_over", receipt.at, duration=duration, detail=detail)]
    if receipt.accepted:
        after = (receipt.at - message.created_at) // timedelta(milliseconds=1)
        detail = detail | {"after_ms": after}
        events.append(
            delivery_event(message, "accepted", receipt.at, duration=duration, detail=detail)
        )
    if answered(connection, message.authority):
        events.append(delivery_event(message, "resumed", receipt.at))
    record(connection, *events)
    if not receipt.accepted:
        hand_over(connection, message.id, receipt.at)
        return []
    until = receipt.at + retention
    return finish(connection, message.id, State.ACCEPTED, receipt.at, keep_content_until=until)


def carry_out(
    connection: Connection,
    sealer: Sealer,
    table: RoutingTable,
    mine: Claimed,
    decision: Decision,
    now: datetime,
    *,
    probe: bool,
    refused: bool,
) -> NewDeadLetter | None:
    """Carry out what was decided about a failure; give a dead letter if it became one.

    Args:
        connection: of the unit.
        sealer: opens what died, to see whom to tell.
        table: says who is reached where this message's authority is.
        mine: what was tried.
        decision: what follows.
        now: when it failed.
        probe: whether it was to find out if the system is back.
        refused: whether the system itself said no.
    """
    message = mine.message
    if not holds(connection, message.id, mine.lease):
        # Concluded meanwhile, or another's by now: who is at it decides.
        record(connection, delivery_event(message, "late", now, detail={"cause": decision.cause}))
        return None
    if found_out(connection, message.authority, decision, now, probe=probe, refused=refused):
        record(connection, delivery_event(message, "resumed", now))
    match decision:
        case Again(due_at=due_at, cause=cause):
            if decision.tried:
                postpone(
                    connection,
                    message.id,
                    due_at=due_at,
                    cause=cause,
                    unexpected=decision.unexpected,
                    in_doubt=decision.in_doubt,
                )
            else:
                give_back(connection, message.id, due_at=due_at, cause=message.cause or cause)
            detail = {"cause": cause, "due_at": due_at.isoformat(timespec="seconds")}
            record(connection, delivery_event(message, "postponed", now, detail=detail))
        case Park():
            _park(connection, table, message, decision, now, probe=probe)
        case Dead() as why:
            return give_up(connection, sealer, message, why, now)
    return None


def give_up(
    connection: Connection, sealer: Sealer, message: Message, why: Dead, now: datetime
) -> NewDeadLetter:
    """Make a message a dead letter that says where its sender wants to hear of it."""
    reply_to, correlation = wish_of(sealer, message)
    return bury_message(
        connection,
        message,
        why,
        stage="deliver",
        at=now,
        reply_to=reply_to,
        correlation=correlation,
    )


def delivery_event(
    message: Message,
    name: str,
    at: datetime,
    *,
    duration: timedelta | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> Event:
    """What the journal says of an attempt to hand a message over."""
    return Event(
        case=message.case,
        message=message.id,
        at=at,
        name=name,
        stage="deliver",
        authority=message.authority,
        attempt=message.attempts,
        duration=duration,
        detail=detail or {},
    )


def _park(
    connection: Connection,
    table: RoutingTable,
    message: Message,
    why: Park,
    now: datetime,
    *,
    probe: bool,
) -> None:
    others = reached_there(table, message.authority) if why.shared else ()
    next_probe, new = met_outage(
        connection, message.authority, why, now, probe=probe, together_with=others
    )
    if new:
        detail = {"cause": why.cause, "next_probe": next_probe.isoformat(timespec="seconds")}
        record(connection, delivery_event(message, "parked", now, detail=detail))
    postpone(
        connection,
        message.id,
        due_at=next_probe,
        cause=why.cause,
        burn=False,
        in_doubt=why.in_doubt,
    )

"""What was cut off by the hub's own end again and again is put off when it comes to be tried.

However an attempt was cut off - at a restart, with the store away, by a lease that ran out and that
another hub finds - the next claim knows how many followed each other, and nothing was tried yet
when it is undone: a message at which the hub ends cannot end it here.
"""

from datetime import datetime

from hub.stages.decision import Again, Dead, after_cut_off
from hub.store import CUT_OFF, Claimed, Connection, Event, give_back, record, waited

__all__ = ["after_cut_offs"]


def after_cut_offs(
    connection: Connection, claimed: Claimed, stage: str, now: datetime
) -> Again | Dead | None:
    """Decide whether a claimed message is tried: None if it is.

    Again: it is put off already, and no longer the caller's. Dead: the caller is to bury it.
    """
    message = claimed.message
    decision = after_cut_off(claimed.open_ends, message.id, now)
    if message.cause == CUT_OFF and not isinstance(decision, Dead):
        # It has waited for these, or a person did not want it to. If nothing comes of this claim,
        # since its place is parked or its adapter busy, it gets its cause back with it.
        waited(connection, message.id)
        return None
    if not isinstance(decision, Again):
        return decision
    give_back(connection, message.id, due_at=decision.due_at, cause=decision.cause)
    due_at = decision.due_at.isoformat(timespec="seconds")
    event = Event(
        case=message.case,
        message=message.id,
        at=now,
        name="postponed",
        stage=stage,
        authority=message.authority,
        attempt=message.attempts,
        detail={"cause": decision.cause, "due_at": due_at, "times": claimed.open_ends},
    )
    record(connection, event)
    return decision

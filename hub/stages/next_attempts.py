"""NEXT ATTEMPTS: a person does not want to wait for them, or wants them later.

Nothing is sent here: DISPATCH publishes what is due. A place that is parked or paused holds what
is due all the same, until a probe or a person lets it go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import (
    Act,
    Connection,
    Event,
    Moved,
    State,
    audit,
    message_by_id,
    move_next_attempt,
    move_next_attempts,
    parking_of,
    pauses,
    probe_now,
    record,
)

__all__ = ["NextAttempt", "probe_place", "set_next_attempt", "try_all_now"]


@dataclass(frozen=True, slots=True)
class NextAttempt:
    """When a message is tried next, and what may hold it for longer."""

    message: MessageUuid
    case: CaseId
    due_at: datetime
    held: Literal["parked", "paused"] | None


def set_next_attempt(
    connection: Connection, message: MessageUuid, at: datetime | None, *, actor: str, now: datetime
) -> NextAttempt:
    """Try a postponed message at `at`, or now.

    Raises:
        PermanentFailure: there is none, or it does not wait for its time.
    """
    due_at = now if at is None else max(at.astimezone(UTC), now)
    moved = move_next_attempt(connection, message, due_at, now)
    if moved is None:
        raise _why_not(connection, message)
    _tell(connection, [moved], due_at, now)
    detail = {"due_at": due_at.isoformat(timespec="seconds")}
    audit(connection, Act(now, actor, "message.next_attempt", str(message), detail))
    return NextAttempt(message, moved.case, due_at, _held(connection, moved.place, due_at))


def try_all_now(connection: Connection, place: str, *, actor: str, now: datetime) -> int:
    """Try everything now that was postponed on its way to a place; says how much that is."""
    moved = move_next_attempts(connection, place, now)
    if moved:
        _tell(connection, moved, now, now)
        audit(connection, Act(now, actor, "place.try_now", place, {"messages": len(moved)}))
    return len(moved)


def probe_place(connection: Connection, place: str, *, actor: str, now: datetime) -> None:
    """Let one message through to a parked place now, to see whether it is back.

    Raises:
        PermanentFailure: it is not parked.
    """
    if not probe_now(connection, place, actor, now):
        raise PermanentFailure("place.not_parked", f"{place} is not parked: nothing to be probed.")


def _tell(connection: Connection, moved: Iterable[Moved], due_at: datetime, now: datetime) -> None:
    detail = {"due_at": due_at.isoformat(timespec="seconds")}
    events = [
        Event(
            case=each.case,
            message=each.message,
            at=now,
            name="rescheduled",
            stage="dispatch",
            authority=each.authority,
            attempt=each.attempts,
            detail=detail,
        )
        for each in moved
    ]
    record(connection, *events)


def _held(
    connection: Connection, place: str, due_at: datetime
) -> Literal["parked", "paused"] | None:
    if any(each.authority == place for each in pauses(connection)):
        return "paused"
    parking = parking_of(connection, place)
    return "parked" if parking is not None and parking.next_probe > due_at else None


def _why_not(connection: Connection, message: MessageUuid) -> PermanentFailure:
    row = message_by_id(connection, message)
    if row is None:
        return PermanentFailure("message.unknown", f"There is no message {message}.")
    if row.state is not State.OWED:
        return PermanentFailure(
            "message.not_owed", f"Message {message} is {row.state}: nothing more is tried."
        )
    if row.waits_for is not None:
        return PermanentFailure(
            "message.waits", f"Message {message} comes after {row.waits_for}, which is not done."
        )
    return PermanentFailure(
        "message.under_way", f"Message {message} is being tried, or is next in its queue."
    )

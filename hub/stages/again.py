"""How one dead letter is sent on its way again: as it is, or as it was corrected."""

from datetime import datetime

from hub.broker import Publisher
from hub.model.failure import PermanentFailure
from hub.stages.origin import exchange_of, headers_of, key_of
from hub.stages.replayed import Replayed
from hub.stages.standing import keep_phase
from hub.store import (
    Connection,
    DeadLetter,
    Due,
    Event,
    count_replay,
    message_by_id,
    record,
    replay,
    set_replayed,
)

__all__ = [
    "content_gone",
    "letter_event",
    "may_be_published",
    "owe_again",
    "publish_again",
    "replay_begun",
]


def owe_again(connection: Connection, letter: DeadLetter, now: datetime) -> Due | None:
    """Owe the message of a dead letter again; its reference is to be published.

    None if the letter is open no longer, or died again. Whoever does not publish says so with
    `unpublished`, and DISPATCH does.

    Raises:
        PermanentFailure: it cannot be sent again.
    """
    if letter.message is None:
        raise ValueError("what has no row is published again")
    row = message_by_id(connection, letter.message)
    if row is not None and row.content is None:
        raise content_gone()
    if not set_replayed(connection, letter, now):
        return None
    due = replay(connection, letter.message, now)
    if due is None:
        raise PermanentFailure("message.not_dead", "Its message is not dead any more.")
    replay_begun(connection, letter, now)
    keep_phase(connection, due.case)
    return due


def may_be_published(letter: DeadLetter, publisher: Publisher | None) -> Publisher:
    """What publishes a dead letter that has no row; raise PermanentFailure if nothing can."""
    if exchange_of(letter.origin) is None or publisher is None:
        raise PermanentFailure("origin.unknown", "It is not known where this came from.")
    return publisher


async def publish_again(
    publisher: Publisher, letter: DeadLetter, body: bytes, behalf: str | None
) -> None:
    """Publish what has no row to where it came from, as it came, with `body`.

    `behalf`: the RabbitMQ user who had sent it, None where a person vouches for it.
    """
    said = Replayed(letter.id, letter.at, behalf)
    await publisher.publish(
        exchange_of(letter.origin) or "",
        key_of(letter.origin),
        body,
        type=letter.origin.get("type", ""),
        headers=headers_of(letter.origin) | said.headers(),
        correlation_id=letter.correlation,
        reply_to=letter.reply_to,
        content_type=letter.origin.get("content_type") or "application/json",
    )


def replay_begun(connection: Connection, letter: DeadLetter, now: datetime) -> None:
    """Count a replay, and tell the journal of it."""
    count_replay(connection, letter.id)
    record(connection, letter_event(letter, "replayed", now))


def content_gone() -> PermanentFailure:
    """What to say where nothing is left to be sent."""
    return PermanentFailure("content.gone", "Its content was deleted after its time.")


def letter_event(letter: DeadLetter, name: str, at: datetime, **detail: str) -> Event:
    """What the journal says of a dead letter."""
    return Event(
        case=letter.case,
        message=letter.message,
        at=at,
        name=name,
        stage="replay",
        authority=letter.authority,
        detail={"dead_letter": str(letter.id), **detail},
    )

"""Makes dead letters, and tells the sender.

A dead letter's id is made from what it is about, so that a message which comes again makes
the same one, and so does one that was replayed; the sender is told once it is committed, by
DISPATCH if not here.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import structlog

from hub.broker import Delivery, Publisher
from hub.model.error_codes import error_class
from hub.model.failure import HubFailure, PermanentFailure
from hub.routing import RoutingTable
from hub.stages.announce import check_reply_to, refuse
from hub.stages.decision import Dead, dead
from hub.stages.erased import CaseErased
from hub.stages.origin import origin_of
from hub.stages.replayed import Replayed
from hub.stages.standing import keep_phase
from hub.store import (
    Act,
    Connection,
    Event,
    Message,
    NewDeadLetter,
    State,
    Store,
    audit,
    bury,
    finish,
    record,
    refusal_sent,
)

__all__ = ["Burial", "bury_message"]

_NAMESPACE: Final = UUID("6f0d8f0a-5c0e-5d6e-9f55-2a8d1f2b7c11")
_log = structlog.get_logger()


class Burial:
    """Dead letters of what came from outside and has no row of its own."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        table: Callable[[], RoutingTable],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._table = table
        self._now = now

    async def refuse(
        self, delivery: Delivery, failure: Exception, *, stage: str, act: Act | None = None
    ) -> None:
        """Keep the message as it came, with its cause, and tell its sender if it named a way.

        `act` is what whoever sent it did by that, where it is one to be audited.
        """
        letter = self._letter(delivery, dead(failure), stage)
        if isinstance(failure, CaseErased):
            letter = replace(letter, content=None)
        event = Event(
            case=None,
            message=None,
            at=letter.at,
            name="dead",
            stage=stage,
            detail=_detail(letter, ()),
        )

        def unit(connection: Connection) -> bool:
            is_new = bury(connection, letter)
            record(connection, event)
            if act is not None:
                audit(connection, act)
            return is_new

        if await self._store.run(unit) and letter.reply_to is not None:
            await self.tell(letter)

    async def tell(self, letter: NewDeadLetter) -> None:
        """Publish the refusal. If that fails it stays owed, and DISPATCH tries again."""
        try:
            await refuse(self._publisher, letter)
        except HubFailure as failure:
            _log.warning("refusal.not_sent", dead_letter=str(letter.id), cause=failure.cause)
            return
        at = self._now()
        await self._store.run(lambda c: refusal_sent(c, letter.id, at))

    def _letter(self, delivery: Delivery, why: Dead, stage: str) -> NewDeadLetter:
        letter, origin = _id_of(delivery, stage), origin_of(delivery)
        return NewDeadLetter(
            id=letter,
            message=None,
            case=None,
            authority=origin.get("authority"),
            stage=stage,
            cause=why.cause,
            sentence=why.sentence,
            location=why.location,
            fingerprint=why.fingerprint,
            at=self._now(),
            content=self._store.sealer.seal(delivery.body, f"dead:{letter}"),
            origin=origin,
            reply_to=self._allowed(delivery.reply_to),
            # By the custom of messaging an answer names the message id where no other was given.
            correlation=delivery.correlation_id or delivery.message_id,
            kind=origin["type"] or None,
        )

    def _allowed(self, reply_to: str | None) -> str | None:
        try:
            check_reply_to(reply_to, self._table())
        except PermanentFailure:
            return None
        return reply_to


def bury_message(
    connection: Connection,
    message: Message,
    why: Dead,
    *,
    stage: str,
    at: datetime,
    reply_to: str | None = None,
    correlation: str | None = None,
) -> NewDeadLetter:
    """Mark the row dead and write its dead letter; the content stays with the row."""
    letter = NewDeadLetter(
        id=uuid5(_NAMESPACE, f"{message.id}:{message.attempts}"),
        message=message.id,
        case=message.case,
        authority=message.authority,
        stage=stage,
        cause=why.cause,
        sentence=why.sentence,
        location=why.location,
        fingerprint=why.fingerprint,
        at=at,
        content=None,
        origin={},
        reply_to=reply_to,
        correlation=correlation,
        kind=message.kind,
    )
    finish(connection, message.id, State.DEAD, at, cause=why.cause, in_doubt=why.in_doubt)
    if message.direction == "down":
        keep_phase(connection, message.case)  # what died was not said
    bury(connection, letter)
    record(
        connection,
        Event(
            case=message.case,
            message=message.id,
            at=at,
            name="dead",
            stage=stage,
            authority=message.authority,
            attempt=message.attempts,
            detail=_detail(letter, why.codes),
        ),
    )
    return letter


def _id_of(delivery: Delivery, stage: str) -> UUID:
    if replayed := Replayed.of(delivery.headers):
        return replayed.letter
    digest = hashlib.sha256(delivery.body).hexdigest()
    return uuid5(_NAMESPACE, f"{stage}:{digest}:{delivery.correlation_id or ''}")


def _detail(letter: NewDeadLetter, codes: Sequence[str]) -> dict[str, str]:
    """What the journal says of a dead letter; `class` as in the list of error codes."""
    detail = {"cause": letter.cause, "dead_letter": str(letter.id)}
    if (of_list := error_class(letter.cause)) is not None:
        detail["class"] = of_list
    if codes:
        detail["codes"] = ", ".join(codes)
    return detail

"""DELIVER: one owed message is translated and handed to the system of its authority.

Outside party: the vendor's system. A reference is only a hint; the row says whether anything
is owed and nobody else is at it. An attempt is marked as begun before anything is sent, so
that after a crash the next attempt knows that the system may have the message already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from hub.broker import Delivery, Publisher, Verdict
from hub.model.failure import EndpointDown
from hub.model.identifiers import MessageUuid
from hub.model.reference import Reference
from hub.routing import RoutingTable
from hub.stages.announce import announce
from hub.stages.burial import Burial, bury_message
from hub.stages.content import wish_of
from hub.stages.decision import Again, Dead, Decision, Park, after_failure
from hub.stages.parking import met_outage
from hub.stages.translation import Translated, Translation
from hub.store import (
    Case,
    Claimed,
    Connection,
    Due,
    Event,
    Message,
    NewDeadLetter,
    NotYours,
    State,
    Store,
    StoreAway,
    case_by_id,
    claim,
    extend_lease,
    finish,
    hand_over,
    message_by_id,
    postpone,
    record,
    record_step,
    steps_done,
    unpark,
)
from hub.transport import Receipt, Transport

__all__ = ["LEASE", "Deliver"]

LEASE: Final = timedelta(minutes=3)
"""How long one attempt may take without finishing a step."""

_ATTEMPTS: Final = 12
"""Attempts for a message whose route does not even resolve, so names no limit of its own."""


class Deliver:
    """Handler of every `hub.deliver.<authority>`."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        translation: Translation,
        table: Callable[[], RoutingTable],
        transports: Mapping[str, Transport],
        owner: str,
        retention: timedelta,
        now: Callable[[], datetime],
        on_parked: Callable[[], None],
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._translation = translation
        self._table = table
        self._transports = transports
        self._owner = owner
        self._retention = retention
        self._now = now
        self._on_parked = on_parked
        self._burial = Burial(store, publisher, table, now)

    async def handle(self, delivery: Delivery) -> Verdict:
        """Deliver what the reference means, if it is still owed."""
        reference = Reference.model_validate_json(delivery.body)
        claimed = await self._store.run(lambda c: self._claim(c, reference.message))
        if claimed is None:
            return Verdict.ACK
        message, case = claimed
        begun = self._now()
        try:
            translated = await self._translation.translate(message, case, begun.date())
            receipt = await self._send(message, translated)
        except StoreAway:
            raise
        except Exception as failure:  # noqa: BLE001 - the edge of the stage: it becomes a decision
            await self._failed(message, failure)
        else:
            freed = await self._store.run(
                lambda c: self._received(c, message, translated, receipt, begun)
            )
            await announce(self._publisher, *freed)
        return Verdict.ACK

    def _claim(self, connection: Connection, message: MessageUuid) -> tuple[Message, Case] | None:
        now = self._now()
        match claim(connection, message, self._owner, now, LEASE):
            case NotYours():
                return None
            case Claimed(message=row, was_in_doubt=in_doubt):
                case = case_by_id(connection, row.case)
                if case is None:
                    raise LookupError(f"message {row.id} has no case")
                names = ("in_doubt", "attempt") if in_doubt else ("attempt",)
                record(connection, *(self._event(row, name, now) for name in names))
                return row, case

    async def _send(self, message: Message, translated: Translated) -> Receipt:
        done = await self._store.read(lambda c: steps_done(c, message.id))
        steps = _StoredSteps(self._store, message.id, self._owner, done, self._now)
        transport = self._transports.get(translated.route.transport)
        if transport is None:
            raise EndpointDown(
                "endpoint.no_transport",
                f"This hub has no transport {translated.route.transport}; see routing.yaml.",
            )
        return await transport.deliver(translated.parcel, translated.route.endpoint, steps)

    def _received(
        self,
        connection: Connection,
        message: Message,
        translated: Translated,
        receipt: Receipt,
        begun: datetime,
    ) -> list[Due]:
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
        current = message_by_id(connection, message.id)
        if current is None or current.state is not State.OWED:
            # The system's own refusal or receipt was read before its answer arrived here.
            record(connection, self._event(message, "late", receipt.at, detail=detail))
            return []
        events = [self._event(message, "handed_over", receipt.at, duration=duration, detail=detail)]
        if receipt.accepted:
            after = (receipt.at - message.created_at) // timedelta(milliseconds=1)
            detail = detail | {"after_ms": after}
            events.append(
                self._event(message, "accepted", receipt.at, duration=duration, detail=detail)
            )
        if unpark(connection, message.authority):
            events.append(self._event(message, "resumed", receipt.at))
        record(connection, *events)
        hand_over(connection, message.id, receipt.at)
        if not receipt.accepted:
            return []
        until = receipt.at + self._retention
        return finish(connection, message.id, State.ACCEPTED, receipt.at, keep_content_until=until)

    async def _failed(self, message: Message, failure: Exception) -> None:
        now = self._now()
        decision = after_failure(
            failure,
            attempts=message.attempts,
            unexpected=message.unexpected,
            limit=self._limit(message),
            now=now,
        )
        letter = await self._store.run(lambda c: self._carry_out(c, message, decision, now))
        if isinstance(decision, Park):
            self._on_parked()
        if letter is not None and letter.reply_to is not None:
            await self._burial.tell(letter)

    def _limit(self, message: Message) -> int:
        table = self._table()
        entry = table.authorities.get(message.authority)
        return table.systems[entry.system].limits.attempts if entry is not None else _ATTEMPTS

    def _carry_out(
        self, connection: Connection, message: Message, decision: Decision, now: datetime
    ) -> NewDeadLetter | None:
        match decision:
            case Again(due_at=due_at, cause=cause):
                postpone(
                    connection,
                    message.id,
                    due_at=due_at,
                    cause=cause,
                    burn=decision.burn,
                    unexpected=decision.unexpected,
                    in_doubt=decision.in_doubt,
                )
                detail = {"cause": cause, "due_at": due_at.isoformat(timespec="seconds")}
                record(connection, self._event(message, "postponed", now, detail=detail))
            case Park(cause=cause):
                self._park(connection, message, cause, now)
            case Dead() as why:
                reply_to, correlation = wish_of(self._store.sealer, message)
                return bury_message(
                    connection,
                    message,
                    why,
                    stage="deliver",
                    at=now,
                    reply_to=reply_to,
                    correlation=correlation,
                )
        return None

    def _park(self, connection: Connection, message: Message, cause: str, now: datetime) -> None:
        parking, new = met_outage(connection, message.authority, cause, now)
        if new:
            next_probe = parking.next_probe.isoformat(timespec="seconds")
            detail = {"cause": cause, "next_probe": next_probe}
            record(connection, self._event(message, "parked", now, detail=detail))
        postpone(connection, message.id, due_at=parking.next_probe, cause=cause, burn=False)

    def _event(
        self,
        message: Message,
        name: str,
        at: datetime,
        *,
        duration: timedelta | None = None,
        detail: Mapping[str, str | int] | None = None,
    ) -> Event:
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


class _StoredSteps:
    """Results of a parcel's finished steps; each one also extends the lease."""

    def __init__(
        self,
        store: Store,
        message: MessageUuid,
        owner: str,
        done: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._message = message
        self._owner = owner
        self._now = now
        self.done = done

    async def record(self, step: str, result: str) -> None:
        now = self._now()

        def unit(connection: Connection) -> None:
            record_step(connection, self._message, step, result, now)
            extend_lease(connection, self._message, self._owner, now + LEASE)

        await self._store.run(unit)

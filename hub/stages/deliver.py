"""DELIVER: one owed message is translated and handed to the system of its authority.

Outside party: the vendor's system. A reference is only a hint; the row says whether anything
is owed and nobody else is at it. An attempt is marked as begun before anything is sent, so
that after a crash the next attempt knows that the system may have the message already. What came of
one is written down by `handover`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hub.broker import Delivery, Publisher, Verdict
from hub.model.failure import EndpointDown, Refused, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.reference import Reference
from hub.routing import RoutingTable
from hub.stages.announce import announce
from hub.stages.burial import Burial
from hub.stages.cut_off import after_cut_offs
from hub.stages.decision import Again, Dead, Park, after_failure
from hub.stages.handover import carry_out, delivery_event, give_up, received
from hub.stages.outage import Admission, Failures, admit, put_off
from hub.stages.stored_steps import LeaseLost, StoredSteps
from hub.stages.translation import Translated, Translation
from hub.store import (
    Case,
    Claimed,
    Connection,
    Message,
    NewDeadLetter,
    NotYours,
    Store,
    StoreAway,
    case_by_id,
    claim,
    record,
    steps_done,
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
        self._failures = Failures()

    async def handle(self, delivery: Delivery) -> Verdict:
        """Deliver what the reference means, if it is still owed."""
        reference = Reference.model_validate_json(delivery.body)
        claimed = await self._store.run(lambda c: self._claim(c, reference.message))
        if isinstance(claimed, NewDeadLetter):
            await self._tell(claimed)
            return Verdict.ACK
        if not isinstance(claimed, _Attempt):
            if claimed is not None:
                self._on_parked()
            return Verdict.ACK
        message, begun = claimed.mine.message, self._now()
        sending = False
        try:
            translated = await self._translation.translate(message, claimed.case, begun.date())
            sending = True
            receipt = await self._send(claimed, translated)
        except StoreAway:
            raise
        except LeaseLost:  # whoever has taken it over goes on; if nobody has, DISPATCH sees to it
            return Verdict.ACK
        except Exception as failure:  # noqa: BLE001 - the edge of the stage: it becomes a decision
            await self._failed(claimed, failure, sending=sending)
        else:
            self._failures.none_any_more(message.authority)
            freed = await self._store.run(
                lambda c: received(c, message, translated, receipt, begun, self._retention)
            )
            await announce(self._publisher, *freed)
        return Verdict.ACK

    def _claim(
        self, connection: Connection, message: MessageUuid
    ) -> "_Attempt | Admission | NewDeadLetter | None":
        now = self._now()
        match claim(connection, message, self._owner, now, LEASE):
            case NotYours():
                return None
            case Claimed(message=row, was_in_doubt=in_doubt) as mine:
                match after_cut_offs(connection, mine, "deliver", now):
                    case Dead() as why:
                        return give_up(connection, self._store.sealer, row, why, now)
                    case Again():
                        return None
                admission = admit(connection, row.authority, now, LEASE)
                if admission.until is not None:
                    put_off(connection, row, admission.until)
                    return admission
                case = case_by_id(connection, row.case)
                if case is None:
                    raise LookupError(f"message {row.id} has no case")
                names = ("in_doubt", "attempt") if in_doubt else ("attempt",)
                record(connection, *(delivery_event(row, name, now) for name in names))
                done = steps_done(connection, row.id) if mine.has_steps else {}
                return _Attempt(mine, case, done, probe=admission.probe)

    async def _send(self, attempt: "_Attempt", translated: Translated) -> Receipt:
        mine = attempt.mine
        steps = StoredSteps(self._store, mine, attempt.done, LEASE, self._now)
        if self._now() >= mine.until:  # it was slow, or stood still: perhaps another one has it
            await steps.extend()
        transport = self._transports.get(translated.route.transport)
        if transport is None:
            raise EndpointDown(
                "endpoint.no_transport",
                f"This hub has no transport {translated.route.transport}; see routing.yaml.",
            )
        receipt = await transport.deliver(translated.parcel, translated.route.endpoint, steps)
        return replace(receipt, at=self._now())  # by the clock that all hubs share

    async def _failed(self, attempt: "_Attempt", failure: Exception, *, sending: bool) -> None:
        message, now = attempt.mine.message, self._now()
        limit = self._limit(message)
        outage, refused = False, sending and isinstance(failure, Refused)  # not an adapter's
        if refused:
            self._failures.none_any_more(message.authority)
        elif sending and isinstance(failure, TransientFailure):
            is_last = message.attempts >= limit
            outage = self._failures.one_more(message.authority, message.id, is_last_attempt=is_last)
        decision = after_failure(
            failure,
            attempts=message.attempts,
            unexpected=message.unexpected,
            limit=limit,
            now=now,
            outage=outage or (sending and attempt.probe),
        )
        letter = await self._store.run(
            lambda c: carry_out(
                c,
                self._store.sealer,
                self._table(),
                attempt.mine,
                decision,
                now,
                probe=attempt.probe,
                refused=refused,
            )
        )
        if isinstance(decision, Park):
            self._on_parked()
        if letter is not None:
            await self._tell(letter)

    async def _tell(self, letter: NewDeadLetter) -> None:
        if letter.reply_to is not None:
            await self._burial.tell(letter)

    def _limit(self, message: Message) -> int:
        table = self._table()
        entry = table.authorities.get(message.authority)
        return table.systems[entry.system].limits.attempts if entry is not None else _ATTEMPTS


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A message that is being tried.

    `done`: what earlier attempts finished. `probe`: it finds out whether the system is back.
    """

    mine: Claimed
    case: Case
    done: Mapping[str, str]
    probe: bool

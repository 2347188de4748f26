"""INTERPRET: what a system sends is read, matched with its case, kept and owed to the mailbox.

Outside party: the store. A document is taken in as a whole or not at all. Nothing is dropped
silently: a duplicate, an update without back-channel, one that matches no case of its
authority - each leaves its trace in the journal or as a dead letter.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from hub.adapter import Authority
from hub.broker import Delivery, Publisher, Verdict
from hub.model.failure import PermanentFailure, Refused
from hub.model.identifiers import AuthorityKey
from hub.model.upward import Refusal, Upward
from hub.routing import RoutingTable
from hub.stages.admission import admit
from hub.stages.announce import announce
from hub.stages.burial import Burial, bury_message
from hub.stages.content import wish_of
from hub.stages.decision import UNEXPECTED_TRIES, dead
from hub.stages.keeping import keep_documents
from hub.stages.matching import Matched, match
from hub.stages.order import InOrder, Turn
from hub.store import (
    Connection,
    Due,
    Event,
    Inserted,
    Message,
    NewDeadLetter,
    NewMessage,
    State,
    Store,
    StoreAway,
    finish,
    insert_message,
    message_by_id,
    record,
    set_case_state,
)
from hub.workshop import Workshop

__all__ = ["Interpret"]

_ALREADY_PROCESSED: Final = "S100"
"""XInneres: "refused because it was processed successfully before" - so it was accepted."""


class Interpret:
    """Handler of `hub.interpret`."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        table: Callable[[], RoutingTable],
        workshop: Workshop,
        retention: timedelta,
        users: Set[str],
        now: Callable[[], datetime],
    ) -> None:
        """`users`: the hub's own at the broker; what its doors and collectors bring is theirs."""
        self._store = store
        self._publisher = publisher
        self._table = table
        self._workshop = workshop
        self._retention = retention
        self._users = users
        self._now = now
        self._burial = Burial(store, publisher, now)
        self._orders: defaultdict[AuthorityKey, InOrder] = defaultdict(InOrder)

    async def handle(self, delivery: Delivery) -> Verdict:
        """Take the document in or make it a dead letter; raise only what may pass later."""
        try:
            admit(delivery, self._table(), self._users)
        except PermanentFailure as failure:
            # The hub may publish anywhere; that right is not lent to whom it does not know.
            stranger = replace(delivery, reply_to=None)
            await self._burial.refuse(stranger, failure, stage="interpret")
            return Verdict.ACK
        try:
            # One order for each authority: what takes long to read holds up its own only.
            authority = str(delivery.headers.get("authority", ""))
            async with self._orders[authority].turn() as turn:
                due, letters = await self._take(delivery, authority, turn)
        except PermanentFailure as failure:
            await self._burial.refuse(delivery, failure, stage="interpret")
        except StoreAway:
            raise
        except Exception as failure:
            if delivery.attempts < UNEXPECTED_TRIES:
                raise
            await self._burial.refuse(delivery, failure, stage="interpret")
        else:
            for letter in letters:
                await self._burial.tell(letter)
            await announce(self._publisher, *due)
        return Verdict.ACK

    async def _take(
        self, delivery: Delivery, authority: AuthorityKey, turn: Turn
    ) -> tuple[list[Due], list[NewDeadLetter]]:
        upwards = await self._read(delivery.body, authority)
        await turn.take(upwards[0].application_id if upwards else None)
        digest, now = hashlib.sha256(delivery.body).hexdigest(), self._now()
        sealer = self._store.sealer
        matched = await self._store.read(
            lambda c: [match(c, sealer, upward, authority, digest, now) for upward in upwards]
        )
        for found in matched:
            if found.row.owes is not None:
                documents = found.upward.documents
                await keep_documents(
                    self._store.documents, documents, found.row.case, owner=authority
                )
        return await self._store.run(lambda c: self._take_in(c, matched))

    async def _read(self, body: bytes, authority: AuthorityKey) -> list[Upward]:
        table = self._table()
        entry = table.find(authority=authority, place=None)
        return await self._workshop.read(
            table.systems[entry.system].adapter,
            table.readable(entry.key, self._now().date()),
            body,
            Authority(entry.key, entry.name),
        )

    def _take_in(
        self, connection: Connection, matched: list[Matched]
    ) -> tuple[list[Due], list[NewDeadLetter]]:
        due: list[Due] = []
        letters: list[NewDeadLetter] = []
        for found in matched:
            row, at = found.row, found.row.created_at
            match insert_message(connection, row):
                case Inserted.DUPLICATE:
                    record(connection, _event(row, "duplicate", at))
                    continue
                case Inserted.CONFLICT:
                    raise _conflict()
            record(connection, _event(row, "interpreted", at, kind=row.kind))
            if row.state is State.WITHHELD:
                record(connection, _event(row, "withheld", at))
            elif row.state is State.NOTED:
                freed, letter = self._conclude(connection, found, at)
                due += freed
                letters += [letter] if letter is not None else []
            elif (owed := _owed(connection, row)) is not None:
                due.append(owed)
            if row.kind == "ending":
                set_case_state(connection, row.case, "ended")
        return due, letters

    def _conclude(
        self, connection: Connection, found: Matched, at: datetime
    ) -> tuple[list[Due], NewDeadLetter | None]:
        """A receipt or a refusal ends what was handed over; one that comes too late ends nothing.

        A refusal may also follow the receipt: the system looked closer, and said no.
        """
        answered = message_by_id(connection, found.answered.id)
        codes = _refusing(found.upward)
        may_be = (State.OWED, State.HANDED_OVER, *((State.ACCEPTED,) if codes else ()))
        if answered is None or answered.state not in may_be:
            record(connection, _event(found.row, "late", at))
            return [], None
        if not codes:
            record(connection, _accepted(answered, at))
            until = at + self._retention
            freed = finish(connection, answered.id, State.ACCEPTED, at, keep_content_until=until)
            return freed, None
        return [], self._bury(connection, answered, codes, at)

    def _bury(
        self, connection: Connection, answered: Message, codes: tuple[str, ...], at: datetime
    ) -> NewDeadLetter | None:
        sentence = f"The system refused the message with {', '.join(codes)}."
        why = dead(Refused(sentence, codes=codes))
        reply_to, correlation = wish_of(self._store.sealer, answered)
        letter = bury_message(
            connection,
            answered,
            why,
            stage="interpret",
            at=at,
            reply_to=reply_to,
            correlation=correlation,
        )
        return letter if letter.reply_to is not None else None


def _conflict() -> PermanentFailure:
    return PermanentFailure(
        "message.conflict",
        "The authority sent a different message under this nachrichtenUUID before. "
        "A corrected message needs a UUID of its own.",
        location="nachrichtenUUID",
    )


def _refusing(upward: Upward) -> tuple[str, ...]:
    """The codes of a refusal; none of a receipt, nor where the system has the message already."""
    if not isinstance(upward, Refusal):
        return ()
    codes = tuple(reason.code for reason in upward.reasons)
    return () if set(codes) == {_ALREADY_PROCESSED} else codes


def _owed(connection: Connection, row: NewMessage) -> Due | None:
    inserted = message_by_id(connection, row.id)
    if inserted is None or inserted.waits_for is not None:
        return None
    return Due(row.id, row.case, row.authority, "mail", row.provider, 0, row.trace)


def _event(row: NewMessage, name: str, at: datetime, **detail: str) -> Event:
    return Event(
        case=row.case,
        message=row.id,
        at=at,
        name=name,
        stage="interpret",
        authority=row.authority,
        detail=detail,
    )


def _accepted(answered: Message, at: datetime) -> Event:
    return Event(
        case=answered.case,
        message=answered.id,
        at=at,
        name="accepted",
        stage="interpret",
        authority=answered.authority,
        attempt=answered.attempts,
    )

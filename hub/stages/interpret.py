"""INTERPRET: what a system sends is read, matched with its case, kept and owed to the mailbox.

Outside party: the store. A document is taken in as a whole or not at all. Nothing is dropped
silently: a duplicate, an update without back-channel, one that matches no case of its
authority - each leaves its trace in the journal or as a dead letter.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta

from hub.broker import Delivery, Publisher, Verdict
from hub.inspection import Inspection, ScannerAway
from hub.model.failure import PermanentFailure
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.model.upward import NotCompetent, Receipt, Refusal
from hub.routing import RoutingTable
from hub.stages.admission import admit, encroachment
from hub.stages.announce import announce
from hub.stages.burial import Burial
from hub.stages.conclusion import conclude
from hub.stages.decision import UNEXPECTED_TRIES
from hub.stages.erased import nothing_of
from hub.stages.keeping import Flags, flagged, keep_documents
from hub.stages.matching import Matched, match_all
from hub.stages.order import InOrder, OutOfTurn, Turn, known_by
from hub.stages.returned import read_return
from hub.stages.standing import keep_phase, marks_up
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
    case_by_id,
    insert_message,
    lock_case,
    message_by_id,
    record,
)
from hub.workshop.workshop import Workshop

__all__ = ["Interpret"]


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
        inspection: Inspection,
        now: Callable[[], datetime],
        on_not_competent: Callable[[NewMessage, NotCompetent], Awaitable[None]],
    ) -> None:
        """`users`: the hub's own at the broker; what its doors and collectors bring is theirs."""
        self._store = store
        self._publisher = publisher
        self._table = table
        self._workshop = workshop
        self._retention = retention
        self._users = users
        self._inspection = inspection
        self._now = now
        self._on_not_competent = on_not_competent
        self._burial = Burial(store, publisher, table, now)
        self._order = InOrder()

    async def handle(self, delivery: Delivery) -> Verdict:
        """Take the document in or make it a dead letter; raise only what may pass later."""
        try:
            admit(delivery, self._table(), self._users)
        except PermanentFailure as failure:
            # The hub may publish anywhere; that right is not lent to whom it does not know.
            stranger = replace(delivery, reply_to=None)
            await self._refuse(stranger, failure)
            return Verdict.ACK
        try:
            authority = str(delivery.headers.get("authority", ""))
            async with self._order.turn(
                authority, known_by(delivery.body), delivery.attempts
            ) as turn:
                due, letters = await self._take(delivery, authority, turn)
        except PermanentFailure as failure:
            await self._refuse(delivery, failure)
        except (StoreAway, ScannerAway, OutOfTurn):
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

    async def _refuse(self, delivery: Delivery, failure: PermanentFailure) -> None:
        act = encroachment(delivery, failure, self._users, self._now())
        await self._burial.refuse(delivery, failure, stage="interpret", act=act)

    async def _take(
        self, delivery: Delivery, authority: AuthorityKey, turn: Turn
    ) -> tuple[list[Due], list[NewDeadLetter]]:
        upwards = await read_return(
            self._workshop, self._table(), delivery.body, authority, self._now().date()
        )
        await turn.take((authority, upwards[0].application_id if upwards else None))
        digest, now = hashlib.sha256(delivery.body).hexdigest(), self._now()
        sealer = self._store.sealer
        matched = await self._store.read(
            lambda c: match_all(c, sealer, upwards, authority, digest, now)
        )
        flags: dict[MessageUuid, Flags] = {}
        for found in matched:
            if found.row.owes is not None:
                flags[found.row.id] = await keep_documents(
                    self._store.documents,
                    self._inspection,
                    found.upward.documents,
                    found.row.case,
                    owner=authority,
                )
        outcome = await self._store.run(lambda c: self._take_in(c, matched, flags))
        for found in matched:
            # Of duplicates, too: the hub may have ended between that commit and this line.
            if isinstance(found.upward, NotCompetent):
                await self._on_not_competent(found.row, found.upward)
        return outcome

    def _take_in(
        self, connection: Connection, matched: list[Matched], flags: Mapping[MessageUuid, Flags]
    ) -> tuple[list[Due], list[NewDeadLetter]]:
        due: list[Due] = []
        letters: list[NewDeadLetter] = []
        for found in matched:
            row, at = _as_kept(connection, found.row), found.row.created_at
            match insert_message(connection, row):
                case Inserted.DUPLICATE:
                    record(connection, _event(row, "duplicate", at))
                    continue
                case Inserted.CONFLICT:
                    raise _conflict()
            record(connection, _event(row, "interpreted", at, kind=row.kind))
            record(connection, *flagged(flags.get(row.id, {}), row, "interpret", at))
            if isinstance(found.upward, Receipt | Refusal):
                freed, letter = conclude(
                    connection,
                    self._store.sealer,
                    found.upward,
                    row,
                    found.answered,
                    self._retention,
                )
                due += freed
                letters += [letter] if letter is not None else []
                continue
            record(connection, *_remarks(connection, found, at))
            if row.state is State.WITHHELD:
                record(connection, _event(row, "withheld", at))
            elif (owed := _owed(connection, row)) is not None:
                due.append(owed)
            keep_phase(connection, row.case)
        return due, letters


def _conflict() -> PermanentFailure:
    return PermanentFailure(
        "message.conflict",
        "The authority sent a different message under this nachrichtenUUID before. "
        "A corrected message needs a UUID of its own.",
        location="nachrichtenUUID",
    )


def _as_kept(connection: Connection, row: NewMessage) -> NewMessage:
    """The row as it is kept: of a case that was erased, also at this moment, nothing is."""
    lock_case(connection, row.case)
    case = case_by_id(connection, row.case)
    return nothing_of(row) if case is not None and case.erased_at is not None else row


def _remarks(connection: Connection, found: Matched, at: datetime) -> list[Event]:
    """What an operator should know of an update that is provided all the same."""
    row = found.row
    remarks = [_event(row, mark, at) for mark in marks_up(connection, row.case, row.id)]
    answered = message_by_id(connection, found.answered.id)
    if answered is not None and _has_not_arrived(answered):
        # The authority has it all the same; whether it is sent again is for a person to decide.
        remarks.append(_event(row, "unconfirmed", at, answers=str(answered.state)))
    return remarks


def _has_not_arrived(answered: Message) -> bool:
    """Whether nothing but this update says that the system has the message which it answers."""
    given_up = answered.state in {State.DEAD, State.DISCARDED}
    return given_up or (answered.state is State.OWED and answered.attempts == 0)


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

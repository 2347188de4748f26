"""INTERPRET: what a system sends is read, matched with its case, kept and owed to the mailbox.

Outside party: the store. A document is taken in as a whole or not at all. Nothing is dropped
silently: a duplicate, an update without back-channel, one that matches no case of its
authority - each leaves its trace in the journal or as a dead letter.
"""

import hashlib
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from hub.adapter import Authority, ReadContext
from hub.broker import Delivery, Publisher, Verdict
from hub.model.failure import PermanentFailure, Refused
from hub.model.identifiers import AuthorityKey, MessageUuid
from hub.model.upward import Question, Receipt, Refusal, Upward
from hub.routing import RoutingTable
from hub.stages.admission import admit
from hub.stages.announce import announce
from hub.stages.burial import Burial, bury_message
from hub.stages.content import open_kept, seal_update
from hub.stages.decision import UNEXPECTED_TRIES, dead
from hub.stages.keeping import keep_documents
from hub.stages.order import InOrder, Turn
from hub.stages.workshop import Workshop
from hub.store import (
    PUBLISH_GRACE,
    Case,
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
    finish,
    insert_message,
    message_by_id,
    message_by_wire,
    record,
    set_case_state,
)
from hub.xml import RETURN_LIMITS, parse

__all__ = ["Interpret", "row_id"]

_NAMESPACE: Final = UUID("0b5a4c66-6d0e-5b57-8a43-4b7d5a0c9f2e")
_ALREADY_PROCESSED: Final = "S100"
"""XInneres: "refused because it was processed successfully before" - so it was accepted."""


@dataclass(frozen=True, slots=True)
class _Matched:
    upward: Upward
    row: NewMessage
    case: Case
    answered: Message


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
        self._order = InOrder()

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
            async with self._order.turn() as turn:
                due, letters = await self._take(delivery, turn)
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

    async def _take(self, delivery: Delivery, turn: Turn) -> tuple[list[Due], list[NewDeadLetter]]:
        authority = str(delivery.headers.get("authority", ""))
        today = self._now().date()
        adapter = self._table().format_in_force(authority, today)[0]
        upwards = await self._workshop.run(
            adapter, lambda: self._read(delivery.body, authority, today)
        )
        await turn.take((authority, upwards[0].application_id if upwards else None))
        digest = hashlib.sha256(delivery.body).hexdigest()
        matched = await self._store.read(
            lambda c: [self._match(c, upward, authority, digest) for upward in upwards]
        )
        for match in matched:
            if match.row.owes is not None:
                documents = match.upward.documents
                await keep_documents(
                    self._store.documents, documents, match.case.id, owner=authority
                )
        return await self._store.run(lambda c: self._take_in(c, matched))

    def _read(self, body: bytes, authority: AuthorityKey, on: date) -> list[Upward]:
        table = self._table()
        entry = table.find(authority=authority, place=None)
        formats = table.readable(entry.key, on)
        encodings = frozenset().union(*(each.encodings for each in formats))
        root = parse(body, RETURN_LIMITS, encodings=encodings)
        refusals: list[PermanentFailure] = []
        for format_ in formats:
            try:
                format_.schemas.check(root)
            except PermanentFailure as failure:
                refusals.append(failure)
            else:
                return format_.read(root, ReadContext(Authority(entry.key, entry.name)))
        raise refusals[0]

    def _match(
        self, connection: Connection, upward: Upward, authority: AuthorityKey, digest: str
    ) -> _Matched:
        answered = message_by_wire(connection, upward.answers, authority, "down")
        case = case_by_id(connection, answered.case) if answered is not None else None
        if answered is None or case is None:
            raise PermanentFailure(
                "case.unknown",
                f"Authority {authority} was never sent the message that this one answers.",
                location="ausloeserUUID",
            )
        if upward.application_id not in (None, case.application_id):
            raise PermanentFailure(
                "case.mismatch",
                "The case token is not that of the message it answers.",
                location="antragsidentifikation",
            )
        if upward.test is not case.test:
            raise PermanentFailure("stage.mismatch", "The update and its case differ in test.")
        return _Matched(upward, self._row(upward, case, answered, digest), case, answered)

    def _row(self, upward: Upward, case: Case, answered: Message, digest: str) -> NewMessage:
        now = self._now()
        row = row_id(case.authority, upward.id)
        silent = isinstance(upward, Receipt | Refusal)
        owed = not silent and case.back_channel
        state = State.NOTED if silent else State.OWED if owed else State.WITHHELD
        return NewMessage(
            id=row,
            case=case.id,
            direction="up",
            kind=upward.type,
            authority=case.authority,
            wire=upward.id,
            answers=upward.answers,
            state=state,
            owes="mail" if owed else None,
            provider=case.provider if owed else None,
            content=self._sealed(upward, row) if owed else None,
            digest=digest,
            trace=answered.trace,
            created_at=now,
            due_at=now + PUBLISH_GRACE if owed else None,
            deadline=upward.deadline if isinstance(upward, Question) else None,
        )

    def _sealed(self, upward: Upward, row: MessageUuid) -> bytes | None:
        if isinstance(upward, Receipt | Refusal):
            return None
        return seal_update(self._store.sealer, upward.without_content(), row)

    def _take_in(
        self, connection: Connection, matched: list[_Matched]
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
        self, connection: Connection, match: _Matched, at: datetime
    ) -> tuple[list[Due], NewDeadLetter | None]:
        """A receipt or refusal ends what was handed over; late ones change nothing."""
        answered = message_by_id(connection, match.answered.id)
        if answered is None or answered.state not in (State.OWED, State.HANDED_OVER):
            record(connection, _event(match.row, "late", at))
            return [], None
        if _is_acceptance(match.upward):
            record(connection, _accepted(answered, at))
            until = at + self._retention
            freed = finish(connection, answered.id, State.ACCEPTED, at, keep_content_until=until)
            return freed, None
        refusal = match.upward
        codes = [reason.code for reason in refusal.reasons] if isinstance(refusal, Refusal) else []
        sentence = f"The system refused the message with {', '.join(codes)}."
        why = dead(Refused(sentence, codes=codes))
        kept = (
            open_kept(self._store.sealer, answered.content, answered.id)
            if answered.content is not None
            else None
        )
        letter = bury_message(
            connection,
            answered,
            why,
            stage="interpret",
            at=at,
            reply_to=kept.reply_to if kept else None,
            correlation=kept.correlation if kept else None,
        )
        return [], letter if letter.reply_to is not None else None


def row_id(authority: AuthorityKey, message: MessageUuid) -> MessageUuid:
    """The id of an update's row: one authority cannot take another's message's place."""
    return MessageUuid(uuid5(_NAMESPACE, f"{authority}:{message}"))


def _conflict() -> PermanentFailure:
    return PermanentFailure(
        "message.conflict",
        "The authority sent a different message under this nachrichtenUUID before. "
        "A corrected message needs a UUID of its own.",
        location="nachrichtenUUID",
    )


def _is_acceptance(upward: Upward) -> bool:
    if isinstance(upward, Refusal):
        return {reason.code for reason in upward.reasons} == {_ALREADY_PROCESSED}
    return isinstance(upward, Receipt)


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

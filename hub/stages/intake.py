"""INTAKE: what enters from online services is checked, kept and owed; nothing else happens.

Outside party: the store. After the commit the hub answers for the message; before it, the
broker still does. What cannot be accepted becomes a dead letter with field and sentence, and
its sender is told.
"""

import asyncio
from collections.abc import Callable, Set
from datetime import datetime
from typing import Final

from hub.broker import Delivery, Publisher, Verdict
from hub.inspection import Inspection, ScannerAway
from hub.model.case import Profile
from hub.model.conversation import Phase
from hub.model.downward import Downward, Submission, Withdrawal
from hub.model.failure import PermanentFailure, TransientFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.routing import Route, RoutingTable
from hub.stages.admissible import case_of, conflict, digest_of, known_as, route_of
from hub.stages.admission import admit_sender
from hub.stages.announce import announce, check_reply_to
from hub.stages.burial import Burial
from hub.stages.content import Kept, seal_kept, seal_profile
from hub.stages.decision import UNEXPECTED_TRIES
from hub.stages.erased import check_not_erased
from hub.stages.keeping import Flags, flagged, keep_documents
from hub.stages.order import InOrder, OutOfTurn, Turn, known_by
from hub.stages.reading import read_message
from hub.stages.standing import check_down, keep_phase
from hub.store import (
    PUBLISH_GRACE,
    Case,
    Connection,
    Due,
    Event,
    Inserted,
    Message,
    NewMessage,
    State,
    Store,
    StoreAway,
    case_by_id,
    insert_case,
    insert_message,
    lock_case,
    message_by_id,
    messages_of,
    record,
)
from hub.traceparent import traceparent_in

__all__ = ["Intake"]

_IN_THREAD_FROM: Final = 64 * 1024
"""Bytes from which checking a body would hold up the loop (9 kB take 0.03 ms)."""


class Intake:
    """Handler of `hub.intake`."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        table: Callable[[], RoutingTable],
        providers: Set[str],
        users: Set[str],
        inspection: Inspection,
        now: Callable[[], datetime],
    ) -> None:
        """Make the handler.

        Args:
            store: what it keeps messages in.
            publisher: what it tells of them with.
            table: the routing table in force.
            providers: the mailbox providers that this hub has.
            users: the hub's own at the broker; for what its page brings it vouches itself.
            inspection: what every document has to pass.
            now: the clock.
        """
        self._store = store
        self._publisher = publisher
        self._table = table
        self._providers = providers
        self._users = users
        self._inspection = inspection
        self._now = now
        self._burial = Burial(store, publisher, table, now)
        self._order = InOrder()

    async def handle(self, delivery: Delivery) -> Verdict:
        """Accept the message or make it a dead letter; raise only what may pass later."""
        try:
            async with self._order.turn(None, known_by(delivery.body), delivery.attempts) as turn:
                due = await self._accept(delivery, turn)
        except PermanentFailure as failure:
            await self._burial.refuse(delivery, failure, stage="intake")
        except (StoreAway, ScannerAway, OutOfTurn):
            raise
        except Exception as failure:
            if delivery.attempts < UNEXPECTED_TRIES:
                raise
            await self._burial.refuse(delivery, failure, stage="intake")
        else:
            if due is not None:
                await announce(self._publisher, due)
        return Verdict.ACK

    async def _accept(self, delivery: Delivery, turn: Turn) -> Due | None:
        check_reply_to(delivery.reply_to, self._table())
        message = await _read(delivery.body)
        of = CaseId(message.id) if isinstance(message, Submission) else message.case
        await turn.take(of)
        bare = message.without_content()
        digest = digest_of(bare)
        kept = Kept(message=bare, reply_to=delivery.reply_to, correlation=delivery.correlation_id)
        # Documents are kept before the unit: what brings some is looked for before that. Anything
        # else that begins a case, and is nearly always new, the unit itself tells from a repeat.
        is_new = isinstance(message, Submission) and not message.documents
        if not is_new and await self._is_known(message.id, of, digest):
            return None
        now = self._now()
        try:
            case, routed = await self._place(delivery, message, now)
        except PermanentFailure:
            # What was taken in before is not refused, whatever has changed since.
            if is_new and await self._is_known(message.id, of, digest):
                return None
            raise
        flags = await self._keep(message, case)
        row = NewMessage(
            id=message.id,
            case=case.id,
            direction="down",
            kind=message.type,
            authority=case.authority,
            wire=message.id,
            answers=None if isinstance(message, Submission | Withdrawal) else message.answers,
            state=State.OWED,
            owes="deliver",
            provider=None,
            content=seal_kept(self._store.sealer, kept),
            digest=digest,
            trace=traceparent_in(delivery.headers),
            created_at=now,
            due_at=now + PUBLISH_GRACE,
            deadline=None,
        )
        detail: dict[str, str | int] = {
            "service": case.service,
            "documents": len(message.documents),
            **routed,
        }
        return await self._store.run(lambda c: self._take_in(c, message, case, row, detail, flags))

    async def _place(
        self, delivery: Delivery, message: Downward, now: datetime
    ) -> tuple[Case, dict[str, str]]:
        """The case that it begins or belongs to, and what the journal says of its route."""
        table = self._table()
        if isinstance(message, Submission):
            admit_sender(delivery, message.sender.key, table, self._users, message.service)
            route = route_of(message, table, self._providers, now.date())
            routed = {"system": route.system, "adapter": route.adapter, "format": route.version}
            return self._new_case(message, route, now), routed
        case = await self._store.read(lambda c: case_of(c, message))
        admit_sender(delivery, case.sender, table, self._users)
        # Once more in the unit, where nothing can come between; here no document is kept yet.
        await self._store.read(lambda c: check_down(c, message, case, table, now))
        return case, {}

    async def _keep(self, message: Downward, case: Case) -> Flags:
        """Keep the documents; of a submission that is refused for one of them, none is left."""
        documents = self._store.documents
        try:
            return await keep_documents(
                documents, self._inspection, message.documents, case.id, owner=case.sender
            )
        except PermanentFailure:
            if await self._store.read(lambda c: case_by_id(c, case.id)) is None:
                await documents.forget(case.id)
            raise

    def _take_in(
        self,
        connection: Connection,
        message: Downward,
        case: Case,
        row: NewMessage,
        detail: dict[str, str | int],
        flags: Flags,
    ) -> Due | None:
        begins = isinstance(message, Submission) and insert_case(connection, case)
        if not begins:
            lock_case(connection, case.id)
        current = None if begins else case_by_id(connection, case.id)
        check_not_erased(current)
        match insert_message(connection, row):
            case Inserted.CONFLICT:
                raise conflict()
            case Inserted.DUPLICATE:
                record(connection, _event(row, "duplicate"))
                return None
        record(connection, _event(row, "received", kind=row.kind, **detail))
        record(connection, *flagged(flags, row, "intake", row.created_at))
        if not isinstance(message, Submission):
            if current is None or current.authority != row.authority:
                raise TransientFailure("case.sent_on", "The case has just been sent on.")
            marks = check_down(connection, message, case, self._table(), row.created_at)
            record(connection, *(_event(row, mark) for mark in marks))
            _say_if_held_up(connection, row)
            keep_phase(connection, case.id)
        if not begins:  # else there is nothing before it
            inserted = message_by_id(connection, row.id)
            if inserted is None or inserted.waits_for is not None:
                return None
        return Due(row.id, row.case, row.authority, "deliver", None, 0, row.trace)

    async def _is_known(self, message: MessageUuid, of: CaseId, digest: str) -> bool:
        def find(connection: Connection) -> Message | None:
            check_not_erased(case_by_id(connection, of))
            return known_as(connection, message, digest)

        known = await self._store.read(find)
        if known is None:
            return False
        event = Event(
            case=known.case, message=message, at=self._now(), name="duplicate", stage="intake"
        )
        await self._store.run(lambda c: record(c, event))
        return True

    def _new_case(self, message: Submission, route: Route, now: datetime) -> Case:
        case = CaseId(message.id)
        profile = Profile(sender=message.sender, language=message.language, mailbox=message.mailbox)
        return Case(
            id=case,
            application_id=message.application_id,
            service=message.service,
            authority=route.authority.key,
            sender=message.sender.key,
            provider=message.mailbox.provider if message.mailbox else None,
            # Both must have it: the applicant signed in, and the system can answer.
            back_channel=message.back_channel and route.back_channel,
            test=message.test,
            created_at=now,
            state=Phase.SUBMITTED,
            profile=seal_profile(self._store.sealer, profile, case),
        )


async def _read(body: bytes) -> Downward:
    if len(body) < _IN_THREAD_FROM:
        return read_message(body)
    return await asyncio.to_thread(read_message, body)


def _say_if_held_up(connection: Connection, row: NewMessage) -> None:
    """What is dead holds up those behind it until a person decides; their journey says so."""
    before = messages_of(connection, row.case)
    dead = [each for each in before if each.direction == "down" and each.state is State.DEAD]
    if dead:
        record(connection, _event(row, "held_up", behind=dead[0].kind, cause=dead[0].cause or ""))


def _event(row: NewMessage, name: str, **detail: str | int) -> Event:
    return Event(
        case=row.case,
        message=row.id,
        at=row.created_at,
        name=name,
        stage="intake",
        authority=row.authority,
        detail=detail,
    )

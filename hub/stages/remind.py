"""REMIND: an applicant whose answer is awaited is reminded once, some days before the deadline.

Outside party: the store. A reminder is a message of its own, owed to the mailbox like any other.
Its id follows from the question's, so that no second one can be made: not by a restart, not by
another hub on the same store.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid5

import structlog

from hub.model.conversation import standing
from hub.model.failure import HubFailure
from hub.model.identifiers import MessageUuid
from hub.model.reminder import Reminder
from hub.routing import RoutingTable
from hub.stages.content import seal_update
from hub.stages.standing import german_day, said_of
from hub.store import (
    Case,
    Connection,
    Due,
    Event,
    Inserted,
    Message,
    NewMessage,
    OpenQuestion,
    State,
    Store,
    case_by_id,
    insert_message,
    lock_case,
    messages_of,
    open_questions,
    record,
    unpublished,
)

__all__ = ["Remind", "is_time"]

_EVERY: Final = timedelta(minutes=10)
_log = structlog.get_logger()


def is_time(question: OpenQuestion, days: int, today: date) -> bool:
    """Whether its applicant is to be reminded of a question on that day.

    From so many days before the deadline on, but never on the deadline itself, and never on the
    day on which the question itself came. No days: never.
    """
    begins = question.deadline - timedelta(days=days)
    came = german_day(question.provided_at)
    return begins <= today < question.deadline and came < today


class Remind:
    """Runs beside the stages; several at once do no harm."""

    def __init__(
        self,
        store: Store,
        table: Callable[[], RoutingTable],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._table = table
        self._now = now

    async def run(self) -> None:
        """Look every ten minutes until cancelled."""
        while True:
            try:
                await self.look()
            except HubFailure as failure:
                _log.warning("remind.failed", cause=failure.cause)
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> int:
        """Owe a reminder for every question whose time has come; says how many."""
        authorities, today = self._table().authorities, german_day(self._now())
        longest = max((entry.reminder_days for entry in authorities.values()), default=0)
        until = today + timedelta(days=longest)
        reminded = 0
        for question in await self._store.read(lambda c: open_questions(c, today, until)):
            entry = authorities.get(question.authority)
            if entry is not None and is_time(question, entry.reminder_days, today):
                reminded += await self._store.run(partial(self._remind, question=question))
        return reminded

    def _remind(self, connection: Connection, question: OpenQuestion) -> bool:
        # Whoever answers, withdraws or forwards at this moment comes before or after, not between.
        lock_case(connection, question.case)
        case = case_by_id(connection, question.case)
        rows = messages_of(connection, question.case)
        asked = next(row for row in rows if row.id == question.message)
        awaited = {item.update for item in standing(said_of(rows)).open}
        if case is None or not case.back_channel or asked.wire not in awaited:
            return False
        row = self._row(case, asked, question.deadline)
        if insert_message(connection, row) is not Inserted.NEW:
            return False
        detail = {"question": str(asked.id), "deadline": question.deadline.isoformat()}
        record(
            connection,
            Event(
                case=row.case,
                message=row.id,
                at=row.created_at,
                name="reminded",
                stage="remind",
                authority=row.authority,
                detail=detail,
            ),
        )
        due = Due(row.id, row.case, row.authority, "mail", row.provider, 0, row.trace)
        unpublished(connection, [due], row.created_at)
        return True

    def _row(self, case: Case, asked: Message, deadline: date) -> NewMessage:
        id_, now = MessageUuid(uuid5(asked.id, "reminder")), self._now()
        reminder = Reminder(id=id_, about=asked.wire, deadline=deadline, created_at=now)
        return NewMessage(
            id=id_,
            case=case.id,
            direction="up",
            kind=reminder.type,
            authority=asked.authority,
            wire=id_,
            answers=asked.wire,
            state=State.OWED,
            owes="mail",
            provider=case.provider,
            content=seal_update(self._store.sealer, reminder, id_),
            digest=hashlib.sha256(str(id_).encode()).hexdigest(),
            trace=asked.trace,
            created_at=now,
            due_at=now,
            deadline=deadline,
        )

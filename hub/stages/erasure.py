"""ERASURE: every byte of what was said in a case is deleted; that it was there stays proven.

Not a stage of the way: a command carries it out, beside running hubs. What is still owed to an
authority or an applicant is not erased by the way: it is concluded as discarded first, and only
where whoever erases says so. The tables are changed in one unit, with its act; then come the
files and what the database keeps of deleted rows. Whoever ends in between does it again: RETENTION
looks after the cases that were erased within the last day, and finds as well what was on its way
at that moment.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.stages.content import open_kept, open_update
from hub.stages.standing import keep_phase
from hub.store import (
    Act,
    Case,
    Connection,
    Event,
    Message,
    SealedLetter,
    State,
    Store,
    at_work,
    audit,
    case_by_id,
    cases_erased_since,
    dead_letters_of,
    dead_letters_without_case,
    discard,
    erase_case,
    erase_dead_letters,
    finish,
    lock_case,
    messages_of,
    record,
    sendings_of,
)

__all__ = ["Erased", "Erasure", "StillOwed"]

_AT_ONCE: Final = 8
"""Dead letters that are in memory at a time: each may have 16 MiB."""

_LOOKED_AFTER: Final = timedelta(days=1)
_UNFINISHED: Final = (State.OWED, State.HANDED_OVER, State.DEAD)


class StillOwed(PermanentFailure):
    """Something of the case is not finished."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was found of a case and is gone. `first`: it had not been erased before."""

    case: CaseId
    first: bool
    messages: int
    discarded: int
    letters_at_the_door: int
    documents: int
    staged: int


@dataclass(frozen=True, slots=True)
class _Found:
    """What belongs to a case without its rows saying so."""

    at_the_door: list[SealedLetter]
    documents: set[str]
    sender: str


class Erasure:
    """Erases cases."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def erase(self, case: CaseId, *, actor: str, reason: str, discard: bool) -> Erased:
        """Delete whatever was said in a case, also from the files of the database.

        Args:
            case: the case.
            actor: who wants it.
            reason: why; it is kept.
            discard: whether what is not finished is to be discarded first.

        Raises:
            StillOwed: it is not finished and `discard` was not given, or is being sent right now.
            PermanentFailure: there is no such case.
            StoreAway: it is erased, but the database could not be written anew; do it again.
        """
        found = await self._found(case)
        erased = await self._store.run(
            lambda c: self._erase(c, case, found, actor, reason, discard_all=discard)
        )
        staged = await self._forget_files(case, found)
        await self._store.compact()
        return Erased(*erased, documents=len(found.documents), staged=staged)

    async def look_again(self) -> None:
        """Delete what has come since for cases that were erased within the last day."""
        since = self._now() - _LOOKED_AFTER
        for case in await self._store.read(lambda c: cases_erased_since(c, since)):
            await self._erase_again(case)

    async def _erase_again(self, case: CaseId) -> None:
        found = await self._found(case)
        await self._store.run(lambda c: self._again(c, case, found))
        await self._forget_files(case, found)

    async def _found(self, id_: CaseId) -> _Found:
        case = await self._store.read(lambda c: case_by_id(c, id_))
        if case is None:
            raise PermanentFailure("case.unknown", f"There is no case {id_}.")
        names = await self._store.read(lambda c: _Names.of(c, case))
        documents = await self._store.documents.hashes_of(id_)
        documents |= {sha256 for row in names.rows for sha256 in self._named_by(row)}
        return _Found(await self._at_the_door(names), documents, case.sender)

    def _named_by(self, row: Message) -> list[str]:
        if row.content is None:
            return []
        sealer = self._store.sealer
        try:
            if row.direction == "down":
                said = open_kept(sealer, row.content, row.id).message.documents
            else:
                said = getattr(open_update(sealer, row.content, row.id), "documents", ())
        except PermanentFailure:  # nobody can read it any more
            return []
        return [document.sha256 for document in said]

    async def _at_the_door(self, names: "_Names") -> list[SealedLetter]:
        """What was refused before it had a row: only its content says whose it is."""
        found: list[SealedLetter] = []
        letters = await self._next(None)
        while letters:
            # In threads: there may be many, and none of them small.
            found += await asyncio.to_thread(self._of, names, letters)
            letters = await self._next(letters[-1].id)
        return found

    async def _next(self, after: UUID | None) -> list[SealedLetter]:
        return await self._store.read(lambda c: dead_letters_without_case(c, after, _AT_ONCE))

    def _of(self, names: "_Names", letters: Sequence[SealedLetter]) -> list[SealedLetter]:
        return [each for each in letters if self._is_of(names, each)]

    def _is_of(self, names: "_Names", letter: SealedLetter) -> bool:
        if letter.correlation in names.ids:
            return True
        try:
            body = self._store.sealer.open(letter.content, f"dead:{letter.id}")
        except PermanentFailure:
            return False
        return names.in_body(body)

    def _erase(
        self,
        connection: Connection,
        id_: CaseId,
        found: _Found,
        actor: str,
        reason: str,
        *,
        discard_all: bool,
    ) -> tuple[CaseId, bool, int, int, int]:
        now = self._now()
        lock_case(connection, id_)
        if busy := at_work(connection, id_, now):
            raise StillOwed(
                "case.at_work",
                f"Message {busy[0]} is being sent at this moment; try again in some minutes.",
            )
        case, rows = case_by_id(connection, id_), messages_of(connection, id_)
        first = case is not None and case.erased_at is None
        unfinished = [row for row in rows if row.state in _UNFINISHED]
        if not discard_all:
            _expect_finished(unfinished, [each for each in found.at_the_door if each.is_open])
        _discard(connection, id_, unfinished, found.at_the_door, reason, now)
        erase_dead_letters(connection, [each.id for each in found.at_the_door], now)
        erase_case(connection, id_, now)
        keep_phase(connection, id_)
        counts = {"messages": len(rows), "discarded": len(unfinished)}
        record(connection, Event(id_, None, now, "erased", "erasure", detail=counts))
        audit(connection, Act(now, actor, "case.erase", str(id_), {"reason": reason, **counts}))
        return id_, first, len(rows), len(unfinished), len(found.at_the_door)

    def _again(self, connection: Connection, case: CaseId, found: _Found) -> None:
        now = self._now()
        for letter in found.at_the_door:
            discard(connection, letter.id, "case.erased", now)
        erase_dead_letters(connection, [each.id for each in found.at_the_door], now)
        erase_case(connection, case, now)

    async def _forget_files(self, case: CaseId, found: _Found) -> int:
        documents = self._store.documents
        await documents.forget(case)
        return await documents.unstage(found.sender, found.documents)


@dataclass(frozen=True, slots=True)
class _Names:
    """By which a message shows that it belongs to a case."""

    rows: Sequence[Message]
    ids: frozenset[str]
    application: tuple[str, str]

    @classmethod
    def of(cls, connection: Connection, case: Case) -> "_Names":
        rows = messages_of(connection, case.id)
        sent = [each.id for each in sendings_of(connection, case.id)]
        uuids = {case.id, *sent, *(row.id for row in rows), *(row.wire for row in rows)}
        ids = frozenset(form for uuid in uuids for form in (str(uuid), uuid.hex))
        return cls(rows, ids, (case.application_id, case.sender))

    def in_body(self, body: bytes) -> bool:
        """Whether a message speaks of the case: in any encoding that XML or JSON has."""
        text = body.replace(b"\0", b"").lower()
        return any(each.encode() in text for each in self.ids) or self._applies(body)

    def _applies(self, body: bytes) -> bool:
        try:
            said: Any = json.loads(body)
            return (said["application_id"], said["sender"]["key"]) == self.application
        except (ValueError, TypeError, KeyError, RecursionError):
            return False


def _expect_finished(rows: Sequence[Message], letters: Sequence[SealedLetter]) -> None:
    waiting = [f"{row.kind} {row.id} is {row.state}" for row in rows]
    waiting += [f"dead letter {each.id} is open" for each in letters]
    if waiting:
        raise StillOwed(
            "case.unfinished",
            f"Something of the case is not finished: {'; '.join(waiting)}. Erased now, it would"
            " never arrive. Let it arrive, decide about what is dead, or have it discarded.",
        )


def _discard(
    connection: Connection,
    case: CaseId,
    rows: Sequence[Message],
    at_the_door: Sequence[SealedLetter],
    reason: str,
    now: datetime,
) -> None:
    """Conclude what is not finished. Nobody is set free by it: whoever waited is discarded, too."""
    letters = [each.id for each in dead_letters_of(connection, case)]
    for letter in (*letters, *(each.id for each in at_the_door)):
        discard(connection, letter, reason, now)
    for row in rows:
        finish(connection, row.id, State.DISCARDED, now)
        record(
            connection,
            Event(case, row.id, now, "discarded", "erasure", authority=row.authority),
        )

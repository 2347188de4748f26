"""Deletes what has served: OZG § 8a, data are processed for their purpose only.

By kind: the content of messages, letters in the hub's own mailbox, what lies with dead letters
that were decided, documents that were put to the hub and never named, and at last the case itself
with its journal. A document goes with the last of what names it, be it content or letter. What is
still owed to anybody is never deleted. `docs/privacy.md` has the table.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from hub.mailbox.local import LocalMailbox
from hub.model.failure import HubFailure, PermanentFailure
from hub.model.identifiers import CaseId
from hub.stages.erasure import Erasure
from hub.store import (
    Connection,
    Store,
    cases_that_served,
    cases_with_letters_until,
    delete_cases,
    delete_letters,
    forget_content,
    forget_decided,
    forget_without_case,
    has_content,
    quiet_cases,
)

__all__ = ["Retention", "Terms"]

_EVERY: Final = timedelta(minutes=10)
_STAGED: Final = timedelta(days=1)

_UNDER_WAY: Final = timedelta(hours=1)
"""A document that was put to a case so recently may be that of a message about to be kept."""

_AT_ONCE: Final = 100
"""Cases of one unit."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long what is kept.

    Args:
        content: after a dead letter was decided; for messages, whoever concludes them says it.
        letters: after they were provided in the hub's own mailbox.
        journal: of a case after the last thing that happened in it.
    """

    content: timedelta
    letters: timedelta
    journal: timedelta


class Retention:
    """Runs beside the stages."""

    def __init__(self, store: Store, terms: Terms, now: Callable[[], datetime]) -> None:
        self._store = store
        self._terms = terms
        self._now = now
        self._mailbox = LocalMailbox(store)
        self._erasure = Erasure(store, now)

    async def run(self) -> None:
        """Look every ten minutes until cancelled."""
        while True:
            try:
                await self.look()
            except HubFailure as failure:
                _log.warning("retention.failed", cause=failure.cause)
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> None:
        """Delete what has served its time."""
        now = self._now()
        # The files first: if this is interrupted between the two, it is simply done again.
        served = await self._store.read(lambda c: cases_that_served(c, now))
        busy = [case for case in served if not await self._forget_documents(case, now)]
        await self._store.run(lambda c: forget_content(c, now, but=busy))
        await self._forget_letters(now)
        await self._store.documents.sweep(now - _STAGED)
        await self._forget_cases(now)
        await self._store.run(lambda c: self._forget_the_rest(c, now))
        await self._erasure.look_again()

    async def _forget_documents(self, case: CaseId, now: datetime) -> bool:
        """Delete the documents of a case except those that a letter names which stays.

        False if that has to wait.
        """
        try:
            letters = await self._mailbox.of_case(case)
        except PermanentFailure as failure:
            # What they name is not known, so nothing is deleted before the letters are.
            _log.warning("retention.letter", case=str(case), cause=failure.cause)
            return True
        until = now - self._terms.letters
        stay = [each.letter for each in letters if each.provided_at > until]
        named = {document.sha256 for letter in stay for document in letter.documents}
        return await self._store.documents.forget_unused(case, named, now - _UNDER_WAY)

    async def _forget_letters(self, now: datetime) -> None:
        until = now - self._terms.letters
        for case in await self._store.read(lambda c: cases_with_letters_until(c, until)):
            await self._forget_letters_of(case, now)

    async def _forget_letters_of(self, case: CaseId, now: datetime) -> None:
        # With content still there, documents go when that goes.
        if await self._store.read(lambda c: has_content(c, case)) or await self._forget_documents(
            case, now
        ):
            await self._store.run(lambda c: delete_letters(c, case, now - self._terms.letters))

    async def _forget_cases(self, now: datetime) -> None:
        until = now - self._terms.journal

        def quiet(connection: Connection) -> list[CaseId]:
            return quiet_cases(connection, until, _AT_ONCE)

        while cases := await self._store.read(quiet):
            forget = partial(self._store.documents.forget_unused, but=(), before=now - _UNDER_WAY)
            without = [case for case in cases if await forget(case)]
            await self._store.run(partial(delete_cases, cases=without, until=until))
            if len(without) < len(cases):
                return  # something is about to come to the others: the next look finds out

    def _forget_the_rest(self, connection: Connection, now: datetime) -> None:
        forget_decided(connection, now - self._terms.content)
        forget_without_case(connection, now - self._terms.journal)

"""Plays all cases through: sends, looks into the mailboxes, answers, and kills the hub meanwhile.

It ends when every case has run its course and the hub owes nothing more, or when nothing has
moved for a while; what was missing then is for the verdict to say.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import aiohttp

from hub.model.identifiers import CaseId
from hub.model.letter import Letter
from hub.sandbox.applicants import Applicants
from hub.sandbox.books import Books, ReadLetter, SystemBook, joined
from hub.sandbox.observer import Observer
from hub.sandbox.processes import Child
from hub.sandbox.samples import Sample

__all__ = ["Play", "read_books"]

_LOOK_EVERY: Final = 0.2
_QUIET_SECONDS: Final = 10.0
_STALLED_SECONDS: Final = 60.0
_SETTLE_SECONDS: Final = 10.0


class Play:
    """One run of all samples.

    Args:
        samples: what is sent, and what has to come back.
        applicants: who send it.
        observer: who looks into the hub's store.
        hub: its process; None if it runs elsewhere.
        kills: how often that process is killed on the way.

    Attributes:
        to_send: messages that applicants will send in all.
        to_read: letters that will come in all.
        letters: letters there so far.
        kills: how often the hub was killed so far.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        applicants: Applicants,
        observer: Observer,
        hub: Child | None = None,
        *,
        kills: int = 0,
    ) -> None:
        self._open: dict[CaseId, Sample] = {sample.case: sample for sample in samples}
        self._samples = samples
        self._applicants = applicants
        self._observer = observer
        self._hub = hub
        self._kills_wanted = kills
        self._seen: dict[CaseId, int] = {}
        self._moved_at = time.monotonic()
        self._stood_at = (0, 0, 0)
        self.to_send = sum(1 + len(sample.course.messages) for sample in samples)
        self.to_read = sum(len(sample.course.letters) for sample in samples)
        self.kills = 0

    @property
    def sent(self) -> int:
        """Messages confirmed so far."""
        return len(self._applicants.confirmed)

    @property
    def letters(self) -> int:
        """Letters there so far."""
        return sum(self._seen.values())

    async def run(self) -> None:
        """Send and watch until all is done or nothing moves any more."""
        sending = asyncio.create_task(self._applicants.send(self._samples))
        try:
            while self._open and not await self._stalled():
                began = time.monotonic()
                await self._look()
                # Looking must not cost more than what is looked at.
                pause = max(_LOOK_EVERY, 3 * (time.monotonic() - began))
                await self._kill_when_due()
                if sending.done():
                    await sending  # raises what went wrong with it
                await asyncio.sleep(pause)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _look(self) -> None:
        if self._hub is not None:
            self._hub.check()
        complete = [case for case, sample in self._open.items() if await self._read(case, sample)]
        for case in await self._observer.settled(complete):
            del self._open[case]
        stands_at = (self.sent, self.letters, len(self._open))
        if stands_at != self._stood_at:
            self._stood_at, self._moved_at = stands_at, time.monotonic()

    async def _read(self, case: CaseId, sample: Sample) -> bool:
        """Read a case's letters as its applicant; whether all have come."""
        letters: list[Letter] = []
        if sample.course.letters:
            letters = await self._observer.letters(case)
            await self._applicants.read(sample, letters)
        self._seen[case] = len(letters)
        return len(letters) >= len(sample.course.letters)

    async def _kill_when_due(self) -> None:
        """Kill at even parts of the whole way, so that every kind of work is hit."""
        done = (self.sent + self.letters) / max(self.to_send + self.to_read, 1)
        due = self.kills < self._kills_wanted and done >= (self.kills + 1) / (
            self._kills_wanted + 1
        )
        if due and self._hub is not None:
            await self._hub.kill()
            self.kills += 1
            await self._hub.start()
            self._moved_at = time.monotonic()

    async def _stalled(self) -> bool:
        """Nothing moves: for long, or for a while and the hub has given up on something."""
        quiet = time.monotonic() - self._moved_at
        if quiet < _QUIET_SECONDS:
            return False
        return quiet > _STALLED_SECONDS or await self._observer.has_dead_letters()


async def read_books(
    samples: Sequence[Sample], applicants: Applicants, observer: Observer, book_urls: Sequence[str]
) -> Books:
    """Collect what all parties have written down."""
    cases = [sample.case for sample in samples]
    letters = {case: [_read(one) for one in await observer.letters(case)] for case in cases}
    hub = await observer.book(cases)
    return Books(
        confirmed=tuple(applicants.confirmed),
        system=joined([await _system_book(url) for url in book_urls]),
        hub=hub.messages,
        letters=letters,
        dead=hub.dead,
        balanced=hub.balanced,
        differences=hub.differences,
    )


def _read(letter: Letter) -> ReadLetter:
    return ReadLetter(
        account=letter.mailbox.account,
        kind=letter.kind,
        about=letter.about,
        language=letter.language,
        documents=len(letter.documents),
    )


async def _system_book(url: str) -> SystemBook:
    """A system's book, once it knows of its last update that the hub took it."""
    patience = time.monotonic() + _SETTLE_SECONDS
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(url) as response:
                book = SystemBook.model_validate_json(await response.read())
            owed = [u for u in book.updates if u.sent_at is None and u.refused_with is None]
            if not owed or time.monotonic() > patience:
                return book
            await asyncio.sleep(_LOOK_EVERY)

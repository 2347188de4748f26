"""The mailbox of the BundID as a provider: first the letter, then the status beside it.

The letter is what counts. Its answer is kept as a finished step before the status is tried, so
that a retry never sends it again and the time of provision stays. A status that cannot be set is a
shortfall of a letter that lies there: it is retried like everything, and then noted.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from hub.mailbox import HalfDone
from hub.mailbox.zbp.answer import read_answer
from hub.mailbox.zbp.author import Author
from hub.mailbox.zbp.client import Client
from hub.mailbox.zbp.mapping import Row, Status, leads_back, row_of
from hub.mailbox.zbp.objects import message_of, state_of
from hub.model.failure import HubFailure, PermanentFailure, TransientFailure
from hub.model.letter import Letter, Provided, Shortfall
from hub.store import Store, record_step, steps_done, steps_of_case

__all__ = ["ZbpMailbox"]

_MESSAGE: Final = "zbp.message"
_STATUS: Final = "zbp.status"
_UNCHANGED: Final = "unchanged"


class ZbpMailbox:
    """Provides letters in mailboxes of the BundID. `service` is the online service's name there."""

    def __init__(
        self,
        store: Store,
        client: Client,
        author: Author,
        service: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._client = client
        self._author = author
        self._service = service
        self._now = now

    async def deliver(self, letter: Letter) -> Provided:
        """Provide the letter and set the status; what was done before is not done again."""
        row = row_of(letter)
        done = await self._store.read(lambda c: steps_done(c, letter.id))
        if _MESSAGE in done:
            provided = Provided.model_validate_json(done[_MESSAGE])
        else:
            provided = await self._provide(letter)
        try:
            shown = done.get(_STATUS) or await self._show(letter, row)
        except TransientFailure as failure:
            raise HalfDone(failure, _without_status(provided, failure)) from None
        except PermanentFailure as failure:
            return _without_status(provided, failure)
        return provided.model_copy(update={"detail": {**provided.detail, "status": shown}})

    async def _provide(self, letter: Letter) -> Provided:
        written = message_of(letter, self._service)
        envelope = await self._envelope(written.message.as_json())
        body = await self._client.put_message(envelope, written.files)
        provided = read_answer(body, self._now(), written.shortened)
        await self._done(letter, _MESSAGE, provided.model_dump_json())
        return provided

    async def _show(self, letter: Letter, row: Row) -> str:
        """Set the status that the row names, unless it leads back; gives what was set."""
        shown = _UNCHANGED
        if row.status is not None and not leads_back(await self._earlier(letter), row.status):
            state = state_of(letter, row, row.status, self._service)
            await self._client.post_state(await self._envelope(state.as_json()))
            shown = row.status.value
        await self._done(letter, _STATUS, shown)
        return shown

    async def _earlier(self, letter: Letter) -> list[Status]:
        shown = await self._store.read(lambda c: steps_of_case(c, letter.case, _STATUS))
        return [Status(each) for each in shown if each != _UNCHANGED]

    async def _envelope(self, content: str) -> bytes:
        return await asyncio.to_thread(self._author.envelope, content, self._now())

    async def _done(self, letter: Letter, step: str, result: str) -> None:
        now = self._now()
        await self._store.run(lambda c: record_step(c, letter.id, step, result, now))


def _without_status(provided: Provided, failure: HubFailure) -> Provided:
    shortfall = Shortfall(event="status_failed", cause=failure.cause)
    return provided.model_copy(update={"shortfall": shortfall})

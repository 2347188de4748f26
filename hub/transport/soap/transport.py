"""The soap transport: one call after the other, each finished call a step that is kept.

An attempt that breaks off goes on with the first call whose end is not known; that call goes
out again under the same id, and nothing that was finished is sent twice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final

from hub.adapter import Attachment
from hub.model.failure import PermanentFailure, TransientFailure
from hub.routing import Endpoint
from hub.transport import Collected, Receipt, Steps
from hub.transport.posting.answer import Answer
from hub.transport.posting.poster import Poster
from hub.transport.soap.answer import (
    MAX_ANSWER_BYTES,
    AlreadyThere,
    Update,
    judge,
    result_of,
    updates_in,
)
from hub.transport.soap.calls import (
    Call,
    add_document,
    complete_case,
    list_updates,
    submit_case,
)
from hub.workshop.packed import Packed, PackedXml

__all__ = ["SoapTransport"]

_UPDATES_AT_ONCE: Final = 20
_MAX_RESPONSE_BYTES: Final = 1024 * 1024


class SoapTransport:
    """Delivers and collects by SOAP 1.2. Opens nothing before the first call."""

    def __init__(self) -> None:
        self._poster = Poster()

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        """Open a case for each message, the documents with the first; see `hub.transport`."""
        if not parcel.messages:
            raise PermanentFailure("parcel.empty", "The parcel holds no message.")
        numbers: list[str | None] = []
        delivery, attachments = _Delivery(self._poster, endpoint, steps), parcel.attachments
        for message in parcel.messages:
            last = message is parcel.messages[-1]
            numbers.append(await delivery.run(message, attachments, is_last=last))
            attachments = ()
        return Receipt(accepted=True, at=datetime.now(UTC), number=numbers[0])

    async def collect(self, endpoint: Endpoint, cursor: str | None) -> AsyncIterator[Collected]:
        """All updates after the cursor, which is the number of the last one that was taken.

        Nothing is confirmed one by one: the cursor, kept before it is asked with, tells the
        system what is safe.
        """
        after = int(cursor or 0)
        while updates := await self._updates(endpoint, after):
            for update in updates:
                yield Collected(update.body, _nothing, str(update.number))
            after = updates[-1].number

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the settings, secrets and certificates that they name."""
        return self._poster.check(endpoint)

    async def probe(self, endpoint: Endpoint) -> str:
        """Ask the address what it takes; see `hub.transport.Transport`."""
        return await self._poster.probe(endpoint)

    async def close(self) -> None:
        """Close all connections."""
        await self._poster.close()

    async def _updates(self, endpoint: Endpoint, after: int) -> list[Update]:
        answer = await self._list(endpoint, after, _UPDATES_AT_ONCE)
        if answer.body is None:
            # Together more than the hub reads at once: then one by one.
            answer = await self._list(endpoint, after, 1)
        if answer.body is None:
            raise TransientFailure(
                "updates.too_large",
                f"System {endpoint.system} lists an update of more than the hub can take.",
            )
        return await asyncio.to_thread(_read_updates, answer, after, endpoint.system)

    async def _list(self, endpoint: Endpoint, after: int, most: int) -> Answer:
        return await self._poster.post(
            endpoint, lambda: list_updates(after, most), max_answer_bytes=MAX_ANSWER_BYTES
        )


class _Delivery:
    """The calls for one message of a parcel."""

    def __init__(self, poster: Poster, endpoint: Endpoint, steps: Steps) -> None:
        self._poster = poster
        self._endpoint = endpoint
        self._steps = steps

    async def run(
        self, message: PackedXml, attachments: Sequence[Attachment], *, is_last: bool
    ) -> str | None:
        """Make those calls that are not finished; the number of the case, where one is known."""
        number: str | None = None
        try:
            number = await self._once(submit_case(message))
            for attachment in attachments:
                await self._once(add_document(message.uuid, number, attachment))
            completion = complete_case(message.uuid, number, len(attachments))
            # The end of the last step is the end of the parcel: its receipt is recorded anyway.
            await (self._call(completion) if is_last else self._once(completion))
        except AlreadyThere as known:
            return known.number or number
        return number

    async def _once(self, call: Call) -> str:
        if (result := self._steps.done.get(call.id)) is None:
            result = await self._call(call)
            await self._steps.record(call.id, result)
        return result

    async def _call(self, call: Call) -> str:
        system = self._endpoint.system
        answer = await self._poster.post(
            self._endpoint, call.make, max_answer_bytes=_MAX_RESPONSE_BYTES
        )
        return result_of(judge(answer, call.operation, system, datetime.now(UTC)), system)


def _read_updates(answer: Answer, after: int, system: str) -> list[Update]:
    response = judge(answer, "ListUpdates", system, datetime.now(UTC))
    return updates_in(response, after, system)


async def _nothing() -> None:
    """There is nothing to confirm."""

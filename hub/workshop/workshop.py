"""What the hub asks of vendors' code: a parcel of a message, messages of a document."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

from pydantic import ValidationError

from hub.adapter import Adapter, Authority, Context
from hub.model.document import Document
from hub.model.downward import Downward
from hub.model.failure import AdapterFailed
from hub.model.upward import Upward, upward
from hub.workshop.crew import Bounds, Crew
from hub.workshop.documents import Documents
from hub.workshop.job import Job
from hub.workshop.packed import Packed
from hub.workshop.protocol import CALL, Answer, Known, Read, WasRead, Write, Written
from hub.workshop.reference import reference_to

__all__ = ["Workshop"]

_BOUNDS: Final = Bounds()
_LIGHT_BYTES: Final = 16 * 1024


class Workshop:
    """The crews of all adapters. Starts nothing before the first call; ends all with its context.

    Args:
        adapters: those that are installed, by name.
        official: folder `<adapter>/<version>/` of schema sets that written messages must
            satisfy as well.
        bounds: what one call may take.
    """

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        official: Path | None = None,
        bounds: Bounds = _BOUNDS,
    ) -> None:
        self._adapters = adapters
        self._official = () if official is None else (str(official.resolve()),)
        self._bounds = bounds
        self._crews: dict[str, Crew] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(crew.close() for crew in self._crews.values()))

    def turn_away(self) -> None:
        """The hub is ending: whoever is still in line, and would not wait for ever, is told so.

        With nothing of theirs anything was tried: another hub will.
        """
        for crew in self._crews.values():
            crew.turn_away()

    async def write(
        self,
        adapter: str,
        version: str,
        message: Downward,
        context: Context,
        *,
        wait: timedelta | None = None,
    ) -> Packed:
        """Translate, prove against the schemas, serialise.

        `context.load` is called in a thread, for documents of the message only. `wait` is how
        long to stand in line; None for as long as it takes.

        Raises:
            PermanentFailure: format or schema say no, or whatever else the adapter means.
            AdapterBusy: no process was free in time.
            TransientFailure: `adapter.too_slow`.
            AdapterFailed: it raised, died, or took all memory.
        """
        said = [
            CALL.dump_json(Write(version, Known.of(context))),
            message.model_dump_json().encode(),
        ]
        documents = Documents(message.documents, context.load)
        light = not message.documents and len(said[1]) < _LIGHT_BYTES
        job = Job(said, documents.fit, documents, wait, light)
        answer, pieces = await self._crew(adapter).run(job)
        written = cast("Written", answer)
        if not any(each.embedded for each in written.messages):
            return documents.packed(written, pieces)
        return await asyncio.to_thread(documents.packed, written, pieces)

    async def read(
        self,
        adapter: str,
        versions: Sequence[str],
        document: bytes,
        authority: Authority,
        *,
        wait: timedelta | None = None,
    ) -> list[Upward]:
        """Parse, find the first of the versions in which it is valid, and read it.

        Raises:
            PermanentFailure: it cannot be read; as `Invalid` if it is valid in no version.
            AdapterBusy: no process was free in time.
            TransientFailure: `adapter.too_slow`.
            AdapterFailed: the adapter raised, died, or took all memory.
        """
        said = [CALL.dump_json(Read(tuple(versions), authority)), document]
        light = len(document) < _LIGHT_BYTES
        job = Job(said, _is_read, Documents((), _none), wait, light)
        _, messages = await self._crew(adapter).run(job)
        try:
            if sum(map(len, messages)) < _LIGHT_BYTES:
                return _validated(messages)
            return await asyncio.to_thread(_validated, messages)
        except ValidationError:
            sentence = f"Adapter {adapter} gave an answer that is none."
            raise AdapterFailed("adapter.died", sentence) from None

    def _crew(self, adapter: str) -> Crew:
        crew = self._crews.get(adapter)
        if crew is None:
            arguments = (reference_to(self._adapters[adapter]), str(self._bounds.megabytes))
            crew = Crew(adapter, (*arguments, *self._official), self._bounds)
            self._crews[adapter] = crew
        return crew


def _none(document: Document) -> bytes:
    raise LookupError(f"{document!r} comes with no update")


def _is_read(answer: Answer, _messages: list[bytes]) -> bool:
    return isinstance(answer, WasRead)


def _validated(messages: list[bytes]) -> list[Upward]:
    return [upward.validate_json(each) for each in messages]

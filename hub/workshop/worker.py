"""The process in which an adapter works for the hub: does one call after the other.

`python -m hub.workshop.worker REFERENCE MEGABYTES [OFFICIAL]`: loads the adapter, compiles its
schema sets and those under the folder OFFICIAL, bounds its memory, and says that it is ready.
Down, a call is: write, prove valid, serialise. Up: parse, find the version, read. Documents
are asked for while they are needed; those that are embedded are not, the hub puts them in.
"""

import gc
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from hub.adapter import Adapter, Format, Parcel, ReadContext
from hub.model.document import Document
from hub.model.downward import downward
from hub.model.failure import HubFailure, PermanentFailure
from hub.model.upward import upward
from hub.workshop.embedding import Cut, Embedding
from hub.workshop.failures import failed, raised
from hub.workshop.frames import Frame
from hub.workshop.inside import Line, bound_memory
from hub.workshop.protocol import (
    ANSWER,
    CALL,
    Answer,
    Call,
    Exhausted,
    Load,
    Loaded,
    NotLoaded,
    Read,
    Ready,
    WasRead,
    Write,
    Written,
    WrittenXml,
)
from hub.workshop.reference import referred
from hub.xml import RETURN_LIMITS, Element, SchemaSet, parse, serialise

__all__ = ["main"]

_MEGABYTE: Final = 1024 * 1024
_BROUGHT: Final = (Loaded, NotLoaded)


def main() -> None:
    """Load the adapter, say so, and work until there are no more calls."""
    reference, megabytes, *official = sys.argv[1:]
    line = Line()
    worker = _Worker(line)
    line.say(_guarded(lambda: worker.load(reference, *map(Path, official))))
    bound_memory(int(megabytes) * _MEGABYTE)
    while True:
        call, *parts = worker.next_call()
        line.say(_guarded(lambda: worker.do(CALL.validate_json(call), parts)))  # noqa: B023 - called at once


def _guarded(work: Callable[[], Frame]) -> Frame:
    """What `work` answers, or how it failed."""
    try:
        return work()
    except MemoryError:
        return _said(Exhausted())
    except HubFailure as failure:
        return _said(failed(failure))
    except BaseException as error:  # noqa: BLE001 - even SystemExit: all is told, nothing suffered
        return _said(raised(error))


def _said(answer: Answer, *parts: bytes) -> Frame:
    return [ANSWER.dump_json(answer), *parts]


class _Worker:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._told_before_their_turn: deque[list[bytes]] = deque()
        self._formats: dict[str, Format] = {}
        self._official: dict[str, SchemaSet] = {}

    def load(self, reference: str, *official: Path) -> Frame:
        """Import the adapter and compile its schemas."""
        adapter = referred(reference)
        self._formats |= adapter.formats
        for version, folder in _folders(adapter, official):
            self._official[version] = SchemaSet(folder)
        for schemas in (
            *(each.schemas for each in self._formats.values()),
            *self._official.values(),
        ):
            schemas.compile()
        gc.freeze()
        return _said(Ready())

    def next_call(self) -> list[bytes]:
        """What to do next."""
        before = self._told_before_their_turn
        return before.popleft() if before else self._line.hear()

    def do(self, call: Call, parts: list[bytes]) -> Frame:
        """Do what is asked."""
        match call:
            case Write():
                return self._write(call, parts[0])
            case Read():
                return self._read(call, parts[0])
            case _:
                raise TypeError(f"{type(call).__name__} answers no question")

    def _write(self, call: Write, message: bytes) -> Frame:
        told, embedding = downward.validate_json(message), Embedding()
        context = call.known.embedding_context(self._load, embedding)
        parcel = self._formats[call.version].write(told, context)
        cuts = None
        if all(embedding.is_true_in(each.base64_elements) for each in self._schemas(call.version)):
            cuts = embedding.cut(self._proven(call.version, parcel))
        if cuts is None:
            # A format is pure: asked again, it says the same, with the documents themselves.
            parcel = self._formats[call.version].write(told, call.known.context(self._load))
            cuts = [([data], ()) for data in self._proven(call.version, parcel)]
        return _said(_written(parcel, cuts), *(piece for pieces, _ in cuts for piece in pieces))

    def _proven(self, version: str, parcel: Parcel) -> list[bytes]:
        for each in parcel.messages:
            for schemas in self._schemas(version):
                schemas.check(each.root)
        return [serialise(each.root, each.encoding) for each in parcel.messages]

    def _schemas(self, version: str) -> tuple[SchemaSet, ...]:
        own, official = self._formats[version].schemas, self._official.get(version)
        return (own,) if official is None else (own, official)

    def _load(self, document: Document) -> bytes:
        self._line.say(_said(Load(document.id)))
        while not isinstance(call := CALL.validate_json((told := self._line.hear())[0]), _BROUGHT):
            self._told_before_their_turn.append(told)
        if isinstance(call, NotLoaded):
            raise PermanentFailure("document.missing", "The document cannot be had.")
        return told[1]

    def _read(self, call: Read, data: bytes) -> Frame:
        formats = [self._formats[version] for version in call.versions]
        encodings = frozenset().union(*(each.encodings for each in formats))
        document = parse(data, RETURN_LIMITS, encodings=encodings)
        format_ = _first_valid(formats, document)
        messages = format_.read(document, ReadContext(call.authority))
        return _said(WasRead(), *(upward.dump_json(each) for each in messages))


def _folders(adapter: Adapter, official: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
    for folder in official:
        for version in adapter.formats:
            if (folder / adapter.name / version).is_dir():
                yield version, folder / adapter.name / version


def _first_valid(formats: list[Format], document: Element) -> Format:
    """The first is in force: if the document is valid in none, its explanation counts."""
    refusals: list[PermanentFailure] = []
    for format_ in formats:
        try:
            format_.schemas.check(document)
        except PermanentFailure as failure:
            refusals.append(failure)
        else:
            return format_
    raise refusals[0]


def _written(parcel: Parcel, cuts: Sequence[Cut]) -> Written:
    return Written(
        messages=tuple(
            WrittenXml(each.uuid, each.name, each.encoding, embedded)
            for each, (_, embedded) in zip(parcel.messages, cuts, strict=True)
        ),
        attachments=tuple((each.name, each.document.id) for each in parcel.attachments),
        changes=parcel.changes,
    )


if __name__ == "__main__":
    main()

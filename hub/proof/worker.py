"""The process in which an adapter is examined: answers one call after the other.

`python -m hub.proof.worker REFERENCE VERSION MEGABYTES`: calls come on stdin, answers go to
stdout, JSON in frames. Its memory is bounded from the moment on at which it is loaded.
"""

import gc
import hashlib
import importlib
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hub.adapter import Adapter, Format, Parcel, XmlMessage
from hub.model.downward import downward
from hub.model.failure import HubFailure
from hub.model.upward import upward
from hub.proof.golden import package_of
from hub.proof.protocol import (
    ANSWER,
    CALL,
    Answer,
    Call,
    Exhausted,
    Finding,
    Raised,
    Read,
    Ready,
    Refused,
    WriteCall,
    Written,
    WrittenXml,
)
from hub.proof.situation import READ_CONTEXT, context_of
from hub.workshop.inside import Line, bound_memory
from hub.xml import RETURN_LIMITS, Element, Invalid, Limits, parse, readable, serialise

__all__ = ["main"]

_MEGABYTE: Final = 1024 * 1024


def main() -> None:
    """Load the adapter, say so, and answer until there are no more calls."""
    reference, version, megabytes = sys.argv[1:]
    line, worker = Line(), _Worker(int(megabytes))
    line.say([ANSWER.dump_json(worker.guarded(lambda: worker.load(reference, version)))])
    while True:
        [said] = line.hear()
        call = CALL.validate_json(said)
        line.say([ANSWER.dump_json(worker.guarded(lambda: worker.answer(call)))])  # noqa: B023 - called at once


class _Worker:
    def __init__(self, megabytes: int) -> None:
        self._megabytes = megabytes
        self._began = 0.0
        self._package = Path()
        self._format: Format

    def guarded(self, work: Callable[[], Answer]) -> Answer:
        """What `work` answers, or how it failed."""
        self._began = time.process_time()
        try:
            return work()
        except MemoryError:
            gc.collect()
            return Exhausted(self._megabytes)
        except HubFailure as failure:
            return self._refused(failure)
        except BaseException as error:  # noqa: BLE001 - even SystemExit: all is reported, nothing suffered
            return _raised(error, self._package)

    def load(self, reference: str, version: str) -> Ready:
        """Import the adapter and compile its schemas, then bound the memory."""
        module, _, name = reference.partition(":")
        adapter = getattr(importlib.import_module(module), name)
        if not isinstance(adapter, Adapter):
            raise TypeError(f"{reference} is not a hub.adapter.Adapter")
        self._format = adapter.formats[version]
        self._package = package_of(self._format)
        self._format.schemas.compile()
        bound_memory(self._megabytes * _MEGABYTE)
        return Ready(
            adapter=adapter.name,
            carries=tuple(sorted(self._format.carries)),
            lost=dict(self._format.lost),
            encodings=tuple(sorted(self._format.encodings)),
            package=str(self._package),
        )

    def answer(self, call: Call) -> Answer:
        """Do what is asked, as the hub does it."""
        return (
            self._write(call.message) if isinstance(call, WriteCall) else self._read(call.document)
        )

    def _write(self, raw: Any) -> Written:
        message = downward.validate_python(raw)
        context = context_of(message)
        self._began = time.process_time()
        parcel = self._format.write(message, context)
        seconds = self._elapsed()
        return Written(
            messages=tuple(self._written(each) for each in parcel.messages),
            attachments=_attachments(parcel),
            changes=parcel.changes,
            seconds=seconds,
        )

    def _written(self, message: XmlMessage) -> WrittenXml:
        data = serialise(message.root, message.encoding)
        arrived = parse(data, Limits(huge_text=True), encodings=frozenset({message.encoding}))
        findings: tuple[Finding, ...] = ()
        try:
            self._format.schemas.check(arrived)
        except Invalid:
            findings = self._findings(arrived)
        return WrittenXml(str(message.uuid), message.name, data, message.encoding, findings)

    def _findings(self, root: Element) -> tuple[Finding, ...]:
        """Explained with the lines of the document as people would write it."""
        data = readable(root)
        lines = data.decode().splitlines()
        explained = self._format.schemas.explain(parse(data, Limits(huge_text=True)))
        return tuple(Finding(each, _line(lines, each.line)) for each in explained)

    def _read(self, data: bytes) -> Read:
        document = parse(data, RETURN_LIMITS, encodings=self._format.encodings)
        self._format.schemas.check(document)
        messages = self._format.read(document, READ_CONTEXT)
        seconds = self._elapsed()
        return Read(tuple(upward.dump_json(each).decode() for each in messages), seconds)

    def _elapsed(self) -> float:
        return time.process_time() - self._began

    def _refused(self, failure: HubFailure) -> Refused:
        explanations = failure.explanations if isinstance(failure, Invalid) else ()
        return Refused(
            kind=type(failure).__name__,
            cause=failure.cause,
            sentence=failure.sentence,
            location=getattr(failure, "location", None),
            seconds=self._elapsed(),
            findings=tuple(Finding(each) for each in explanations),
        )


def _attachments(parcel: Parcel) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.name, hashlib.sha256(each.load()).hexdigest()) for each in parcel.attachments
    )


def _line(lines: list[str], number: int | None) -> str | None:
    return lines[number - 1].strip() if number and number <= len(lines) else None


def _raised(error: BaseException, package: Path) -> Raised:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(package)]
    at = (own or frames)[-1]
    words = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return Raised(words, f"{Path(at.filename).name}, line {at.lineno}")


if __name__ == "__main__":
    main()

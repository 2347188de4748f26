"""How the simulated system decides about a message: take it, refuse it, or know it already.

As strict as a real one may be: the schema, the reader in the header, the mark `test`, the
documents inside and those in packets are all looked at before anything is acknowledged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid5

from hub.model.failure import PermanentFailure
from hub.sandbox.book import Book, digest_of
from hub.sandbox.outgoing import Outgoing
from hub.sandbox.script import answers
from hub.sandbox.updates import write
from hub.sandbox.xauslaender import NAMESPACE, VERSION, Incoming, archive_problem, read
from hub.xml import Element, Limits, SchemaSet, parse

__all__ = ["Decision", "Reception"]

_PACKET: Final = "000040"
_LIMITS: Final = Limits(huge_text=True)  # 50 MB as base64 in one element


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes back to the sender: an HTTP status and a JSON body."""

    status: int
    body: Mapping[str, object]


class Reception:
    """Takes messages of all simulated systems. Blocking; to be called in worker threads."""

    def __init__(self, book: Book, schemas: Path, test_systems: Iterable[str]) -> None:
        self._book = book
        self._schemas = SchemaSet(schemas)
        self._test_systems = frozenset(test_systems)

    def take(self, system: str, authority: str, body: bytes) -> Decision:
        """Decide about one message and enter it in the book where it is taken."""
        try:
            message = self._read(system, authority, body)
            if self._book.count_again(message.uuid, digest_of(body)):
                return _refusal(409, "S100", "The message was delivered before.")
            return self._enter(system, authority, message, body)
        except PermanentFailure as failure:
            return _refusal(422, failure.cause, failure.sentence)

    def _read(self, system: str, authority: str, body: bytes) -> Incoming:
        root = parse(body, _LIMITS)
        _check_version(root)
        self._schemas.check(root)
        message = read(root)
        if message.reader != f"azr:{authority}":
            raise PermanentFailure("T080", "The header names another authority as reader.")
        if message.test != (system in self._test_systems):
            raise PermanentFailure("S999", "The mark `test` and the stage of the system differ.")
        if message.problem is not None:
            raise PermanentFailure("S999", message.problem)
        return message

    def _enter(self, system: str, authority: str, message: Incoming, body: bytes) -> Decision:
        complete = self._joined(message)
        updates = _updates(message, authority)
        self._book.enter(message, body, system=system, authority=authority, updates=updates)
        if message.packet is not None and complete:
            self._book.complete(message.packet.of, complete)
        return Decision(200, {"receipt": f"M-{message.uuid.hex[:12]}"})

    def _joined(self, message: Incoming) -> int:
        """How many documents are there once this packet is; zero while others are missing."""
        if (packet := message.packet) is None:
            return 0
        if (announced := self._book.announced(packet.of)) is None:
            raise PermanentFailure("S999", "No message has announced this packet.")
        pieces = self._book.packets(packet.of) | {packet.number: packet.content}
        if len(pieces) < announced.packets:
            return 0
        archive = b"".join(pieces[number] for number in sorted(pieces))
        if (problem := archive_problem(archive, announced)) is not None:
            raise PermanentFailure("S999", problem)
        return len(announced.names)


def _check_version(root: Element) -> None:
    if root.get("version") != VERSION or not str(root.tag).startswith(f"{{{NAMESPACE}}}"):
        raise PermanentFailure("V000", f"Only version {VERSION} is served.")


def _updates(message: Incoming, authority: str) -> list[Outgoing]:
    if not message.back_channel:
        return []  # XAusländer 26.11, rueckkanalVorhanden: if false, nothing may come back
    now = datetime.now(UTC)
    planned = []
    for position, answer in enumerate(answers(message.number, message.application_id)):
        uuid = uuid5(message.uuid, f"update {position}")
        planned.append(
            Outgoing(
                uuid=uuid,
                application_id=message.application_id,
                authority=authority,
                kind=answer.kind,
                answers=message.uuid,
                body=write(answer, message, uuid, now),
                status=answer.status,
            )
        )
    return planned


def _refusal(status: int, code: str, sentence: str) -> Decision:
    return Decision(status, {"codes": [code], "sentence": sentence})

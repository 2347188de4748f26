"""How the simulated Isar decides about a call, and what it enters in its book.

A call that comes again is answered as it was the first time; a case that is there as a whole
and is submitted once more is refused as a duplicate.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from hub.model.failure import PermanentFailure
from hub.sandbox.book import Book, digest_of
from hub.sandbox.isar.envelope import Answered, Call, fault, read, response
from hub.sandbox.isar.incoming import read as read_message
from hub.sandbox.isar.updates import write
from hub.sandbox.outgoing import Outgoing
from hub.sandbox.script import answers
from hub.sandbox.xauslaender import Incoming, Packet
from hub.xml import SchemaSet, parse, serialise

__all__ = ["Reception"]

_SCHEMAS: Final = Path(__file__).parents[3] / "xsd" / "isar" / "2.1" / "isar.xsd"
_SYSTEM: Final = "isar"
_MOST_UPDATES: Final = 100
_BEGINNINGS: Final = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff"}


class Reception:
    """Takes the calls for all authorities. Blocking; to be called in worker threads."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._schemas = SchemaSet(_SCHEMAS)
        self._operations: dict[str, Callable[[str, Call], Answered]] = {
            "SubmitCase": self._submit,
            "AddDocument": self._add,
            "CompleteCase": self._complete,
            "ListUpdates": self._list,
        }

    def take(self, authority: str, content_type: str, data: bytes) -> Answered:
        """Carry out one call, or say what is wrong with it."""
        try:
            call = read(content_type, data)
            return self._operations[call.operation](authority, call)
        except PermanentFailure as failure:
            return fault("Sender", failure.cause, failure.sentence)

    def _submit(self, authority: str, call: Call) -> Answered:
        if len(call.body) != 1:
            raise PermanentFailure("X001", "SubmitCase must hold exactly one message.")
        body = serialise(call.body[0])
        message = self._read(authority, body)
        _check_id(call, message.uuid)
        if self._book.is_complete(message.uuid):
            self._book.count_again(message.uuid, digest_of(body))
            raise PermanentFailure("S100", "The case was delivered before.")
        if not self._book.count_again(message.uuid, digest_of(body)):
            owed = _owed(message, authority)
            self._book.enter(message, body, system=_SYSTEM, authority=authority, updates=owed)
        return response("SubmitCase", _number(authority, message.uuid))

    def _read(self, authority: str, body: bytes) -> Incoming:
        root = parse(body)
        self._schemas.check(root)
        message = read_message(root)
        if message.reader != authority:
            raise PermanentFailure("T080", "The message names another authority.")
        if message.test or message.problem is not None:
            raise PermanentFailure("S999", message.problem or "This is a production system.")
        return message

    def _add(self, authority: str, call: Call) -> Answered:
        case = self._case(authority, call)
        document, name = call.body.get("document", ""), call.body.get("name", "")
        _check_id(call, case, document)
        expected = self._book.announced(case)
        content = _content(call)
        listed = f"{name} {hashlib.sha256(content).hexdigest()}"
        if expected is None or listed not in expected.names or not name.startswith(document):
            raise PermanentFailure("S999", "The case lists no document of this name and hash.")
        if not content.startswith(_BEGINNINGS[name.rpartition(".")[2]]):
            raise PermanentFailure("S999", "The document is not what the case says.")
        if not self._book.is_complete(case):
            number = expected.names.index(listed)
            self._book.keep_packet(Packet(case, number, listed.encode()))
        return response("AddDocument", _number(authority, case))

    def _complete(self, authority: str, call: Call) -> Answered:
        case = self._case(authority, call)
        _check_id(call, case)
        expected = self._book.announced(case)
        if not self._book.is_complete(case):
            there = len(self._book.packets(case))
            if expected is None or not there == expected.packets == _count(call, "documents"):
                raise PermanentFailure("S999", "Documents of the case are missing.")
            self._book.complete(case, there)
        return response("CompleteCase", _number(authority, case))

    def _list(self, authority: str, call: Call) -> Answered:
        after, most = _count(call, "after"), _count(call, "max")
        self._book.fetched(authority, after)
        updates = self._book.updates_after(authority, after, min(most, _MOST_UPDATES))
        return response("ListUpdates", None, updates)

    def _case(self, authority: str, call: Call) -> UUID:
        try:
            case = UUID(call.body.get("case", "").removeprefix(_number(authority, "")))
        except ValueError:
            raise PermanentFailure("S999", "This is no number of a case.") from None
        if self._book.announced(case) is None:
            raise PermanentFailure("S999", "There is no case of this number.")
        return case


def _number(authority: str, message: UUID | str) -> str:
    return f"I-{authority}-{message}"


def _check_id(call: Call, message: UUID, *more: str) -> None:
    if call.id != " ".join((str(message), call.operation, *more)):
        raise PermanentFailure("S999", "The CallId is not that of this call.")


def _content(call: Call) -> bytes:
    try:
        return base64.b64decode(call.body.text or "", validate=True)
    except binascii.Error:
        raise PermanentFailure("X001", "The document is not in base64.") from None


def _count(call: Call, name: str) -> int:
    text = call.body.get(name, "")
    if not text.isdecimal():
        raise PermanentFailure("X001", f"{name} must be a number.")
    return int(text)


def _owed(message: Incoming, authority: str) -> list[Outgoing]:
    if not message.back_channel:
        return []
    now = datetime.now(UTC)
    planned = []
    for position, answer in enumerate(answers(message.number, message.application_id)):
        uuid = uuid5(message.uuid, f"update {position}")
        body = write(answer, message, uuid, now)
        planned.append(
            Outgoing(
                uuid=uuid,
                application_id=message.application_id,
                authority=authority,
                kind=answer.kind,
                answers=message.uuid,
                body=body,
                status=answer.status,
            )
        )
    return planned

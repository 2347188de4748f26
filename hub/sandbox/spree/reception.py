"""How the simulated Spree decides about a message, and what it owes the hub for it.

Whatever it decides, it says by a message of its own: a receipt for what it took, a refusal for
what it did not, and one for what it has already - the hub counts that as accepted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4, uuid5

import structlog

from hub.model.failure import PermanentFailure
from hub.sandbox.book import Book, digest_of
from hub.sandbox.outgoing import Outgoing
from hub.sandbox.script import answers
from hub.sandbox.spree import updates
from hub.sandbox.spree.incoming import read
from hub.sandbox.xauslaender import Incoming
from hub.xml import Element, Limits, SchemaSet, parse

__all__ = ["Reception"]

_SCHEMAS: Final = Path(__file__).parents[3] / "xsd" / "spree" / "1" / "spree.xsd"
_LIMITS: Final = Limits(huge_text=True)  # up to 12 MiB of base64 in one element
_SYSTEM: Final = "spree"

_log = structlog.get_logger()


class Reception:
    """Takes messages of all authorities. Blocking; to be called in worker threads."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._schemas = SchemaSet(_SCHEMAS)

    def take(self, authority: str, body: bytes) -> None:
        """Decide about one message, and enter in the book what is owed for it."""
        try:
            root = parse(body, _LIMITS)
        except PermanentFailure as failure:
            _log.error("spree.unreadable", cause=failure.cause)  # nothing tells which one it is
            return
        try:
            message = self._read(authority, root)
        except PermanentFailure as failure:
            self._refuse(authority, root, failure.cause)
            return
        if self._book.count_again(message.uuid, digest_of(body)):
            self._refuse(authority, root, "DOPPELT")
            return
        owed = tuple(_owed(message, authority))
        self._book.enter(message, body, system=_SYSTEM, authority=authority, updates=owed)

    def _read(self, authority: str, root: Element) -> Incoming:
        try:
            self._schemas.check(root)
        except PermanentFailure as failure:
            raise PermanentFailure("NICHT_GUELTIG", failure.sentence) from failure
        message = read(root)
        if message.reader != authority:
            raise PermanentFailure("EMPFAENGER", "The head names another authority.")
        if message.test or message.problem is not None:
            raise PermanentFailure("SONST", message.problem or "This is a production system.")
        return message

    def _refuse(self, authority: str, root: Element, fault: str) -> None:
        try:
            refused = UUID(root.get("kennung", ""))
        except ValueError:
            _log.error("spree.unnamed", fault=fault)
            return
        uuid, now, test = uuid4(), datetime.now(UTC), root.get("probe") == "J"
        body = updates.refusal(refused, fault, uuid, now, authority=authority, test=test)
        self._book.owe(Outgoing(uuid, str(refused), authority, "refusal", refused, body))


def _owed(message: Incoming, authority: str) -> Iterator[Outgoing]:
    """The receipt always; what is for the applicant only if there is a way back."""
    now = datetime.now(UTC)

    def outgoing(name: str, kind: str, body: bytes, status: str | None = None) -> Outgoing:
        uuid, of = uuid5(message.uuid, name), message.uuid
        return Outgoing(uuid, message.application_id, authority, kind, of, body, status)

    uuid = uuid5(message.uuid, "receipt")
    yield outgoing("receipt", "receipt", updates.receipt(message, uuid, now))
    if not message.back_channel:
        return
    for position, answer in enumerate(answers(message.number, message.application_id)):
        uuid = uuid5(message.uuid, f"update {position}")
        body = updates.write(answer, message, uuid, now)
        yield outgoing(f"update {position}", answer.kind, body, answer.status)

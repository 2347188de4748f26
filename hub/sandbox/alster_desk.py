"""How the simulated Alster works off its folders: takes ZIPs, answers with files.

For each authority `inbox`, `outbox` and `done`. A ZIP goes away when it is in the book and its
receipt is written; an update counts as taken by the hub when it lies in `done`. Names of files
begin with the time at which they were written: the oldest comes first.
"""

import os
import re
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4, uuid5

from hub.model.failure import PermanentFailure
from hub.sandbox.alster_reading import unpack
from hub.sandbox.alster_updates import write_receipt, write_refusal, write_update
from hub.sandbox.book import Book, digest_of
from hub.sandbox.outgoing import Outgoing
from hub.sandbox.script import answers
from hub.sandbox.xauslaender import Incoming

__all__ = ["Desk"]

_SYSTEM: Final = "alster"
_FOLDERS: Final = ("inbox", "outbox", "done")
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_FALLBACK: Final = "S999"


class Desk:
    """Blocking; one look at a time."""

    def __init__(self, root: Path, book: Book, authorities: Iterable[str]) -> None:
        self._root = root
        self._book = book
        self._authorities = tuple(authorities)
        for authority in self._authorities:
            for folder in _FOLDERS:
                (root / authority / folder).mkdir(parents=True, exist_ok=True)
        self._written = {_uuid_of(path) for path in root.glob("*/*/*.xml")}

    def look(self) -> None:
        """Take what has come, note what the hub has taken, write what is owed."""
        for authority in self._authorities:
            inbox = self._root / authority / "inbox"
            for path in sorted(inbox.glob("*.zip"), key=lambda path: path.stat().st_mtime_ns):
                self._take(authority, path)
            for path in (self._root / authority / "done").glob("*.xml"):
                self._book.sent(_uuid_of(path))
                path.unlink()
        for update in self._book.owed():
            if update.uuid not in self._written:
                self._write(update.authority, update.uuid, update.body)
                self._written.add(update.uuid)

    def send_again(self, uuids: Sequence[UUID]) -> None:
        """Owe updates again that the hub had taken and lost."""
        self._written.difference_update(uuids)
        self._book.owe_again(uuids)

    def _take(self, authority: str, path: Path) -> None:
        content = path.read_bytes()
        try:
            message, version = unpack(content)
            _check(message, authority, path)
        except PermanentFailure as failure:
            self._refuse(authority, path, failure)
        else:
            if not self._book.count_again(message.uuid, digest_of(content)):
                updates = _updates(message, version, authority)
                self._book.enter(
                    message, content, system=_SYSTEM, authority=authority, updates=updates
                )
            # A message that came again has another receipt: another time, so another UUID.
            uuid = uuid4()
            receipt = write_receipt(message, version, uuid, datetime.now(UTC))
            self._write(authority, uuid, receipt)
        path.unlink()

    def _refuse(self, authority: str, path: Path, failure: PermanentFailure) -> None:
        of = UUID(path.stem)
        code = failure.cause if _CODE.fullmatch(failure.cause) else _FALLBACK
        uuid = uuid4()
        body = write_refusal(of, code, failure.sentence, "3", uuid, datetime.now(UTC))
        self._write(authority, uuid, body)

    def _write(self, authority: str, uuid: UUID, body: bytes) -> None:
        final = self._root / authority / "outbox" / f"{time.time_ns():020d}-{uuid}.xml"
        temporary = final.with_suffix(".tmp")
        with temporary.open("wb") as file:
            file.write(body)
            os.fsync(file.fileno())
        temporary.rename(final)


def _check(message: Incoming, authority: str, path: Path) -> None:
    if message.reader != authority:
        raise PermanentFailure("T080", "The head names another authority than the folder.")
    if path.stem != str(message.uuid):
        raise PermanentFailure("S999", "The file is named after another message.")
    if message.test:
        raise PermanentFailure("S999", "This installation takes no tests.")


def _updates(message: Incoming, version: str, authority: str) -> list[Outgoing]:
    if not message.back_channel:
        return []  # if the message says that nothing may come back, nothing does
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
                body=write_update(answer, message, version, uuid, now),
                status=answer.status,
            )
        )
    return planned


def _uuid_of(path: Path) -> UUID:
    return UUID(path.stem.partition("-")[2])

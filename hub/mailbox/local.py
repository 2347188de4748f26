"""A mailbox of the hub's own, for trying the hub out and for authorities without another.

Letters lie sealed in the store, their documents in the case's document store. Whose letter it
is, is kept only as a keyed hash of the account: who reads the table without the content key
cannot ask it for a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hub.model.identifiers import CaseId
from hub.model.letter import Letter, Provided
from hub.store import (
    Connection,
    Event,
    Sealer,
    Store,
    StoredLetter,
    letters,
    put_letter,
    record,
    set_letter_read,
)

__all__ = ["READ_HERE", "InMailbox", "LocalMailbox", "account_hash"]

READ_HERE: Final = frozenset({"local", "notice"})
"""Providers whose letters lie in this mailbox."""

_ACCOUNT: Final = "mailbox account"


@dataclass(frozen=True, slots=True)
class InMailbox:
    """A letter as it lies in the mailbox. `read_at`: when it was first opened, if ever."""

    letter: Letter
    provided_at: datetime
    read_at: datetime | None


def account_hash(sealer: Sealer, letter: Letter) -> str:
    """What is kept of the account: keyed by the newest content key, as new letters are."""
    return sealer.fingerprints(letter.mailbox.account, _ACCOUNT)[0]


class LocalMailbox:
    """Keeps letters in the hub's store."""

    def __init__(self, store: Store, now: Callable[[], datetime] | None = None) -> None:
        """`now`: the clock by which letters are provided; this machine's by default."""
        self._store = store
        self._now = now or _local_time

    async def deliver(self, letter: Letter) -> Provided:
        """Keep the letter; the time of provision is when it was kept first."""
        for document in letter.documents:
            if document.content is not None:
                await self._store.documents.keep(letter.case, document.content, document.sha256)
        sealed = self._store.sealer.seal(_without_contents(letter), f"letter:{letter.id}")
        account = account_hash(self._store.sealer, letter)

        def put(connection: Connection) -> datetime:
            now = self._now()
            return put_letter(connection, letter.id, letter.case, account, now, sealed)

        return Provided(at=await self._store.run(put))

    async def list_letters(
        self, *, case: CaseId | None = None, account: str | None = None
    ) -> list[Letter]:
        """The letters of a case, of an account, or all, in the order of their provision.

        Their documents come without content: `Store.documents` has it under case and hash.
        """
        accounts = [None] if account is None else self._fingerprints(account)
        stored = await self._store.read(
            lambda connection: [
                found
                for hashed in accounts
                for found in letters(connection, case=case, account_hash=hashed)
            ]
        )
        return [self._unsealed(found) for found in sorted(stored, key=lambda found: found.at)]

    async def of_case(self, case: CaseId) -> list[InMailbox]:
        """The letters of a case with what became of them, in the order of their provision."""
        stored = await self._store.read(lambda connection: letters(connection, case=case))
        return [InMailbox(self._unsealed(each), each.at, each.read_at) for each in stored]

    async def opened(self, letter: Letter, at: datetime) -> None:
        """Its reader has opened it: the first time is kept, and stands in the journal."""
        event = Event(letter.case, letter.id, at, "read", "mailbox")

        def note(connection: Connection) -> None:
            if set_letter_read(connection, letter.id, at):
                record(connection, event)

        await self._store.run(note)

    def _unsealed(self, stored: StoredLetter) -> Letter:
        plain = self._store.sealer.open(stored.sealed, f"letter:{stored.id}")
        return Letter.model_validate_json(plain)

    def _fingerprints(self, account: str) -> tuple[str, ...]:
        # One per content key: after a rotation, letters are still found under the older keys.
        return self._store.sealer.fingerprints(account, _ACCOUNT)


def _local_time() -> datetime:
    return datetime.now(UTC)


def _without_contents(letter: Letter) -> bytes:
    return letter.model_dump_json(exclude={"documents": {"__all__": {"content"}}}).encode()

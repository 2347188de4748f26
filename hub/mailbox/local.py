"""A mailbox of the hub's own, for trying the hub out and for authorities without another.

Letters lie sealed in the store, their documents in the case's document store. Whose letter it
is, is kept only as a keyed hash of the account: who reads the table without the content key
cannot ask it for a person.
"""

from datetime import UTC, datetime

from hub.model.identifiers import CaseId
from hub.model.letter import Letter, Provided
from hub.store import Connection, Store, letters, put_letter

__all__ = ["LocalMailbox"]


class LocalMailbox:
    """Keeps letters in the hub's store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def deliver(self, letter: Letter) -> Provided:
        """Keep the letter; the time of provision is when it was kept first."""
        for document in letter.documents:
            if document.content is not None:
                await self._store.documents.keep(letter.case, document.content, document.sha256)
        sealed = self._store.sealer.seal(_without_contents(letter), f"letter:{letter.id}")
        account = self._fingerprints(letter.mailbox.account)[0]

        def put(connection: Connection) -> datetime:
            now = datetime.now(UTC)
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
        return [
            Letter.model_validate_json(self._store.sealer.open(found.sealed, f"letter:{found.id}"))
            for found in sorted(stored, key=lambda found: found.at)
        ]

    def _fingerprints(self, account: str) -> tuple[str, ...]:
        # One per content key: after a rotation, letters are still found under the older keys.
        return self._store.sealer.fingerprints(account, "mailbox account")


def _without_contents(letter: Letter) -> bytes:
    return letter.model_dump_json(exclude={"documents": {"__all__": {"content"}}}).encode()

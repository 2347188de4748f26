"""Looks into the hub's store from outside: its letters, and at the end all that it has written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.mailbox.local import LocalMailbox
from hub.model.identifiers import CaseId
from hub.model.letter import Letter
from hub.sandbox.books import HubMessage
from hub.store import Connection, State, Store, dead_letters, ledger, messages_of, verify_acts

__all__ = ["HubBook", "Observer"]


@dataclass(frozen=True, slots=True)
class HubBook:
    """The hub's own view of some cases, its dead letters and its ledger."""

    messages: dict[CaseId, Sequence[HubMessage]]
    dead: tuple[str, ...]
    balanced: bool
    differences: tuple[str, ...]


class Observer:
    """Reads; never writes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mailbox = LocalMailbox(store)

    async def letters(self, case: CaseId) -> list[Letter]:
        """The letters in the mailbox of a case, in the order of their provision."""
        return await self._mailbox.list_letters(case=case)

    async def settled(self, cases: Iterable[CaseId]) -> set[CaseId]:
        """Those cases in which the hub owes nothing more."""
        wanted = list(cases)

        def read(connection: Connection) -> set[CaseId]:
            return {case for case in wanted if _nothing_owed(connection, case)}

        return await self._store.read(read)

    async def known(self, cases: Iterable[CaseId]) -> set[UUID]:
        """The nachrichtenUUIDs of all messages of these cases that the hub has taken in."""
        wanted = list(cases)

        def read(connection: Connection) -> set[UUID]:
            return {message.wire for case in wanted for message in messages_of(connection, case)}

        return await self._store.read(read)

    async def chain_verifies(self) -> bool:
        """Whether all audited acts are what was written."""
        return await self._store.read(verify_acts) is None

    async def has_dead_letters(self) -> bool:
        """Whether the hub has given up on anything."""
        return bool(await self._store.read(lambda connection: dead_letters(connection, limit=1)))

    async def book(self, cases: Iterable[CaseId]) -> HubBook:
        """Everything about `cases`, read at one time."""
        wanted = list(cases)

        def read(connection: Connection) -> HubBook:
            whole = ledger(connection)
            return HubBook(
                messages={case: _messages(connection, case) for case in wanted},
                dead=tuple(f"{d.stage}: {d.cause}: {d.sentence}" for d in dead_letters(connection)),
                balanced=whole.balanced,
                differences=whole.differences,
            )

        return await self._store.read(read)


def _nothing_owed(connection: Connection, case: CaseId) -> bool:
    states = {message.state for message in messages_of(connection, case)}
    return bool(states) and not states & {State.OWED, State.HANDED_OVER}


def _messages(connection: Connection, case: CaseId) -> list[HubMessage]:
    return [
        HubMessage(
            id=message.id,
            wire=message.wire,
            direction=message.direction,
            kind=message.kind,
            state=message.state.value,
            handed_over_at=message.handed_over_at,
            accepted_at=message.accepted_at,
            concluded_at=message.concluded_at,
            deadline=message.deadline,
        )
        for message in messages_of(connection, case)
    ]

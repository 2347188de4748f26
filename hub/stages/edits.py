"""EDITS: one person corrects a dead letter, another lets it pass, and only then is it sent again.

An approval names the hash of what was shown, and exactly that is sent: a message of the store
under a new nachrichtenUUID; what was refused at the door as it came but for its body, and still
on behalf of whoever had sent it. What becomes of a proposal is written down by `proposals`.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from hub.broker import Publisher
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.routing import RoutingTable
from hub.stages.again import may_be_published, publish_again
from hub.stages.editing import EditRefused, applied, difference, editable, same_person
from hub.stages.examining import Examination, Subject, content_of, subject_of
from hub.stages.proposals import (
    begin_corrected,
    edit_act,
    enter_proposal,
    overtaken,
    owe_corrected,
    proposed_edit,
)
from hub.store import (
    Act,
    Connection,
    DeadLetter,
    Edit,
    NewEdit,
    Store,
    audit,
    decide_edit,
    edit_sent,
    set_replayed,
)
from hub.workshop.workshop import Workshop

__all__ = ["Approved", "Edits", "Proposal"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal, opened: what it changes, and what is wrong with it by now."""

    edit: Edit
    difference: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """What was sent on its way; `wire` is the new nachrichtenUUID of a message of the store."""

    edit: UUID
    letter: UUID
    sha256: str
    wire: MessageUuid | None


class Edits:
    """Proposes, shows, approves and withdraws, each in the name of one actor."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher | None,
        table: Callable[[], RoutingTable],
        workshop: Workshop,
        now: Callable[[], datetime],
    ) -> None:
        """`publisher` is needed only to approve what has no row."""
        self._store = store
        self._publisher = publisher
        self._examination = Examination(store, table, workshop, now)
        self._now = now

    async def begin(self, letter: UUID, *, actor: str) -> str:
        """The content of a dead letter as text to be edited; that it was opened is audited.

        Raises:
            PermanentFailure: it cannot be edited, or not any more.
        """

        def unit(connection: Connection) -> Subject:
            audit(connection, Act(self._now(), actor, "dead.open", str(letter)))
            return subject_of(connection, self._store.sealer, letter)

        subject = await self._store.run(unit)
        return editable(subject.shape, subject.original)

    async def propose(self, letter: UUID, text: str, *, actor: str, reason: str) -> Edit:
        """Propose `text` instead of the content, for another person to approve.

        Raises:
            EditRefused: it cannot pass as it is; `problems` says where and why.
            HubFailure: the letter cannot be edited now, or the check could not be made.
        """
        reason = reason.strip()[:500]
        if not reason:
            raise EditRefused("reason.missing", [("reason", "Say why; it is kept.")])
        subject = await self._store.read(lambda c: subject_of(c, self._store.sealer, letter))
        content = content_of(subject.shape, applied(subject.shape, subject.original, text))
        if not await _difference(subject, content):
            raise EditRefused("edit.unchanged", [("", "Nothing was changed; replay it as it is.")])
        await self._examination.check(subject, content)
        id_ = uuid4()
        new = NewEdit(
            id=id_,
            letter=letter,
            died_at=subject.letter.at,
            sha256=hashlib.sha256(content).hexdigest(),
            reason=reason,
            proposed_by=actor,
            proposed_at=self._now(),
            content=self._store.sealer.seal(content, _about(id_)),
        )
        return await self._store.run(lambda c: enter_proposal(c, new))

    async def open(self, edit: UUID, *, actor: str) -> Proposal:
        """What a proposal changes; that it was opened is audited.

        Raises:
            HubFailure: there is none, it is decided, or the check could not be made.
        """
        proposed, content, subject = await self._opened(edit)
        act = edit_act(self._now(), actor, "edit.open", proposed)
        await self._store.run(lambda c: audit(c, act))
        problems: tuple[tuple[str, str], ...] = ()
        try:
            await self._examination.check(subject, content)
        except EditRefused as refused:
            problems = refused.problems
        return Proposal(proposed, await _difference(subject, content), problems)

    async def approve(self, edit: UUID, sha256: str, *, actor: str) -> Approved:
        """Send what was proposed on its way, if it is what was shown.

        Args:
            edit: the proposal.
            sha256: of the content that was shown to `actor`.
            actor: another person than whoever proposed it.

        Raises:
            EditRefused: it cannot pass any more.
            PermanentFailure: it is the same person, another content, or comes too late.
            TransientFailure: the broker did not confirm it; it is proposed still.
        """
        proposed, content, subject = await self._opened(edit)
        if same_person(proposed.proposed_by, actor):
            raise PermanentFailure(
                "edit.same_person", "Whoever proposed an edit cannot approve it; ask another."
            )
        if sha256.strip().lower() != hashlib.sha256(content).hexdigest():
            raise PermanentFailure(
                "edit.hash",
                "The hash is not that of what is proposed. Look at it again, and approve that.",
            )
        await self._examination.check(subject, content)
        if subject.row is None:
            await self._publish(proposed, content, subject.letter, actor)
            return Approved(edit, proposed.letter, proposed.sha256, None)
        wire = MessageUuid(uuid4())  # to the system, a corrected message is a new one
        await self._store.run(
            lambda c: owe_corrected(
                c,
                self._store.sealer,
                proposed,
                content,
                subject.letter,
                wire,
                actor,
                self._now(),
            )
        )
        return Approved(edit, proposed.letter, proposed.sha256, wire)

    async def withdraw(self, edit: UUID, *, actor: str) -> None:
        """Give a proposal up; raise PermanentFailure if there is none, or it is decided."""

        def unit(connection: Connection) -> None:
            proposed, now = proposed_edit(connection, edit), self._now()
            if not decide_edit(connection, edit, "withdrawn", actor, now):
                raise overtaken()
            audit(connection, edit_act(now, actor, "edit.withdraw", proposed))

        await self._store.run(unit)

    async def _opened(self, edit: UUID) -> tuple[Edit, bytes, Subject]:
        def look(connection: Connection) -> tuple[Edit, bytes, Subject]:
            proposed, sealer = proposed_edit(connection, edit), self._store.sealer
            content = sealer.open(proposed.content or b"", _about(edit))
            return proposed, content, subject_of(connection, sealer, proposed.letter)

        return await self._store.read(look)

    async def _publish(
        self, proposed: Edit, content: bytes, letter: DeadLetter, actor: str
    ) -> None:
        publisher = may_be_published(letter, self._publisher)

        def sent(connection: Connection) -> None:
            # If the hub was faster the letter has passed, or died again, and stays so. Each of
            # these overtakes the edit, which nevertheless is what was sent.
            set_replayed(connection, letter, self._now())
            edit_sent(connection, proposed.id, actor, self._now())

        await self._store.run(lambda c: begin_corrected(c, proposed, letter, actor, self._now()))
        # Nobody vouches: an edit mends what is said, not the right of its sender to say it.
        await publish_again(publisher, letter, content, letter.origin.get("user", ""))
        await self._store.run(sent)


async def _difference(subject: Subject, content: bytes) -> str:
    # In a thread: of many thousand lines that are alike it takes minutes, and whose lines are they?
    return await asyncio.to_thread(difference, subject.shape, subject.original, content)


def _about(edit: UUID) -> str:
    return f"edit:{edit}"

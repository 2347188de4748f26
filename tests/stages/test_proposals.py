"""What becomes of a proposed edit, whoever decides beside it; on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.stages.burial import bury_message
from hub.stages.content import Kept, open_kept, seal_kept
from hub.stages.decision import Dead
from hub.stages.proposals import begin_corrected, enter_proposal, owe_corrected, proposed_edit
from hub.store import (
    Claimed,
    Connection,
    DeadLetter,
    Edit,
    Message,
    NewEdit,
    Store,
    acts,
    bury,
    claim,
    dead_letter_by_id,
    decide_edit,
    discard,
    due,
    edit_by_id,
    journey,
    message_by_id,
    replay,
    set_replayed,
)
from tests.builders import a_submission
from tests.store.building import LEASE, NOW, a_case, a_dead_letter, a_message, put

LATER: Final = NOW + timedelta(hours=1)
SUBMISSION: Final = a_submission(authority="990001", place=None)
CORRECTED: Final = SUBMISSION.without_content().model_copy(update={"application_id": "4712-B"})
DEAD: Final = Dead("refused.T080", "It said no.", None, "0" * 16)
WIRE: Final = MessageUuid(uuid4())


@dataclass(frozen=True, slots=True)
class Proposed:
    """A dead letter, and what was proposed for it."""

    letter: DeadLetter
    edit: Edit


def an_edit(letter: DeadLetter) -> NewEdit:
    return NewEdit(
        id=uuid4(), letter=letter.id, died_at=letter.at, sha256="a" * 64, reason="a wrong number",
        proposed_by="token:ola", proposed_at=NOW, content=b"sealed",
    )  # fmt: skip


async def proposed_for(store: Store, letter: UUID) -> Proposed:
    found = await store.read(lambda c: dead_letter_by_id(c, letter))
    assert found is not None
    return Proposed(found, await store.run(lambda c: enter_proposal(c, an_edit(found))))


@pytest.fixture
async def of_a_row(store: Store) -> Proposed:
    """Of a submission that its system refused."""
    case = a_case()
    sealed = seal_kept(store.sealer, Kept(message=SUBMISSION.without_content(), reply_to="answers"))
    row = a_message(case, id=SUBMISSION.id, wire=SUBMISSION.id, content=sealed)

    def die(connection: Connection) -> UUID:
        put(connection, case, row)
        claimed = claim(connection, row.id, "one", NOW, LEASE)
        assert isinstance(claimed, Claimed)
        return bury_message(connection, claimed.message, DEAD, stage="deliver", at=NOW).id

    return await proposed_for(store, await store.run(die))


@pytest.fixture
async def of_the_door(store: Store) -> Proposed:
    """Of what was refused at the door and has no row."""
    letter = a_dead_letter()
    await store.run(lambda c: bury(c, letter))
    return await proposed_for(store, letter.id)


async def approve(store: Store, this: Proposed) -> None:
    content = CORRECTED.model_dump_json().encode()
    await store.run(
        lambda c: owe_corrected(
            c, store.sealer, this.edit, content, this.letter, WIRE, "token:kim", LATER
        )
    )


async def begin(store: Store, this: Proposed) -> None:
    await store.run(lambda c: begin_corrected(c, this.edit, this.letter, "token:kim", LATER))


async def row_of(store: Store) -> Message:
    row = await store.read(lambda c: message_by_id(c, SUBMISSION.id))
    assert row is not None
    return row


async def audited(store: Store) -> list[tuple[str, str]]:
    return [(each.act.actor, each.act.action) for each in await store.read(acts)]


async def replays(store: Store, this: Proposed) -> int:
    letter = await store.read(lambda c: dead_letter_by_id(c, this.letter.id))
    assert letter is not None
    return letter.replays


async def test_of_two_who_propose_at_once_one_is_told(store: Store, of_a_row: Proposed) -> None:
    with pytest.raises(PermanentFailure) as failed:
        await store.run(lambda c: enter_proposal(c, an_edit(of_a_row.letter)))

    assert failed.value.cause == "edit.there_is_one"
    assert await audited(store) == [("token:ola", "edit.propose")]


async def test_what_is_approved_is_owed_with_other_content_as_a_new_message(
    store: Store, of_a_row: Proposed
) -> None:
    await approve(store, of_a_row)

    row = await row_of(store)
    assert (row.wire, row.content is None) == (WIRE, False)
    kept = open_kept(store.sealer, row.content or b"", row.id)
    assert (kept.message, kept.reply_to) == (CORRECTED, "answers")
    edit = await store.read(lambda c: edit_by_id(c, of_a_row.edit.id))
    assert edit is not None
    assert (edit.state, edit.decided_by, edit.content) == ("approved", "token:kim", None)
    [owed] = await store.run(lambda c: due(c, LATER, 10, timedelta(0)))
    assert owed.message == row.id
    assert await audited(store) == [("token:ola", "edit.propose"), ("token:kim", "edit.approve")]
    assert (await store.read(acts))[-1].act.detail["wire"] == str(WIRE)
    events = await store.read(lambda c: journey(c, row.case))
    [edited, replayed] = [event for event in events if event.at == LATER]
    assert (edited.name, replayed.name) == ("edited", "replayed")
    assert edited.detail == {
        "dead_letter": str(of_a_row.letter.id),
        "edit": str(edit.id),
        "proposed_by": "token:ola",
        "approved_by": "token:kim",
        "sha256": "a" * 64,
        "was": str(SUBMISSION.id),
        "wire": str(WIRE),
    }


def _decided(connection: Connection, this: Proposed) -> Any:
    return decide_edit(connection, this.edit.id, "withdrawn", "token:ola", LATER)


def _replayed(connection: Connection, this: Proposed) -> Any:
    return set_replayed(connection, this.letter, LATER)


def _discarded(connection: Connection, this: Proposed) -> Any:
    return discard(connection, this.letter.id, "nobody needs it", LATER)


def _owed(connection: Connection, this: Proposed) -> Any:
    assert this.letter.message is not None
    return replay(connection, this.letter.message, LATER)


MEANWHILE: Final = [_decided, _replayed, _discarded]


@pytest.mark.parametrize("meanwhile", [*MEANWHILE, _owed], ids=lambda each: each.__name__)
async def test_an_approval_that_comes_second_changes_nothing(
    store: Store, of_a_row: Proposed, meanwhile: Callable[[Connection, Proposed], Any]
) -> None:
    assert await store.run(lambda c: meanwhile(c, of_a_row))
    before, acts_before = await row_of(store), await audited(store)

    with pytest.raises(PermanentFailure) as failed:
        await approve(store, of_a_row)

    assert failed.value.cause == "edit.overtaken"
    assert await row_of(store) == before
    assert await audited(store) == acts_before


async def test_what_has_no_row_is_proposed_still_when_it_is_about_to_be_published(
    store: Store, of_the_door: Proposed
) -> None:
    await begin(store, of_the_door)

    found = await store.read(lambda c: proposed_edit(c, of_the_door.edit.id))
    assert found == of_the_door.edit
    assert await replays(store, of_the_door) == 1
    assert (await audited(store))[-1] == ("token:kim", "edit.approve")


@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda each: each.__name__)
async def test_what_has_no_row_is_not_published_if_somebody_was_faster(
    store: Store, of_the_door: Proposed, meanwhile: Callable[[Connection, Proposed], Any]
) -> None:
    assert await store.run(lambda c: meanwhile(c, of_the_door))

    with pytest.raises(PermanentFailure) as failed:
        await begin(store, of_the_door)

    assert failed.value.cause == "edit.decided"
    assert await replays(store, of_the_door) == 0
    assert await audited(store) == [("token:ola", "edit.propose")]


async def test_there_is_no_proposal_that_nobody_made(store: Store) -> None:
    with pytest.raises(PermanentFailure) as failed:
        await store.read(lambda c: proposed_edit(c, uuid4()))
    assert failed.value.cause == "edit.unknown"

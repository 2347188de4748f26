"""An update belongs to the message that it answers, among those of the authority that speaks."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from hub.model.conversation import Mark
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.model.upward import Question, Status
from hub.stages.matching import Matched, match, match_all
from hub.stages.standing import marks_up
from hub.store import (
    Case,
    Connection,
    Inserted,
    NewMessage,
    Store,
    insert_message,
    messages_of,
)
from tests.store.building import NOW, a_case, a_message, put

OLD, NEW = "990001", "990002"
ARRIVAL = NOW + timedelta(minutes=5)


@pytest.fixture
def case() -> Case:
    """It was the old authority's, and is the new one's."""
    return a_case(authority=NEW)


@pytest.fixture
async def first(store: Store, case: Case) -> NewMessage:
    """The submission as the old authority was sent it."""
    first = a_message(case, authority=OLD)
    second = a_message(case, authority=NEW, created_at=NOW + timedelta(minutes=1))
    await store.run(lambda c: put(c, case, first, second))
    return first


def a_status(answers: MessageUuid, created_at: datetime = ARRIVAL) -> Status:
    return Status(id=MessageUuid(uuid4()), answers=answers, created_at=created_at, status="01")


async def matched(store: Store, status: Status, authority: str) -> Matched:
    return await store.read(lambda c: match(c, store.sealer, status, authority, "0" * 64, ARRIVAL))


async def test_an_answer_of_the_old_authority_still_matches_and_is_told_apart(
    store: Store, case: Case, first: NewMessage
) -> None:
    found = await matched(store, a_status(first.wire), OLD)
    assert (found.row.case, found.row.authority) == (case.id, OLD)
    assert found.answered.id == first.id

    def unit(connection: Connection) -> tuple[Mark, ...]:
        insert_message(connection, found.row)
        return marks_up(connection, case.id, found.row.id)

    assert await store.run(unit) == (Mark.FORMER_AUTHORITY,)


async def test_the_new_authority_does_not_answer_what_the_old_one_was_sent(
    store: Store, first: NewMessage
) -> None:
    with pytest.raises(PermanentFailure, match=r"case\.unknown"):
        await matched(store, a_status(first.wire), NEW)


async def test_both_authorities_may_use_one_uuid(store: Store, first: NewMessage) -> None:
    status = a_status(first.wire)
    old = await matched(store, status, OLD)
    rows = await store.read(lambda c: messages_of(c, first.case))
    [second] = [row for row in rows if row.authority == NEW]
    new = await matched(store, status.model_copy(update={"answers": second.wire}), NEW)
    assert old.row.wire == new.row.wire
    assert old.row.id != new.row.id


async def test_messages_of_one_document_may_share_its_uuid_and_none_is_lost(
    store: Store, case: Case, first: NewMessage
) -> None:
    status = a_status(first.wire)
    question = Question(
        id=status.id, answers=first.wire, created_at=ARRIVAL, text="Wo?", deadline=None
    )

    def take_in(connection: Connection) -> list[Inserted]:
        upwards = [status, question, question]
        found = match_all(connection, store.sealer, upwards, OLD, "0" * 64, ARRIVAL)
        return [insert_message(connection, each.row) for each in found]

    assert await store.run(take_in) == [Inserted.NEW] * 3
    assert await store.run(take_in) == [Inserted.DUPLICATE] * 3
    rows = await store.read(lambda c: messages_of(c, case.id))
    kinds = [(row.kind, row.wire) for row in rows if row.direction == "up"]
    assert kinds == [("status", status.id), ("question", status.id), ("question", status.id)]


@pytest.mark.parametrize(
    ("created_at", "said_at"),
    [
        (NOW + timedelta(minutes=2), NOW + timedelta(minutes=2)),
        (NOW + timedelta(days=9), ARRIVAL),  # a clock that is ahead
        (NOW - timedelta(days=9), NOW),  # one that is behind: not before what it answers
    ],
)
async def test_an_authoritys_clock_is_believed_within_bounds(
    store: Store, first: NewMessage, created_at: datetime, said_at: datetime
) -> None:
    found = await matched(store, a_status(first.wire, created_at), OLD)
    assert found.row.said_at == said_at

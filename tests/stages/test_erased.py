"""A case is erased between the look at it and the unit that takes a message in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from hub.inspection import Inspection
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.upward import Status
from hub.stages.erased import CaseErased
from hub.stages.intake import Intake
from hub.stages.interpret import Interpret
from hub.stages.matching import match
from hub.store import State, Store, erase_case, journey, ledger, messages_of
from tests.builders import a_reply, a_submission
from tests.stages.given import NOW, a_table, an_accepted_case
from tests.store.building import a_message

NOBODY: Any = None
LATER = NOW + timedelta(minutes=5)


def an_intake(store: Store) -> Intake:
    return Intake(
        store, NOBODY, a_table, {"local"}, {"hub"}, Inspection(None), lambda: datetime.now(UTC)
    )


def an_interpreter(store: Store) -> Interpret:
    keep = timedelta(days=30)
    return Interpret(
        store, NOBODY, a_table, NOBODY, keep, {"hub"}, Inspection(None), lambda: LATER, NOBODY
    )


async def test_a_reply_is_refused_and_nothing_of_it_is_kept(store: Store) -> None:
    case = await an_accepted_case(store)
    reply = a_reply(case=case.id)
    row = a_message(case, id=reply.id, kind="reply")
    await store.run(lambda c: erase_case(c, case.id, NOW))
    with pytest.raises(CaseErased):
        await store.run(lambda c: an_intake(store)._take_in(c, reply, case, row, {}, {}))
    assert len(await store.read(lambda c: messages_of(c, case.id))) == 1


async def test_the_submission_itself_once_more_is_no_conflict(store: Store) -> None:
    submission = a_submission()
    case = await an_accepted_case(store, submission)
    await store.run(lambda c: erase_case(c, case.id, NOW))
    with pytest.raises(CaseErased):
        await an_intake(store)._is_known(submission.id, CaseId(submission.id), "1" * 64)


async def test_an_update_is_withheld_and_comes_twice_as_a_duplicate(store: Store) -> None:
    case = await an_accepted_case(store)
    status = Status(
        id=MessageUuid(uuid4()), answers=MessageUuid(case.id), created_at=LATER, status="01"
    )
    found = await store.read(
        lambda c: match(c, store.sealer, status, case.authority, "1" * 64, LATER)
    )
    assert found.row.content is not None
    await store.run(lambda c: erase_case(c, case.id, NOW))
    for _ in range(2):
        assert await store.run(lambda c: an_interpreter(store)._take_in(c, [found], {})) == ([], [])
    [_, row] = await store.read(lambda c: messages_of(c, case.id))
    assert (row.state, row.content, row.digest) == (State.WITHHELD, None, "0" * 64)
    names = [event.name for event in await store.read(lambda c: journey(c, case.id))]
    assert names[-3:] == ["interpreted", "withheld", "duplicate"]
    assert (await store.read(ledger)).balanced

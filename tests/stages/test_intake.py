"""What may happen to a case between the look at it and the unit that takes a message in."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.inspection import Inspection
from hub.model.failure import PermanentFailure, TransientFailure
from hub.model.identifiers import CaseId
from hub.stages.intake import Intake
from hub.store import Store, insert_message, messages_of
from tests.builders import a_withdrawal
from tests.stages.test_standing import a_table
from tests.store.building import a_case, a_message, put


def an_intake(store: Store) -> Intake:
    nobody: Any = None
    now = datetime.now
    return Intake(store, nobody, a_table, {"local"}, {"hub"}, Inspection(), lambda: now(UTC))


async def test_what_was_meant_for_an_authority_comes_again_when_its_case_was_sent_on(
    store: Store,
) -> None:
    seen = a_case()
    withdrawal = a_withdrawal(case=seen.id)
    row = a_message(seen, id=withdrawal.id, kind="withdrawal")
    await store.run(lambda c: put(c, replace(seen, authority="990002"), a_message(seen)))
    with pytest.raises(TransientFailure, match=r"case\.sent_on"):
        await store.run(lambda c: an_intake(store)._take_in(c, withdrawal, seen, row, {}, {}))
    assert len(await store.read(lambda c: messages_of(c, seen.id))) == 1


async def test_what_was_said_meanwhile_counts(store: Store) -> None:
    case = a_case()
    await store.run(lambda c: put(c, case, a_message(case)))
    await store.run(lambda c: insert_message(c, a_message(case, kind="withdrawal")))
    withdrawal = a_withdrawal(case=CaseId(case.id))
    row = a_message(case, id=withdrawal.id, kind="withdrawal")
    with pytest.raises(PermanentFailure, match=r"case\.withdrawn"):
        await store.run(lambda c: an_intake(store)._take_in(c, withdrawal, case, row, {}, {}))
    assert len(await store.read(lambda c: messages_of(c, case.id))) == 2

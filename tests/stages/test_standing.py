"""Where a case stands, out of the store; and the sentences of what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from hub.model.conversation import Phase
from hub.model.transitions import TABLE
from hub.routing import RoutingTable
from hub.stages.standing import SENTENCES, keep_phase, said_of, standing_of
from hub.store import (
    Case,
    Connection,
    Message,
    NewMessage,
    State,
    Store,
    case_by_id,
    insert_message,
    messages_of,
)
from tests.adapters.every import EVERY
from tests.model.case_page import DOC
from tests.store.building import NOW, a_case, a_message, an_update, put

TABLE_OF = """
systems:
  one: {{adapter: spree, formats: [{{version: "1", from: 2020-01-01}}], stage: production,
    transport: amqp, limits: {{parallel: 1, attempts: 1}}, endpoint: {{exchange: one}}}}
authorities:
  "990001": {{name: One, regional_keys: [], system: one, services: all, back_channel: true,
    late_replies: {policy}}}
"""


def a_table(policy: str = "pass_on") -> RoutingTable:
    return RoutingTable.parse(TABLE_OF.format(policy=policy), {"spree": EVERY["spree"]})


def test_every_refusal_has_its_sentence_and_the_page_has_both() -> None:
    of_the_table = {cell.cause for cell in TABLE.values() if cell.cause is not None}
    assert of_the_table < set(SENTENCES)
    page = DOC.read_text(encoding="utf-8")
    for cause, sentence in SENTENCES.items():
        assert f"| `{cause}` | {sentence} |" in page
        assert sentence.endswith(".")


async def said(store: Store, case: Case, *messages: NewMessage) -> list[Message]:
    await store.run(lambda c: put(c, case, *messages))
    return await store.read(lambda c: messages_of(c, case.id))


@pytest.mark.parametrize(
    ("state", "alive"),
    [
        (State.OWED, True),
        (State.HANDED_OVER, True),
        (State.ACCEPTED, True),
        (State.DEAD, False),
        (State.DISCARDED, None),
    ],
)
async def test_what_died_is_not_alive_and_what_was_discarded_was_not_said(
    store: Store, state: State, alive: bool | None
) -> None:
    case = a_case()
    rows = await said(store, case, a_message(case, state=state))
    assert [each.alive for each in said_of(rows)] == ([] if alive is None else [alive])


async def test_an_update_was_said_when_its_authority_says_so(store: Store) -> None:
    case, before = a_case(), NOW - timedelta(hours=1)
    rows = await said(store, case, a_message(case), an_update(case, said_at=before))
    assert {each.kind: each.at for each in said_of(rows)} == {"submission": NOW, "status": before}


async def test_the_hubs_own_reminder_says_nothing(store: Store) -> None:
    case = a_case()
    rows = await said(store, case, a_message(case), an_update(case, kind="reminder"))
    assert [each.kind for each in said_of(rows)] == ["submission"]


async def test_the_phase_is_kept(store: Store) -> None:
    case = a_case()
    await said(store, case, a_message(case), an_update(case, said_at=NOW + timedelta(seconds=1)))

    def unit(connection: Connection) -> str:
        keep_phase(connection, case.id)
        found = case_by_id(connection, case.id)
        assert found is not None
        return found.state

    assert await store.run(unit) == Phase.IN_PROGRESS


@pytest.mark.parametrize(
    ("policy", "hours", "offered"),
    [
        ("refuse", 0, True),
        # 23:30 in Berlin, and an hour later; in both it is still the 2nd in UTC.
        ("refuse", 13, True),
        ("refuse", 14, False),
        ("pass_on", 14, True),
    ],
)
async def test_a_deadline_ends_with_its_day_in_german_time(
    store: Store, policy: str, hours: int, offered: bool
) -> None:
    case = a_case()
    asked: dict[str, Any] = {"said_at": NOW + timedelta(seconds=1), "deadline": NOW.date()}
    await said(store, case, a_message(case), an_update(case, kind="question", **asked))
    now = NOW + timedelta(hours=hours)
    stands = await store.read(lambda c: standing_of(c, case, a_table(policy), now))
    assert ("reply" in stands.may) is offered


async def test_a_case_that_was_sent_on_is_the_other_authoritys(store: Store) -> None:
    case = a_case(authority="990002")
    rows = await said(
        store,
        case,
        a_message(case, authority="990001"),
        an_update(case, kind="question", authority="990001"),
    )
    again = a_message(case, authority="990002", created_at=NOW + timedelta(seconds=1))
    await store.run(lambda c: insert_message(c, again))
    rows = await store.read(lambda c: messages_of(c, case.id))
    assert [each.authority for each in said_of(rows)] == ["990001", "990001", "990002"]
    stands = await store.read(lambda c: standing_of(c, case, a_table(), NOW))
    assert (stands.phase, stands.open) == (Phase.SUBMITTED, ())

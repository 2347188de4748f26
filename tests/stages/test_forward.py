from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.upward import NotCompetent
from hub.stages.competence import competent
from hub.stages.content import open_kept
from hub.stages.forward import Forward, Forwarded
from hub.store import (
    Case,
    State,
    Store,
    acts,
    case_by_id,
    due,
    forget_content,
    journey,
    ledger,
    message_by_id,
    messages_of,
)
from tests.builders import a_reply, a_submission, a_withdrawal
from tests.stages.given import (
    NOW,
    a_table,
    an_accepted_case,
    said_by_the_authority,
    sent_by_the_applicant,
)

TABLE = a_table()
LATER = NOW + timedelta(hours=1)


def a_forward(store: Store) -> Forward:
    return Forward(store, lambda: TABLE, lambda: LATER)


async def forwarded(store: Store, case: Case, to: str = "990002") -> Forwarded:
    return await a_forward(store).to(case.id, to, actor="cli:ola", reason="moved away")


async def a_case_that_is_anothers(store: Store, **given: Any) -> Case:
    case = await an_accepted_case(store, a_submission(**given))
    await said_by_the_authority(store, case, "not_competent")
    return case


def an_update(named: str | None) -> NotCompetent:
    id_ = MessageUuid(uuid4())
    return NotCompetent(
        id=id_, answers=id_, created_at=NOW, hint="Nicht wir.", competent_authority=named
    )


async def test_the_submission_goes_as_a_new_message_of_the_same_case(store: Store) -> None:
    case = await a_case_that_is_anothers(store)

    done = await forwarded(store, case)

    row = await store.read(lambda c: message_by_id(c, done.message))
    assert row is not None
    assert (row.case, row.kind, row.authority) == (case.id, "submission", "990002")
    assert (row.state, row.wire, row.waits_for) == (State.OWED, done.message, None)
    assert row.wire != case.id
    assert row.content is not None
    kept = open_kept(store.sealer, row.content, row.id)
    expected = {"id": done.message, "authority": "990002"}
    assert kept.message == a_submission().without_content().model_copy(update=expected)

    moved = await store.read(lambda c: case_by_id(c, case.id))
    assert moved is not None
    assert (moved.authority, moved.back_channel, moved.state) == ("990002", True, "submitted")
    [owed] = await store.run(lambda c: due(c, LATER, 10, timedelta(minutes=1)))
    assert (owed.message, owed.authority) == (done.message, "990002")


async def test_it_is_in_the_journal_in_the_ledger_and_among_the_acts(store: Store) -> None:
    case = await a_case_that_is_anothers(store)

    done = await forwarded(store, case)

    event = (await store.read(lambda c: journey(c, case.id)))[-1]
    assert (event.name, event.message) == ("forwarded", done.message)
    assert event.detail == {"from": "990001", "to": "990002", "kind": "submission"}
    drawn = await store.read(ledger)
    assert drawn.balanced, drawn.differences
    assert drawn.totals.came_in == 3
    [act] = await store.read(acts)
    assert (act.act.actor, act.act.action, act.act.subject) == (
        "cli:ola",
        "case.forward",
        str(case.id),
    )
    assert act.act.detail["reason"] == "moved away"


async def test_its_content_outlives_that_of_the_first(store: Store) -> None:
    case = await a_case_that_is_anothers(store)
    done = await forwarded(store, case)

    far = NOW + timedelta(days=400)
    await store.run(lambda c: forget_content(c, far))

    first, second = [
        row
        for row in await store.read(lambda c: messages_of(c, case.id))
        if row.kind == "submission"
    ]
    assert (first.content, second.id) == (None, done.message)
    assert second.content is not None


async def test_it_waits_behind_what_is_unfinished(store: Store) -> None:
    case = await an_accepted_case(store)
    question = await said_by_the_authority(store, case, "question")
    reply = a_reply(case=case.id, answers=question.wire)
    await sent_by_the_applicant(store, case, reply, State.OWED)
    after = NOW + timedelta(seconds=5)
    await said_by_the_authority(store, case, "not_competent", created_at=after)

    done = await forwarded(store, case)

    row = await store.read(lambda c: message_by_id(c, done.message))
    assert row is not None
    assert row.waits_for == reply.id


@pytest.mark.parametrize(
    ("applicant", "to", "expected"),
    [(True, "990002", True), (True, "990006", False), (False, "990002", False)],
)
async def test_the_back_channel_needs_both(
    store: Store, applicant: bool, to: str, expected: bool
) -> None:
    case = await a_case_that_is_anothers(store, back_channel=applicant)

    done = await forwarded(store, case, to)

    moved = await store.read(lambda c: case_by_id(c, case.id))
    assert moved is not None
    assert (done.back_channel, moved.back_channel) == (expected, expected)


async def test_a_case_of_an_authority_without_back_channel_may_have_one_at_the_next(
    store: Store,
) -> None:
    case = await a_case_that_is_anothers(store)
    await forwarded(store, case, "990006")
    await said_by_the_authority(
        store,
        case,
        "not_competent",
        id=MessageUuid(uuid4()),
        authority="990006",
        created_at=LATER + timedelta(minutes=1),
        state=State.WITHHELD,
    )

    assert (await forwarded(store, case, "990002")).back_channel


@pytest.mark.parametrize(
    ("to", "cause"),
    [
        ("990001", "forward.had_it"),
        ("990003", "stage.mismatch"),
        ("990004", "service.not_offered"),
        ("990005", "format.none_in_force"),
        ("990009", "authority.unknown"),
    ],
)
async def test_it_goes_only_where_it_can_be_carried(store: Store, to: str, cause: str) -> None:
    case = await a_case_that_is_anothers(store)
    await refuses(store, case, cause, to)


async def test_it_goes_to_nobody_who_has_had_it(store: Store) -> None:
    case = await a_case_that_is_anothers(store)
    await forwarded(store, case)
    await said_by_the_authority(
        store,
        case,
        "not_competent",
        id=MessageUuid(uuid4()),
        authority="990002",
        created_at=LATER + timedelta(minutes=1),
    )
    await refuses(store, case, "forward.had_it", "990001")
    await refuses(store, case, "forward.had_it", "990002")


async def test_a_case_that_its_authority_works_on_stays(store: Store) -> None:
    case = await an_accepted_case(store)
    await refuses(store, case, "case.submitted")
    await said_by_the_authority(store, case, "status")
    await refuses(store, case, "case.submitted")


async def test_once_is_enough(store: Store) -> None:
    case = await a_case_that_is_anothers(store)
    await forwarded(store, case)
    await refuses(store, case, "case.submitted", "990006")


async def test_a_withdrawn_case_stays(store: Store) -> None:
    case = await a_case_that_is_anothers(store)
    await sent_by_the_applicant(store, case, a_withdrawal(case=case.id))
    await refuses(store, case, "case.withdrawn")


async def test_an_ended_case_stays(store: Store) -> None:
    case = await a_case_that_is_anothers(store, service="skilled_workers")
    after = NOW + timedelta(seconds=5)
    await said_by_the_authority(store, case, "ending", created_at=after)
    await refuses(store, case, "case.ended")


async def test_what_was_deleted_or_is_about_to_be_cannot_go(store: Store) -> None:
    case = await a_case_that_is_anothers(store)
    late = Forward(store, lambda: TABLE, lambda: NOW + timedelta(days=30))
    with pytest.raises(PermanentFailure, match=r"content\.gone"):
        await late.to(case.id, "990002", actor="cli:ola", reason="late")
    await store.run(lambda c: forget_content(c, NOW + timedelta(days=31)))
    await refuses(store, case, "content.gone")


async def test_without_its_documents_it_cannot_go(store: Store) -> None:
    case = await a_case_that_is_anothers(store)
    await store.documents.forget(case.id)
    await refuses(store, case, "document.missing")


async def test_a_case_that_is_none_cannot_go(store: Store) -> None:
    with pytest.raises(PermanentFailure, match=r"case\.unknown"):
        await a_forward(store).to(CaseId(uuid4()), "990002", actor="cli:ola", reason="")


async def refuses(store: Store, case: Case, cause: str, to: str = "990002") -> None:
    before = await store.read(lambda c: (messages_of(c, case.id), case_by_id(c, case.id), acts(c)))
    with pytest.raises(PermanentFailure) as raised:
        await forwarded(store, case, to)
    assert raised.value.cause == cause
    after = await store.read(lambda c: (messages_of(c, case.id), case_by_id(c, case.id), acts(c)))
    assert after == before


@pytest.mark.parametrize(
    ("authority", "named", "to"),
    [
        ("990001", "Two", "990002"),
        ("990001", "990002", "990002"),
        ("990001", "two", None),
        ("990001", "Ausländerbehörde Two", None),
        ("990001", "One", None),
        ("990001", None, None),
        ("990002", "One", None),  # its entry leaves it to the operator
        ("990009", "One", None),
    ],
)
def test_the_hub_forwards_only_by_rule_and_to_exactly_one(
    authority: str, named: str | None, to: str | None
) -> None:
    assert competent(TABLE, authority, an_update(named)) == to


async def test_the_rule_forwards_once_however_often_the_authority_says_it(store: Store) -> None:
    case = await an_accepted_case(store)
    said = await said_by_the_authority(store, case, "not_competent")

    for _ in range(2):
        await a_forward(store).by_rule(said, an_update("Two"))

    names = [event.name for event in await store.read(lambda c: journey(c, case.id))]
    assert names.count("forwarded") == 1
    assert "not_forwarded" not in names
    [act] = await store.read(acts)
    assert act.act.actor == "hub"


async def test_where_the_rule_cannot_forward_a_person_has_to(store: Store) -> None:
    case = await an_accepted_case(store)
    said = await said_by_the_authority(store, case, "not_competent")

    await a_forward(store).by_rule(said, an_update("Few"))

    event = (await store.read(lambda c: journey(c, case.id)))[-1]
    assert (event.name, event.detail) == (
        "not_forwarded",
        {"to": "990004", "cause": "service.not_offered"},
    )
    moved = await store.read(lambda c: case_by_id(c, case.id))
    assert moved is not None
    assert moved.authority == "990001"

"""Cases are found by what an operator may know of them."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from hub.model.failure import PermanentFailure
from hub.store import PAGE, Case, Criteria, State, Store, bury, finish, search
from tests.store.building import NOW, a_case, a_dead_letter, a_message, put


def the_cases() -> dict[str, Case]:
    return {
        "old": a_case(created_at=NOW - timedelta(days=3), application_id="A-1"),
        "there": a_case(authority="990002", service="family", application_id="A-2"),
        "withdrawn": a_case(state="withdrawn", created_at=NOW - timedelta(hours=1)),
    }


@pytest.fixture
async def known(store: Store) -> dict[str, Case]:
    cases = the_cases()

    def unit(connection: Connection) -> None:
        for case in cases.values():
            put(connection, case, a_message(case, id=case.id, wire=case.id))
        finish(connection, cases["old"].id, State.DEAD, NOW, cause="X001")
        bury(connection, a_dead_letter(case=cases["old"].id, cause="X001"))
        finish(connection, cases["there"].id, State.ACCEPTED, NOW)

    await store.run(unit)
    return cases


async def names(store: Store, known: dict[str, Case], criteria: Criteria) -> list[str]:
    page = await store.read(lambda c: search(c, criteria))
    by_id = {case.id: name for name, case in known.items()}
    return [by_id[found.id] for found in page.found]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (Criteria(), ["there", "withdrawn", "old"]),
        (Criteria(authority="990002"), ["there"]),
        (Criteria(service="family"), ["there"]),
        (Criteria(state="withdrawn"), ["withdrawn"]),
        (Criteria(standing=State.DEAD), ["old"]),
        (Criteria(standing=State.OWED), ["withdrawn"]),
        (Criteria(cause="X001"), ["old"]),
        (Criteria(cause="V000"), []),
        (Criteria(since=NOW - timedelta(days=1)), ["there", "withdrawn"]),
        (Criteria(until=NOW - timedelta(days=1)), ["old"]),
        (Criteria(id="A-2"), ["there"]),
        (Criteria(id="A-2", authority="990001"), []),
        (Criteria(id="nobody's"), []),
    ],
)
async def test_each_criterion_finds_its_cases_the_newest_first(
    store: Store, known: dict[str, Case], criteria: Criteria, expected: list[str]
) -> None:
    assert await names(store, known, criteria) == expected


async def test_a_case_is_found_by_each_of_its_messages_and_their_wire_ids(store: Store) -> None:
    case, wire = a_case(), uuid4()
    message = a_message(case, wire=wire)
    await store.run(lambda c: put(c, case, message))
    for known_as in (case.id, message.id, wire):
        assert await names(store, {"it": case}, Criteria(id=str(known_as))) == ["it"]


async def test_pages_follow_each_other_without_gap_or_repeat(store: Store) -> None:
    # All of one time: the id decides.
    cases = [a_case() for _ in range(2 * PAGE + 1)]

    def unit(connection: Connection) -> None:
        for case in cases:
            put(connection, case)

    await store.run(unit)
    found, behind, pages = [], None, 0
    while pages == 0 or behind is not None:
        page = await store.read(lambda c, behind=behind: search(c, Criteria(), behind))
        found += [each.id for each in page.found]
        behind, pages = page.behind, pages + 1
    assert pages == 3
    assert len(found) == len(cases) == len(set(found))


async def test_what_no_database_can_look_for_is_no_fault_of_the_store(store: Store) -> None:
    """PostgreSQL takes no NUL in a text, not even to compare with; SQLite finds nothing."""
    with suppress(PermanentFailure):  # and nothing else
        assert (await store.read(lambda c: search(c, Criteria(id="a\0")))).found == ()
    with suppress(PermanentFailure):
        await store.run(lambda c: bury(c, a_dead_letter(correlation="a\0")))

"""What has served is deleted, by kind; what is still owed, or still read, never is."""

import asyncio
import base64
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, func, select

from hub.mailbox.local import LocalMailbox
from hub.model.document import Document
from hub.model.identifiers import CaseId, DocumentId, MessageUuid
from hub.stages import retention
from hub.stages.retention import Retention, Terms
from hub.store import (
    Case,
    State,
    Store,
    bury,
    case_by_id,
    dead_letter_by_id,
    discard,
    finish,
    journey,
    ledger,
    message_by_id,
    messages_of,
    set_replayed,
)
from hub.store.tables import metadata
from tests.builders import a_reply
from tests.mailbox.letters import a_letter
from tests.model.builders import an_update
from tests.stages.given import an_accepted_case, sent_by_the_applicant
from tests.store.building import NOW, a_dead_letter

TERMS = Terms(timedelta(days=30), timedelta(days=365), timedelta(days=1095))
NOTHING = timedelta()
PDF = b"%PDF-1.7 of the authority"
HASH = hashlib.sha256(PDF).hexdigest()
FAR = datetime(2099, 1, 1, tzinfo=UTC)
"""Long after whatever a test puts on the disk now; what the store has is older still."""


async def look(store: Store, now: datetime, terms: Terms = TERMS) -> None:
    await Retention(store, terms, lambda: now).look()


async def with_a_letter(store: Store, case: Case) -> None:
    """A letter of the case that encloses a document."""
    letter = a_letter(an_update("status", status="01"))
    enclosed = Document(
        id=DocumentId(uuid4()),
        media_type="application/pdf",
        sha256=HASH,
        size=len(PDF),
        file_name="bescheid.pdf",
        content=base64.b64encode(PDF),
    )
    await LocalMailbox(store).deliver(
        letter.model_copy(update={"case": case.id, "documents": (enclosed,)})
    )


async def content_of(store: Store, case: CaseId) -> list[bytes | None]:
    return [row.content for row in await store.read(lambda c: messages_of(c, case))]


async def test_a_letter_keeps_its_documents_for_as_long_as_itself(store: Store) -> None:
    case = await an_accepted_case(store)
    await with_a_letter(store, case)
    others = await store.documents.hashes_of(case.id) - {HASH}
    for_long = Terms(NOTHING, timedelta(days=100_000), timedelta(days=100_000))
    await look(store, FAR, for_long)
    assert await content_of(store, case.id) == [None]
    assert others
    assert await store.documents.hashes_of(case.id) == {HASH}
    assert store.documents.load(case.id, HASH) == PDF

    await look(store, FAR, Terms(NOTHING, NOTHING, timedelta(days=100_000)))
    assert await LocalMailbox(store).list_letters(case=case.id) == []
    assert await store.documents.hashes_of(case.id) == set()


async def test_a_letter_that_goes_first_takes_no_document_of_what_is_still_kept(
    store: Store,
) -> None:
    case = await an_accepted_case(store)
    reply = a_reply(case=case.id)
    await sent_by_the_applicant(store, case, reply, State.OWED)
    await with_a_letter(store, case)
    before = await store.documents.hashes_of(case.id)
    await look(store, FAR, Terms(NOTHING, NOTHING, NOTHING))
    assert await LocalMailbox(store).list_letters(case=case.id) == []
    assert await store.documents.hashes_of(case.id) == before


async def test_a_document_that_has_just_come_is_not_taken_from_its_message(store: Store) -> None:
    case = await an_accepted_case(store)
    [row] = await store.read(lambda c: messages_of(c, case.id))
    # INTAKE keeps the documents of a reply; the reply itself will be kept in a moment.
    await store.documents.keep(case.id, PDF, HASH)
    await look(store, datetime.now(UTC))
    assert store.documents.load(case.id, HASH) == PDF
    assert await content_of(store, case.id) == [row.content]
    await look(store, FAR)
    assert await store.documents.hashes_of(case.id) == set()


async def test_a_document_that_comes_again_counts_as_just_come(
    store: Store, tmp_path: Path
) -> None:
    case = await an_accepted_case(store)
    await store.documents.keep(case.id, PDF, HASH)
    first = changed_at(tmp_path)
    while changed_at(tmp_path) == first:  # the clock of the file system has its own ticks
        await asyncio.sleep(0.001)
        await store.documents.keep(case.id, PDF, HASH)
    between = datetime.fromtimestamp((first + changed_at(tmp_path)) / 2, UTC)
    others = await store.documents.hashes_of(case.id) - {HASH}
    assert not await store.documents.forget_unused(case.id, others, between)
    assert store.documents.load(case.id, HASH) == PDF


def changed_at(folder: Path) -> float:
    [path] = folder.glob(f"documents/*/*/{HASH}")
    return path.stat().st_ctime


async def test_what_lies_with_a_decided_dead_letter_goes_and_what_is_open_stays(
    store: Store,
) -> None:
    letters = {name: a_dead_letter(id=uuid4()) for name in ("open", "replayed")}

    def unit(connection: Connection) -> None:
        for letter in letters.values():
            bury(connection, letter)
        set_replayed(connection, letters["replayed"], NOW)

    await store.run(unit)
    assert await left_with(store, letters["replayed"].id)
    await look(store, NOW + TERMS.content - timedelta(seconds=1))
    assert await left_with(store, letters["replayed"].id)
    await look(store, NOW + TERMS.content)
    assert not await left_with(store, letters["replayed"].id)
    await look(store, FAR)
    assert await left_with(store, letters["open"].id)


async def left_with(store: Store, id_: UUID) -> bytes | None:
    letter = await store.read(lambda c: dead_letter_by_id(c, id_))
    return letter.content if letter is not None else None


async def test_a_case_goes_with_its_journal_and_the_ledger_stays_balanced(store: Store) -> None:
    case = await an_accepted_case(store)
    [event, *_] = await store.read(lambda c: journey(c, case.id))
    await look(store, event.at + TERMS.journal - timedelta(seconds=1))
    assert await store.read(lambda c: case_by_id(c, case.id)) is not None
    await look(store, event.at + TERMS.journal)
    assert await rows(store) == {}
    assert (await store.read(ledger)).balanced


async def test_a_case_with_something_owed_is_never_deleted(store: Store) -> None:
    case = await an_accepted_case(store)
    reply = a_reply(case=case.id)
    await sent_by_the_applicant(store, case, reply, State.DEAD)
    await look(store, FAR)
    row = await store.read(lambda c: message_by_id(c, reply.id))
    assert row is not None
    assert row.content is not None
    assert await store.read(lambda c: case_by_id(c, case.id)) is not None
    await store.run(
        lambda c: finish(c, MessageUuid(reply.id), State.DISCARDED, NOW, keep_content_until=NOW)
    )
    await look(store, FAR)
    assert await store.read(lambda c: case_by_id(c, case.id)) is None


async def test_a_case_to_which_something_comes_once_it_was_found_quiet_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await an_accepted_case(store)
    reply = a_reply(case=case.id)
    find = retention.quiet_cases

    def find_just_before_it_comes(*given: Any) -> list[CaseId]:
        found = find(*given)
        if found:
            asyncio.run_coroutine_threadsafe(comes(), loop).result()
        return found

    async def comes() -> None:
        await store.documents.keep(case.id, PDF, HASH)
        await sent_by_the_applicant(store, case, reply, State.OWED)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(retention, "quiet_cases", find_just_before_it_comes)
    await look(store, FAR)

    row = await store.read(lambda c: message_by_id(c, reply.id))
    assert row is not None, "it was taken in, and is gone"
    assert row.state is State.OWED
    assert (await store.read(ledger)).totals.owed == 1


async def test_a_document_of_what_is_about_to_come_keeps_its_case(store: Store) -> None:
    case = await an_accepted_case(store)
    at_once = Terms(NOTHING, NOTHING, NOTHING)
    await look(store, FAR, Terms(NOTHING, NOTHING, timedelta(days=100_000)))
    await store.documents.keep(case.id, PDF, HASH)
    await look(store, datetime.now(UTC) + timedelta(minutes=1), at_once)
    assert store.documents.load(case.id, HASH) == PDF
    assert await store.read(lambda c: case_by_id(c, case.id)) is not None
    await look(store, FAR, at_once)
    assert await rows(store) == {}
    assert await store.documents.hashes_of(case.id) == set()


async def test_what_was_refused_at_the_door_goes_too(store: Store) -> None:
    letter = a_dead_letter(id=uuid4())
    await store.run(lambda c: bury(c, letter))
    await store.run(lambda c: discard(c, letter.id, "a test", NOW))
    await look(store, NOW + TERMS.journal - timedelta(seconds=1))
    assert await rows(store) == {"dead_letters": 1}
    await look(store, NOW + TERMS.journal)
    assert await rows(store) == {}


async def rows(store: Store) -> dict[str, int]:
    """How many rows each table has, if any."""

    def count(connection: Connection) -> dict[str, int]:
        tables = metadata.sorted_tables
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }

    return {name: n for name, n in (await store.read(count)).items() if n}

"""Looking without touching: what is owed to authorities, page by page, and a store only read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.store import (
    Case,
    Connection,
    NewMessage,
    Sealer,
    State,
    Store,
    StoreAway,
    owed_downward,
    read_store,
)
from hub.store.connect import connect
from tests.store.building import a_case, a_message, an_update, put
from tests.store.conftest import Opener


def entering(case: Case, *messages: NewMessage) -> Callable[[Connection], None]:
    return lambda connection: put(connection, case, *messages)


async def test_what_is_owed_to_authorities_comes_page_by_page_with_its_case(store: Store) -> None:
    cases = [a_case(authority=f"99000{number}") for number in range(5)]
    owed = [a_message(case) for case in cases]
    for case, message in zip(cases, owed, strict=True):
        done = a_message(case, state=State.ACCEPTED, owes=None, due_at=None)
        await store.run(entering(case, done, message, an_update(case)))

    def pages(connection: Connection) -> Iterator[list[tuple[MessageUuid, str]]]:
        after = None
        while page := owed_downward(connection, after=after, limit=2):
            yield [(message.id, case.authority) for message, case in page]
            after = page[-1][0].id

    found = await store.read(lambda connection: list(pages(connection)))
    assert [len(page) for page in found] == [2, 2, 1]
    expected = {(message.id, message.authority) for message in owed}
    assert {each for page in found for each in page} == expected
    first, case = (await store.read(lambda c: owed_downward(c, limit=1)))[0]
    assert (first.content, first.case) == (b"sealed", case.id)


async def test_a_store_that_is_only_read_finds_what_is_there_and_writes_nothing(
    opener: Opener,
) -> None:
    case = a_case()
    async with opener() as store:
        await store.run(lambda c: put(c, case, a_message(case)))
    async with read_store(opener.url, opener.documents, opener.sealer) as reader:
        [(message, found)] = await reader.read(lambda c: owed_downward(c, limit=9))
        assert (message.case, found) == (case.id, case)
        with pytest.raises((StoreAway, DBAPIError)):
            await reader.read(lambda c: c.execute(text("DELETE FROM messages")))


async def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, sealer: Sealer) -> None:
    async def opened(url: str, documents: Path) -> None:
        async with read_store(url, documents, sealer):
            pass

    with pytest.raises(PermanentFailure, match=r"none/hub\.db is missing"):
        await opened(f"sqlite:///{tmp_path}/none/hub.db", tmp_path)
    (tmp_path / "hub.db").touch()
    with pytest.raises(PermanentFailure, match="none is missing"):
        await opened(f"sqlite:///{tmp_path}/hub.db", tmp_path / "none")
    assert not (tmp_path / "none").exists()


async def test_a_store_of_another_version_is_left_as_it_is(opener: Opener) -> None:
    async with opener():
        pass
    engines = connect(opener.url)
    with engines.writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    engines.dispose()
    with pytest.raises(PermanentFailure, match="another version"):
        async with read_store(opener.url, opener.documents, opener.sealer):
            pass

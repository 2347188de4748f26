import asyncio
import threading
from datetime import timedelta

import pytest

from hub.store import (
    Connection,
    State,
    Store,
    delete_cases,
    finish,
    forget_content,
    insert_case,
    insert_message,
    messages_of,
    quiet_cases,
)
from tests.store.building import NOW, a_case, a_message, put
from tests.store.conftest import Opener


async def test_content_is_forgotten_only_once_it_has_served(store: Store) -> None:
    case = a_case()
    accepted, dead, owed = (a_message(case) for _ in range(3))
    retention = NOW + timedelta(days=7)
    await store.run(lambda c: put(c, case, accepted, dead, owed))
    await store.run(
        lambda c: finish(c, accepted.id, State.ACCEPTED, NOW, keep_content_until=retention)
    )
    await store.run(lambda c: finish(c, dead.id, State.DEAD, NOW, keep_content_until=retention))

    assert await store.run(lambda c: forget_content(c, retention - timedelta(seconds=1))) == 0
    assert await store.run(lambda c: forget_content(c, retention)) == 1
    assert await store.run(lambda c: forget_content(c, retention)) == 0

    rows = {m.id: m.content for m in await store.read(lambda c: messages_of(c, case.id))}
    assert rows == {accepted.id: None, dead.id: b"sealed", owed.id: b"sealed"}


async def test_a_case_goes_only_if_nothing_comes_to_it_that_another_hub_is_just_taking_in(
    opener: Opener, store: Store
) -> None:
    if opener.url.startswith("sqlite"):
        pytest.skip("SQLite has one hub, and one that writes")
    case, later = a_case(), NOW + timedelta(days=1)
    await store.run(lambda c: insert_case(c, case))
    taking_in, go_on = threading.Event(), threading.Event()

    def take_in(connection: Connection) -> None:
        insert_message(connection, a_message(case))
        taking_in.set()
        assert go_on.wait(5)

    async with opener() as another:
        other = asyncio.create_task(another.run(take_in))
        await asyncio.to_thread(taking_in.wait, 5)
        assert await store.read(lambda c: quiet_cases(c, later, 10)) == [case.id]
        deleting = asyncio.create_task(store.run(lambda c: delete_cases(c, [case.id], later)))
        await asyncio.sleep(0.3)  # until it waits for the other
        go_on.set()
        await asyncio.gather(other, deleting)

    [row] = await store.read(lambda c: messages_of(c, case.id))
    assert row.state is State.OWED

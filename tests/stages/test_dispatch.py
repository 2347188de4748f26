"""DISPATCH outlives whatever its broker does: it is what brings everything back afterwards."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pytest

from hub.broker import Publisher
from hub.stages.dispatch import Dispatch
from hub.store import Store
from tests.store.building import AGAIN, NOW, a_case, a_message, put


class Published:
    """A publisher that notes the first message."""

    connected = True

    def __init__(self) -> None:
        self.first = asyncio.Event()

    async def publish(self, *_message: object, **_properties: object) -> None:
        self.first.set()


@pytest.mark.parametrize("failure", [TimeoutError(), ConnectionError("lost")])
async def test_a_broker_that_goes_while_it_is_asked_ends_one_look_only(
    store: Store, failure: Exception
) -> None:
    case = a_case()
    await store.run(lambda c: put(c, case, a_message(case, due_at=NOW)))
    failures: list[Exception] = [failure]

    async def depths(_queues: Iterable[str]) -> Mapping[str, int]:
        if failures:
            raise failures.pop()
        return {}

    published: Any = Published()
    dispatch = Dispatch(store, cast("Publisher", published), depths, lambda: NOW, AGAIN)
    running = asyncio.create_task(dispatch.run())
    noticed = asyncio.create_task(published.first.wait())
    async with asyncio.timeout(30):
        await asyncio.wait([running, noticed], return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert failures == []
    assert published.first.is_set()
    noticed.cancel()

"""The door for Prometheus."""

import aiohttp
import pytest

from hub.store import Store, bury
from tests.store.building import a_case, a_dead_letter, a_message, put
from tests.web.given import TOKENS


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[name]}"}


async def test_it_tells_what_waits_and_what_was_committed(
    doors: aiohttp.ClientSession, store: Store
) -> None:
    case = a_case()
    await store.run(lambda c: put(c, case, a_message(case)))
    await store.run(lambda c: bury(c, a_dead_letter(cause="X001")))

    async with doors.get("/metrics", headers=bearer("viewer")) as response:
        assert response.status == 200
        text = await response.text()
    assert 'hub_unfinished_messages{authority="990001",owes="deliver",state="owed"} 1.0' in text
    assert 'hub_dead_letters{cause="X001"} 1.0' in text
    assert "hub_broker_ready 1.0" in text


@pytest.mark.parametrize(("name", "status"), [("system", 403), ("portal", 403)])
async def test_it_is_for_viewers(doors: aiohttp.ClientSession, name: str, status: int) -> None:
    async with doors.get("/metrics", headers=bearer(name)) as response:
        assert response.status == status
    async with doors.get("/metrics") as response:
        assert response.status == 401

"""Next attempts are moved and parked places probed by calls, as on the pages and by command."""

from typing import Any
from uuid import uuid4

import aiohttp

from hub.store import Store, acts, park, parkings
from tests.store.building import NOW, a_case, a_message, put_postponed
from tests.web.api.conftest import bearer

LATER = NOW.replace(year=2099)


async def asked(
    api: aiohttp.ClientSession, path: str, body: object = None, role: str = "operator"
) -> tuple[int, Any]:
    async with api.post(f"/api/v1{path}", json=body or {}, headers=bearer(role)) as response:
        return response.status, await response.json() if response.status != 204 else None


async def test_a_message_is_tried_now_or_at_another_time(
    api: aiohttp.ClientSession, store: Store
) -> None:
    case = a_case()
    message, behind = a_message(case), a_message(case)
    await store.run(lambda c: put_postponed(c, case, message, behind, until=LATER))
    path = f"/messages/{message.id}/next-attempt"
    assert (await asked(api, path, role="viewer"))[0] == 403
    status, told = await asked(api, path, {"at": "2098-01-02T03:04:05+01:00"})
    assert (status, told["due_at"], told["held"]) == (200, "2098-01-02T02:04:05Z", None)
    status, told = await asked(api, path)
    assert (status, told["case"], told["held"]) == (200, str(case.id), None)

    assert (await asked(api, path, {"at": "tomorrow"}))[0] == 422
    status, told = await asked(api, f"/messages/{behind.id}/next-attempt")
    assert (status, told["cause"]) == (409, "message.waits")
    status, told = await asked(api, f"/messages/{uuid4()}/next-attempt")
    assert (status, told["cause"]) == (404, "message.unknown")


async def test_a_place_is_probed_and_all_that_waits_for_it_is_tried(
    api: aiohttp.ClientSession, store: Store
) -> None:
    case = a_case()
    message, place = a_message(case), case.authority
    await store.run(lambda c: put_postponed(c, case, message, until=LATER))
    await store.run(lambda c: park(c, place, "endpoint.down", NOW, LATER))

    status, told = await asked(api, f"/messages/{message.id}/next-attempt")
    assert (status, told["held"]) == (200, "parked")
    assert await asked(api, f"/places/{place}/probe") == (204, None)
    (parking,) = await store.read(parkings)
    assert parking.next_probe < LATER
    other = a_case()
    await store.run(lambda c: put_postponed(c, other, a_message(other), until=LATER))
    assert await asked(api, f"/places/{place}/try-now") == (200, {"messages": 1})

    status, told = await asked(api, "/places/990002/probe")
    assert (status, told["cause"]) == (409, "place.not_parked")
    actions = [each.act.action for each in await store.read(acts)]
    assert actions == ["message.next_attempt", "authority.probe", "place.try_now"]

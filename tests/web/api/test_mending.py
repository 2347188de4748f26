"""A case is forwarded and a dead letter corrected by calls, as on the pages and by command."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from hub.store import Store, acts
from hub.web.building import build
from hub.web.server import serving
from tests.builders import a_submission
from tests.stages.given import an_accepted_case
from tests.web.console.test_edits import RIGHT, ROUTING, WRONG, access_file, letter, workshop
from tests.web.given import AHub, Routes, Settings

__all__ = ["access_file", "letter", "workshop"]


@pytest.fixture
async def api(
    access_file: Any, broker: Any, store: Store, workshop: Any
) -> AsyncIterator[aiohttp.ClientSession]:
    from adapters.xauslaender import adapter
    from hub.routing import RoutingTable

    two = ROUTING + ROUTING.splitlines()[-1].replace("990001", "990002") + "\n"
    routes = Routes(RoutingTable.parse(two, {"xauslaender": adapter}))
    hub = AHub(Settings(access_file), broker, store, workshop, routes=routes)
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}/api/v1/") as client,
    ):
        yield client


async def asked(
    api: aiohttp.ClientSession, name: str, path: str, body: object = None
) -> tuple[int, Any]:
    """Post where there is a body (`{}`: an empty one), else get."""
    headers = {"Authorization": f"Bearer {name}"}
    method = "GET" if body is None else "POST"
    async with api.request(method, path, json=body, headers=headers) as response:
        return response.status, await response.json() if response.status != 204 else None


async def test_one_proposes_and_another_approves(
    api: aiohttp.ClientSession, store: Store, letter: UUID
) -> None:
    status, opened = await asked(api, "ola", f"dead-letters/{letter}/open", {})
    assert (status, WRONG in opened["content"]) == (200, True)
    new = {"content": opened["content"].replace(WRONG, RIGHT), "reason": "a wrong place"}
    status, edit = await asked(api, "ola", f"dead-letters/{letter}/edits", new)
    assert (status, edit["state"], edit["proposed_by"]) == (201, "proposed", "token:ola")
    assert await asked(api, "ida", "edits") == (200, [edit])
    assert await asked(api, "ida", f"dead-letters/{letter}/edits") == (200, [edit])

    path = f"edits/{edit['id']}"
    assert (await asked(api, "ida", f"{path}/open", {}))[0] == 403
    status, shown = await asked(api, "kim", f"{path}/open", {})
    assert (status, shown["problems"], RIGHT in shown["difference"]) == (200, [], True)
    seen = {"sha256": edit["sha256"]}
    status, told = await asked(api, "ola", f"{path}/approve", seen)
    assert (status, told["cause"]) == (422, "edit.same_person")
    status, approved = await asked(api, "kim", f"{path}/approve", seen)
    assert (status, approved["letter"], approved["sha256"]) == (200, str(letter), edit["sha256"])
    status, told = await asked(api, "kim", f"{path}/withdraw", {})
    assert (status, told["cause"]) == (422, "edit.decided")

    actions = [each.act.action for each in await store.read(acts)]
    assert actions == ["dead.open", "edit.propose", "edit.open", "edit.approve"]


async def test_a_proposal_is_given_up_and_what_is_wrong_is_named(
    api: aiohttp.ClientSession, letter: UUID
) -> None:
    _, opened = await asked(api, "ola", f"dead-letters/{letter}/open", {})
    wrong = opened["content"].replace('"gender": "w"', '"gender": "q"')
    path = f"dead-letters/{letter}/edits"
    status, told = await asked(api, "ola", path, {"content": wrong, "reason": "to see"})
    assert (status, told["location"]) == (422, "details.person.gender")
    right = {"content": opened["content"].replace(WRONG, RIGHT), "reason": "a wrong place"}
    _, edit = await asked(api, "ola", path, right)
    assert (await asked(api, "ola", f"edits/{edit['id']}/withdraw", {}))[0] == 204
    assert await asked(api, "ola", "edits") == (200, [])


async def test_a_case_goes_on_to_another_authority(
    api: aiohttp.ClientSession, store: Store
) -> None:
    case = await an_accepted_case(store, a_submission(id=uuid4(), documents=0))
    body = {"authority": "990002", "reason": "not competent"}
    status, told = await asked(api, "ida", f"cases/{case.id}/forward", body)
    assert (status, told["cause"]) == (409, "case.submitted"), "nobody said it is not competent"
    status, told = await asked(api, "ida", f"cases/{uuid4()}/forward", body)
    assert (status, told["cause"]) == (404, "case.unknown")


@pytest.mark.parametrize(
    "path", ["edits/{}/open", "edits/{}/withdraw", "dead-letters/{}/open", "dead-letters/{}/edits"]
)
async def test_what_is_not_there_is_told(api: aiohttp.ClientSession, path: str) -> None:
    body = {"content": "{}", "reason": "x"} if path.endswith("edits") else {}
    assert (await asked(api, "ola", path.format(uuid4()), body))[0] == 404


@pytest.mark.parametrize("reason", ["", " ", "\0", "a\0b", "x" * 501])
async def test_a_reason_is_something_to_read(api: aiohttp.ClientSession, reason: str) -> None:
    body = {"authority": "990002", "reason": reason}
    assert (await asked(api, "ida", f"cases/{uuid4()}/forward", body))[0] == 422

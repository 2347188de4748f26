import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.sandbox.samples import Destination, Sample, samples
from hub.sandbox.system import build
from hub.xml import parse
from tests.sandbox.serving import serving
from tests.sandbox.wires import on_the_wire

TOKEN = "muster"
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}


class Door:
    """The hub's door for returns: says what it is told to, then takes everything."""

    def __init__(self, *first: int) -> None:
        self.statuses = list(first)
        self.taken: list[tuple[str, str]] = []
        self.allowed: set[str] = set()
        self.came = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        self.allowed.add(request.headers["authorization"])
        body = await request.body()
        status = self.statuses.pop(0) if self.statuses else 202
        if status == 202:
            self.taken.append((request.path_params["authority"], str(parse(body).tag)))
            self.came.set()
        return Response(status_code=status)

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                self.came.clear()
                await self.came.wait()


@pytest.fixture
def sample(offers: Sequence[Destination]) -> Sample:
    return samples(offers, 1)[0]


def door_app(door: Door) -> Starlette:
    return Starlette(routes=[Route("/returns/{authority}", door.__call__, methods=["POST"])])


async def test_a_taken_message_is_answered_with_updates_in_order_though_the_hub_was_away(
    sample: Sample, tmp_path: Path
) -> None:
    door = Door(503, 500)
    async with serving(door_app(door)) as hub:
        app = build(tmp_path, returns_url=f"{hub}/returns", token=TOKEN)
        async with serving(app) as system, aiohttp.ClientSession(headers=ALLOWED) as session:
            url = f"{system}/systems/nord/{sample.authority}"
            async with session.post(url, data=on_the_wire(sample)[0]) as response:
                assert response.status == 200
                assert (await response.json())["receipt"]
            await door.wait_for(len(sample.course.letters))
            async with session.get(f"{system}/book") as response:
                book = await response.json()
    assert [authority for authority, _ in door.taken] == [sample.authority] * 3
    numbers = [tag.rpartition(".")[2] for _, tag in door.taken]
    assert numbers == ["130104", "130104", "130105"]
    assert door.allowed == {f"Bearer {TOKEN}"}
    assert [update["kind"] for update in book["updates"]] == list(sample.course.letters)
    assert [message["times"] for message in book["messages"]] == [1]


async def test_what_is_still_owed_survives_the_end_of_the_system(
    sample: Sample, tmp_path: Path
) -> None:
    unreachable = build(tmp_path, returns_url="http://127.0.0.1:9/returns", token=TOKEN)
    async with serving(unreachable) as system, aiohttp.ClientSession(headers=ALLOWED) as session:
        url = f"{system}/systems/nord/{sample.authority}"
        async with session.post(url, data=on_the_wire(sample)[0]) as response:
            assert response.status == 200
    door = Door()
    async with (
        serving(door_app(door)) as hub,
        serving(build(tmp_path, returns_url=f"{hub}/returns", token=TOKEN)),
    ):
        await door.wait_for(len(sample.course.letters))


async def test_an_update_that_the_hub_refuses_for_good_is_not_sent_again(
    sample: Sample, tmp_path: Path
) -> None:
    door = Door(422)
    async with serving(door_app(door)) as hub:
        app = build(tmp_path, returns_url=f"{hub}/returns", token=TOKEN)
        async with serving(app) as system, aiohttp.ClientSession(headers=ALLOWED) as session:
            url = f"{system}/systems/nord/{sample.authority}"
            async with session.post(url, data=on_the_wire(sample)[0]) as response:
                assert response.status == 200
            await door.wait_for(len(sample.course.letters) - 1)
            async with session.get(f"{system}/book") as response:
                updates = (await response.json())["updates"]
    assert [update["refused_with"] for update in updates] == [422, None, None]


async def test_a_stranger_is_refused(sample: Sample, tmp_path: Path) -> None:
    app = build(tmp_path, returns_url="http://127.0.0.1:9/returns", token=TOKEN)
    async with serving(app) as system, aiohttp.ClientSession() as session:
        url = f"{system}/systems/nord/{sample.authority}"
        async with session.post(url, data=on_the_wire(sample)[0]) as response:
            assert response.status == 401
        async with session.get(f"{system}/book") as response:
            assert (await response.json())["messages"] == []

"""Health tells the truth."""

import asyncio
import threading

import aiohttp
import pytest

from hub.broker import Broker
from hub.routing import Problem, RoutingError
from hub.store import Store
from hub.store.connect import READERS
from hub.web import health
from tests.web.given import AHub


async def ready(doors: aiohttp.ClientSession) -> tuple[int, dict[str, object]]:
    async with doors.get("/health/ready") as response:
        return response.status, await response.json()


async def test_a_hub_that_can_work_is_ready(doors: aiohttp.ClientSession) -> None:
    everything = {
        "state": "ready",
        "broker": True,
        "store": True,
        "routing": True,
        "attended": True,
    }
    assert await ready(doors) == (200, everything)
    async with doors.get("/health/live") as response:
        assert (response.status, await response.json()) == (200, {"live": True})


async def test_a_broken_routing_file_degrades_and_does_not_stop(
    doors: aiohttp.ClientSession, hub: AHub
) -> None:
    hub.routes.error = RoutingError("routing.yaml", [Problem(1, "secret of the house")])
    status, told = await ready(doors)
    assert (status, told["state"], told["routing"]) == (200, "degraded", False)
    assert "secret" not in str(told)


@pytest.mark.parametrize(("scanner", "state"), [(True, "ready"), (False, "degraded")])
async def test_a_virus_scanner_that_is_away_is_told(
    doors: aiohttp.ClientSession, hub: AHub, scanner: bool, state: str
) -> None:
    hub.scanner = scanner
    status, told = await ready(doors)
    assert (status, told["state"], told["scanner"]) == (200, state, scanner)


async def test_without_its_broker_a_hub_is_live_but_not_ready(
    doors: aiohttp.ClientSession, hub: AHub
) -> None:
    hub.broker = Broker(["amqp://127.0.0.1:1/"], name="never connected")
    status, told = await ready(doors)
    assert (status, told["state"], told["broker"]) == (503, "not ready", False)
    async with doors.get("/health/live") as response:
        assert response.status == 200


async def test_a_store_that_does_not_answer_in_time_is_told(
    doors: aiohttp.ClientSession, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_SECONDS_FOR_THE_STORE", 0.2)
    go_on = threading.Event()
    stuck = [asyncio.create_task(store.read(lambda _: go_on.wait())) for _ in range(READERS)]
    status, told = await ready(doors)
    go_on.set()
    await asyncio.gather(*stuck)
    assert (status, told["state"], told["store"]) == (503, "not ready", False)
    assert (await ready(doors))[0] == 200


async def test_there_are_no_other_doors(doors: aiohttp.ClientSession) -> None:
    async with doors.get("/nothing") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
    async with doors.get("/returns/001900") as response:
        assert response.status == 405

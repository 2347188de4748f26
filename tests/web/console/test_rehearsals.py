"""A rehearsal on the page of the routes: begun, watched, read, stopped; and by whom."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from lxml import html
from playwright.async_api import Page, expect

from hub.broker import Broker
from hub.routing import RoutingTable
from hub.store import Store, acts
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from tests.rehearsal.vendors import VENDOR, a_table_text
from tests.web.console.browsing import DESK, PHONE, a_browser, fits, looking
from tests.web.console.test_axe import serious
from tests.web.console.test_dead import access_file, page, text_of
from tests.web.given import AHub, Routes, Settings

__all__ = ["access_file"]

DONE = "1 of 1 groups newly fail or lose something."


def a_table(then: str) -> RoutingTable:
    return RoutingTable.parse(a_table_text(then), {"trial": VENDOR})


@pytest.fixture
async def hub(
    access_file: Any, broker: Broker, store: Store, workshop: Workshop
) -> AsyncIterator[AHub]:
    """One whose authority cannot be written to from its next cut-over on."""
    hub = AHub(Settings(access_file), broker, store, workshop, Routes(a_table("refuses")))
    yield hub
    await hub.rehearsals.close()


@pytest.fixture
async def url(hub: AHub) -> AsyncIterator[str]:
    async with serving(build(hub), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def operator(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with client.post("/sign-in/", data={"token": "operator"}) as response:
            assert response.status == 200
        yield client


async def send(
    client: aiohttp.ClientSession, action: str, status: int = 200, **fields: str
) -> tuple[str, str]:
    """Send a form of the page of the routes; where one ends, and what is said there."""
    token = (await page(client, "/console/routes")).xpath("//input[@name='form_token']/@value")[0]
    data = {"form_token": token, **fields}
    async with client.post(action, data=data) as response:
        assert response.status == status, await response.text()
        return response.url.path, text_of(html.fromstring(await response.text()))


async def asked(url: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    headers = {"Authorization": "Bearer operator"}
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.request(method, f"{url}/api/v1{path}", json=body) as response,
    ):
        return response.status, await response.json()


async def ended(url: str, id_: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            status, told = await asked(url, "GET", f"/rehearsals/{id_}")
            assert status == 200
            if told["ended_at"] is not None:
                return told
            await asyncio.sleep(0.1)


async def test_a_person_rehearses_the_next_cut_over_and_reads_what_would_break(url: str) -> None:
    async with a_browser() as browser, looking(browser, url, width=DESK) as context:
        shown = await context.new_page()
        await _sign_in(shown)
        await shown.goto("/console/routes")
        await shown.get_by_role("button", name="Rehearse the table in force").click()
        # The page says by itself, and to who hears it, how far it is and that it is done.
        await expect(shown.get_by_role("status")).to_contain_text(DONE, timeout=60_000)
        await expect(shown.get_by_text("This version has no families.")).to_be_visible()
        found = await serious(shown)
        await shown.set_viewport_size({"width": PHONE, "height": 844})
        await shown.reload()
        found += await serious(shown)
        await fits(shown)
        assert "\n".join(found) == ""


async def _sign_in(shown: Page) -> None:
    await shown.goto("/sign-in/")
    await shown.get_by_label("Token").fill("operator")
    await shown.get_by_role("button", name="Sign in", exact=True).click()
    await shown.wait_for_url("**/console")


async def test_a_candidate_comes_from_a_file_and_is_rehearsed(url: str, tmp_path: Any) -> None:
    (tmp_path / "new.yaml").write_text(a_table_text("well", name="Neustadt"))
    async with a_browser() as browser, looking(browser, url) as context:
        shown = await context.new_page()
        await _sign_in(shown)
        await shown.goto("/console/routes")
        await shown.get_by_label("Or take it from a file").set_input_files(tmp_path / "new.yaml")
        await expect(shown.locator("#candidate")).to_have_value(
            a_table_text("well", name="Neustadt")
        )
        await shown.get_by_role("button", name="Rehearse this candidate").click()
        await expect(shown.get_by_role("status")).to_contain_text("Nothing newly", timeout=60_000)
        await expect(shown.get_by_text("name Musterstadt → Neustadt")).to_be_visible()


async def test_one_at_a_time_stopped_by_whoever_may_and_written_down(
    url: str, hub: AHub, store: Store, operator: aiohttp.ClientSession
) -> None:
    hub.routes.table = a_table("hangs")
    path, said = await send(operator, "/console/rehearsals", on="2099-06-01")
    assert "Rehearsal of the table in force on 2099-06-01" in said
    _, said = await send(operator, "/console/rehearsals", 422)
    assert "Another rehearsal is under way" in said
    status, told = await asked(url, "POST", "/rehearsals", {})
    assert (status, told["cause"]) == (409, "rehearsal.busy")
    assert "running" in text_of(await page(operator, "/console/routes"))
    await send(operator, f"{path}/stop")
    told = await ended(url, path.rpartition("/")[2])
    assert (told["stopped"], told["report"], told["failure"]) == (True, None, None)
    assert "Stopped" in text_of(await page(operator, path))
    [act] = [each.act for each in await store.read(acts) if each.act.action != "signed_in"]
    assert (act.actor, act.action, act.subject) == (
        "token:operator",
        "routes.rehearse",
        path.rpartition("/")[2],
    )


async def test_the_same_by_calls(url: str) -> None:
    status, begun = await asked(url, "POST", "/rehearsals", {})
    assert (status, begun["what"]) == (202, "the next cut-over of each authority")
    told = await ended(url, begun["id"])
    [group] = told["report"]["groups"]
    assert (told["report"]["holds"], group["fails"][0]["kinds"]) == (False, ["family"])
    assert (await asked(url, "GET", "/rehearsals"))[1] == [told]
    assert (await asked(url, "POST", f"/rehearsals/{begun['id']}/stop"))[1] == told


async def test_what_the_vendor_breaks_is_told_and_the_hub_goes_on(url: str, hub: AHub) -> None:
    hub.routes.table = a_table("ends")
    _, begun = await asked(url, "POST", "/rehearsals", {})
    told = await ended(url, begun["id"])
    assert "Its process ended (exit code 3)" in told["failure"]
    assert (await asked(url, "POST", "/rehearsals", {}))[0] == 202


@pytest.mark.parametrize(
    ("action", "fields", "status", "said"),
    [
        ("/console/rehearsals", {"candidate": " "}, 422, "Paste the candidate"),
        ("/console/rehearsals", {"on": "tomorrow"}, 422, "Write the day as"),
        ("/console/routes", {"candidate": "[" * 600}, 200, "This is no routing table"),
    ],
)
async def test_what_makes_no_sense_is_told(
    operator: aiohttp.ClientSession, action: str, fields: dict[str, str], status: int, said: str
) -> None:
    assert said in (await send(operator, action, status, **fields))[1]


async def test_a_text_that_is_larger_than_a_table_is_refused(
    operator: aiohttp.ClientSession,
) -> None:
    large = io.BytesIO(b"candidate=" + b"x" * 1024 * 1024)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with operator.post("/console/rehearsals", data=large, headers=headers) as response:
        assert (response.status, "exceeded maximum" in await response.text()) == (400, True)

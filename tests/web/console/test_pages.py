"""What operators read: the overview, authorities, search and journeys."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiohttp
import pytest
from lxml import html

from hub.store import (
    Case,
    Connection,
    Event,
    State,
    Store,
    add_beats,
    bury,
    finish,
    minute_of,
    park,
    record,
)
from tests.store.building import a_case, a_dead_letter, a_message, put
from tests.web.given import AUTHORITY, TOKENS


@pytest.fixture
async def viewer(console: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientSession]:
    async with console.post("/sign-in/", data={"token": TOKENS["viewer"]}) as response:
        assert response.status == 200
    return console


async def page(viewer: aiohttp.ClientSession, path: str, status: int = 200) -> html.HtmlElement:
    async with viewer.get(path) as response:
        assert response.status == status
        return html.fromstring(await response.text())


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def tiles(overview: html.HtmlElement) -> dict[str, str]:
    return {text_of(t.find("span")): text_of(t.find("b")) for t in overview.find_class("tile")}


def now() -> datetime:
    return datetime.now(UTC)


async def a_dead_case(store: Store, cause: str = "refused.X001") -> Case:
    case = a_case(authority=AUTHORITY, service="family", created_at=now())
    message = a_message(case, id=case.id, wire=case.id)

    def unit(connection: Connection) -> None:
        put(connection, case, message)
        finish(connection, message.id, State.DEAD, now(), cause=cause)
        record(
            connection, Event(case.id, message.id, now(), "dead", "deliver", authority=AUTHORITY)
        )
        bury(connection, a_dead_letter(message=message.id, case=case.id, cause=cause))

    await store.run(unit)
    return case


async def test_an_empty_hub_is_well(viewer: aiohttp.ClientSession) -> None:
    overview = await page(viewer, "/console")
    assert [text_of(each) for each in overview.find_class("all-well")] == ["All is well."]
    assert tiles(overview)["owed"] == "0"
    assert tiles(overview)["broker"] == "ready"


async def test_what_is_wrong_leads_to_where_it_can_be_seen(
    viewer: aiohttp.ClientSession, store: Store
) -> None:
    await a_dead_case(store)
    await store.run(lambda c: park(c, AUTHORITY, "endpoint.down", now(), now()))
    overview = await page(viewer, "/console")
    concerns = [(text_of(a), a.get("href")) for a in overview.cssselect(".concerns a")]
    assert concerns[0] == ("1 dead letter waits for a decision.", "/console/dead")
    assert concerns[1][0].startswith(f"Authority {AUTHORITY} cannot be reached since")
    assert concerns[1][1] == f"/console/authorities/{AUTHORITY}"
    assert tiles(overview)["dead letters"] == "1"


async def test_the_overview_goes_on_telling(viewer: aiohttp.ClientSession, store: Store) -> None:
    async with viewer.get("/console/live") as stream:
        assert stream.content_type == "text/event-stream"
        assert "All is well." in (await stream.content.readuntil(b"\n\n")).decode()
        await a_dead_case(store)
        told = ""
        while "dead letter" not in told:
            told = (await stream.content.readuntil(b"\n\n")).decode()


async def test_pictures_say_in_words_what_they_show(
    viewer: aiohttp.ClientSession, store: Store
) -> None:
    counted = {(minute_of(now()), "accepted"): 7, (minute_of(now()), "dead"): 1}
    await store.run(lambda c: add_beats(c, counted, {}))
    overview = await page(viewer, "/console")
    titles = [text_of(title) for title in overview.iter("title") if title.getparent().tag == "svg"]
    assert "Last hour, to authorities: 7 accepted, 1 dead letters" in titles


async def test_authorities_show_their_system_and_its_formats(
    viewer: aiohttp.ClientSession, store: Store
) -> None:
    await a_dead_case(store)
    await store.run(lambda c: add_beats(c, {}, {AUTHORITY: now() - timedelta(hours=2)}))
    (row,) = (await page(viewer, "/console/authorities")).cssselect("tbody tr")
    assert text_of(row) == "001900 Stuttgart nord http open 0 0 1 2 h ago vendor 2"
    one = await page(viewer, f"/console/authorities/{AUTHORITY}")
    assert "in force" in text_of(one)
    await page(viewer, "/console/authorities/990077", status=404)


async def test_a_case_is_found_and_its_journey_is_told(
    viewer: aiohttp.ClientSession, store: Store
) -> None:
    case = await a_dead_case(store)
    await a_dead_case(store, cause="V000")
    found = await page(viewer, "/console/search?cause=refused.X001")
    (link,) = found.cssselect("tbody a")
    assert link.get("href") == f"/console/cases/{case.id}"
    journey = text_of(await page(viewer, link.get("href")))
    assert "refused.X001" in journey
    assert "handed over: not yet" in journey
    assert "accepted: not yet" in journey
    await page(viewer, f"/console/cases/{uuid4()}", status=404)


@pytest.mark.parametrize(
    "query", ["service=famly", "since=yesterday", "behind=somewhere", "standing=odd"]
)
async def test_a_search_that_makes_no_sense_is_told(
    viewer: aiohttp.ClientSession, query: str
) -> None:
    await page(viewer, f"/console/search?{query}", status=422)


@pytest.mark.parametrize(
    "path", ["/console", "/console/live", "/console/authorities", "/console/search"]
)
async def test_nobody_reads_without_signing_in(console: aiohttp.ClientSession, path: str) -> None:
    async with console.get(path, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"].startswith("/sign-in?back=")

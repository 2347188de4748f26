"""axe-core finds nothing serious on any page of the console, however it is looked at."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from hub.stages.bookkeeping import DrawnUp, by_day
from hub.stages.placing import place_owed
from hub.store import (
    Act,
    Connection,
    Event,
    NewEdit,
    Pause,
    Seen,
    State,
    add_beats,
    audit,
    bury,
    finish,
    ledger,
    minute_of,
    park,
    pause,
    propose_edit,
    record,
)
from hub.web.access import Access, Sessions
from hub.web.building import build
from hub.web.server import serving
from tests.store.building import a_case, a_dead_letter, a_message, an_update, put
from tests.web.console.browsing import DESK, PHONE, Scheme, a_browser, fits, looking
from tests.web.given import AUTHORITY, ROUTING, AHub
from tests.web.test_roles import routes_of

CASE = a_case(authority=AUTHORITY, service="family")
LETTER = a_dead_letter(
    case=CASE.id, authority=AUTHORITY, kind="submission", cause="refused.X001", location="line 3"
)
EDIT = NewEdit(
    id=uuid4(),
    letter=LETTER.id,
    died_at=LETTER.at,
    sha256="0" * 64,
    reason="The street was cut.",
    proposed_by="token:ola",
    proposed_at=LETTER.at,
    content=b"sealed",
)
NOT_SEEN = {"/console/", "/console/live", "/console/static/{digest}/{name}"}
SEEN_ALREADY = {"/sign-in"}  # and /sign-in/
ELSEWHERE = {"/sign-in/provider", "/sign-in/provider/back"}
"""They show the provider's page, and what they refuse on the page of the sign-in."""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def hub(hub: AHub) -> AsyncIterator[AHub]:
    """One in which something is on every page, and much is wrong."""
    await hub.store.run(_furnish)
    drawn, at = await hub.store.read(ledger), datetime.now(UTC)
    placed = await place_owed(hub.store, hub.broker.depths, lambda: at, between=timedelta())
    placed = replace(placed, nowhere=("message 1: it is owed, but never due.",))
    hub.drawn_up = DrawnUp(at, drawn, by_day(drawn.balances), placed)
    yield hub
    await hub.replays.close()
    await hub.rehearsals.close()


def _furnish(connection: Connection) -> None:
    now = datetime.now(UTC)
    message = a_message(CASE, id=CASE.id, wire=CASE.id)
    put(connection, CASE, message, an_update(CASE))
    finish(connection, message.id, State.DEAD, now, cause="refused.X001")
    bury(connection, LETTER)
    propose_edit(connection, EDIT)
    record(connection, Event(CASE.id, message.id, now, "dead", "deliver", detail={"cause": "X001"}))
    park(connection, AUTHORITY, "endpoint.unreachable", now, now + timedelta(minutes=1))
    park(connection, "zbp", "endpoint.unreachable", now, now + timedelta(minutes=1))
    pause(connection, Pause(AUTHORITY, now, "token:anna", "Moving house."))
    audit(connection, Act(now, "token:anna", "opened", str(LETTER.id), {"cause": "refused.X001"}))
    add_beats(connection, {(minute_of(now), "accepted"): 3, (minute_of(now), "dead"): 1}, {})


@pytest.fixture
async def url(hub: AHub) -> AsyncIterator[str]:
    async with serving(build(hub), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def link(hub: AHub) -> str:
    secret = Sessions(hub.store.sealer, Access(None), secure=False).link("anna", "admin")
    return f"/sign-in/link/{secret}"


def pages(replay: str, rehearsal: str) -> Iterator[tuple[str, str]]:
    """Every page that a person sees: its route, and where there is something on it."""
    yield "/sign-in/", "/sign-in/"
    yield "/console", "/console"
    yield "/console/authorities", "/console/authorities"
    yield "/console/authorities/{key}", f"/console/authorities/{AUTHORITY}"
    yield "/console/mailboxes", "/console/mailboxes"
    yield "/console/queues", "/console/queues"
    yield "/console/search", "/console/search"
    yield "/console/cases/{case}", f"/console/cases/{CASE.id}"
    yield "/console/dead", "/console/dead"
    yield "/console/dead/letters", "/console/dead/letters?cause=refused.X001"
    yield "/console/dead/{id}", f"/console/dead/{LETTER.id}"
    yield "/console/edits/{id}", f"/console/edits/{EDIT.id}"
    yield "/console/replays/{id}", f"/console/replays/{replay}"
    yield "/console/routes", "/console/routes"
    yield "/console/rehearsals/{id}", f"/console/rehearsals/{rehearsal}"
    yield "/console/ledger", "/console/ledger"
    yield "/console/audit", "/console/audit?verify"


async def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical, and where."""
    await fits(page)
    results = await Axe().run(page)
    return [
        f"{page.url}: {each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in results.response["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_serious_on_any_page(
    hub: AHub, url: str, link: str, browser: Browser, width: int, scheme: Scheme
) -> None:
    replay = hub.replays.begin(
        [Seen(uuid4(), datetime.now(UTC)) for _ in range(2000)],
        actor="token:anna",
        what="cause refused.X001",
        vouched=False,
    )
    rehearsal = await hub.rehearsals.begin(
        hub.routes.table, candidate=ROUTING.replace("nord", "süd"), on=None, actor="token:anna"
    )
    found: list[str] = []
    async with looking(browser, url, width=width, scheme=scheme) as context:
        page = await context.new_page()
        await page.goto(link)
        found += await serious(page)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/console")
        for _, path in pages(str(replay.id), str(rehearsal.id)):
            await page.goto(path)
            found += await serious(page)
        await page.goto("/console/routes")
        for candidate in (ROUTING.replace("Stuttgart", "Elsewhere"), "systems: 3"):
            await page.locator("#candidate").fill(candidate)
            await page.get_by_role("button", name="Compare").click()
            await page.locator("main .notice").wait_for()
            found += await serious(page)
        await page.goto(f"/console/dead/{uuid4()}")  # there is no such letter
        found += await serious(page)
    assert "\n".join(found) == ""


async def test_no_page_is_forgotten(hub: AHub) -> None:
    shown = {path.removeprefix("GET ") for path in routes_of(build(hub).routes) if "GET" in path}
    people = {path for path in shown if path.startswith(("/console", "/sign-in"))}
    tried = {route for route, _ in pages("", "")} | {"/sign-in/link/{secret}"}
    assert tried == people - NOT_SEEN - SEEN_ALREADY - ELSEWHERE

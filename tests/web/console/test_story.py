"""The operators' story in Chromium: a red overview, its cause, the mended route, green again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from hub.app import running
from hub.broker import Broker
from hub.model.downward import Submission
from hub.settings import Settings
from hub.web.access import Access, Sessions
from hub.web.building import build
from hub.web.server import serving
from tests.builders import a_submission
from tests.way.conftest import ROUTING, World, settings, until
from tests.way.system import System, a_system
from tests.web.console.browsing import (
    DESK,
    PHONE,
    Hands,
    Keyboard,
    Mouse,
    Scheme,
    a_browser,
    fits,
    looking,
)

__all__ = ["settings"]

LOST = 3
"""Submissions that the wrong system refuses."""


@dataclass
class Office:
    """The hub, its console, and two systems: one serves 990001, the other refuses it."""

    world: World
    right: System
    wrong: System
    url: str

    def reroute(self, system: str) -> str:
        """routing.yaml with 990001 at that system."""
        table = ROUTING.format(url=self.right.url, other=self.wrong.url)
        return table.replace('["08111"], system: one', f'["08111"], system: {system}')

    def write(self, table: str) -> None:
        self.world.hub.settings.routing.write_text(table)

    async def until_route(self, system: str) -> None:
        async def found() -> bool:
            return self.world.hub.routes.table.authorities["990001"].system == system

        await until(found)

    async def submit(self) -> Submission:
        submission = a_submission(id=uuid4(), application_id=f"AT-{uuid4().hex[:8]}")
        await self.world.send(submission)
        return submission

    def link(self) -> str:
        sessions = Sessions(self.world.hub.store.sealer, Access(None), secure=False)
        return f"/sign-in/link/{sessions.link('anna', 'operator')}"


def _not_mine() -> web.Response:
    return web.json_response({"codes": ["T080"]}, status=422)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    async with a_system() as right, a_system() as wrong:
        wrong.answers.extend(_not_mine() for _ in range(LOST))
        table = ROUTING.format(url=right.url, other=wrong.url)
        settings.routing.write_text(table)
        async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
            await hub.broker.wait_ready()
            async with serving(build(hub), "127.0.0.1", 0) as port:
                world = World(hub, sender, right)
                yield Office(world, right, wrong, f"http://127.0.0.1:{port}")


@dataclass
class Person:
    """Anna, who is on duty; takes a picture of every page that she comes to."""

    office: Office
    page: Page
    hands: Hands
    album: Path
    pictures: int = 0

    async def sign_in(self) -> None:
        await self.page.goto(self.office.link())
        await self.press_button("Sign in")

    async def see(self, name: str) -> None:
        await fits(self.page)
        self.pictures += 1
        path = self.album / f"{self.pictures:02}-{name}.png"
        await self.page.screenshot(path=path, full_page=True)

    async def follow(self, name: str) -> None:
        await self.hands.press(self.page.get_by_role("link", name=name).first)

    async def press_button(self, name: str) -> None:
        await self.hands.press(self.page.get_by_role("button", name=name).first)

    async def reads(self, text: str) -> None:
        await expect(self.page.locator("main")).to_contain_text(text, timeout=30_000)


@pytest.mark.parametrize(
    ("width", "scheme", "hands"),
    [
        pytest.param(DESK, "light", Keyboard(), id="desk-light-keyboard"),
        pytest.param(DESK, "dark", Mouse(), id="desk-dark-mouse"),
        pytest.param(PHONE, "light", Mouse(), id="phone-light-mouse"),
        pytest.param(PHONE, "dark", Keyboard(), id="phone-dark-keyboard"),
    ],
)
async def test_from_a_red_overview_to_a_balanced_ledger(
    office: Office, browser: Browser, tmp_path: Path, width: int, scheme: Scheme, hands: Hands
) -> None:
    office.write(office.reroute("other"))
    await office.until_route("other")
    submissions = [await office.submit() for _ in range(LOST)]
    await office.world.until_dead(LOST)

    async with looking(browser, office.url, width=width, scheme=scheme) as context:
        anna = Person(office, await context.new_page(), hands, tmp_path)
        await anna.sign_in()

        # It is red and says why.
        await anna.reads(f"{LOST} dead letters wait for a decision.")
        await anna.reads("refused.T080")
        await anna.see("overview-red")
        watching = anna.page
        await watching.evaluate("window.neverReloaded = true")

        # To the cause, in a tab of its own: the overview stays open.
        anna.page = await context.new_page()
        await anna.page.goto("/console")
        await anna.follow(f"{LOST} dead letters wait")
        await anna.reads("refusing the message: T080")
        await anna.see("groups")
        await anna.follow("refused.T080")
        await anna.reads("System other answered 422")
        await anna.see("letters")
        await anna.hands.press(anna.page.locator("main table a.id").first)
        await anna.reads("It waits for a decision.")
        await anna.see("letter")
        await anna.follow("990001")
        await expect(anna.page.locator("dl.facts")).to_contain_text("other (production)")
        await anna.see("authority-at-the-wrong-system")

        # The route is compared, then mended on disk; the hub reads it by itself.
        mended = office.reroute("one")
        await anna.follow("Routes")
        await anna.hands.write(anna.page.get_by_label("A routing.yaml."), mended)
        await anna.press_button("Compare")
        await anna.reads("It would change:")
        await anna.see("routes")
        office.write(mended)
        await office.until_route("one")

        # The group is replayed, and its progress watched.
        await anna.follow("Dead letters")
        await anna.press_button(f"Replay all {LOST} of cause refused.T080")
        await anna.reads(f"Done: {LOST} of {LOST}.")
        await anna.see("replay")
        for submission in submissions:
            await office.world.until_state(submission, "accepted")
        assert {each.uuid for each in office.right.received} == {str(s.id) for s in submissions}

        # The overview has become green by itself, and the ledger balances.
        await expect(watching.locator(".all-well")).to_have_text("All is well.", timeout=30_000)
        assert await watching.evaluate("window.neverReloaded")
        anna.page = watching
        await anna.see("overview-green")
        await office.world.hub.bookkeeping.draw_up()
        await expect(watching.locator(".tile", has_text="ledger")).to_contain_text("balanced")
        await anna.follow("ledger")
        await anna.reads("It balances.")
        await anna.see("ledger")

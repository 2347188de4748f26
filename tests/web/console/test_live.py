"""A replay's page follows it by itself, and keeps the keyboard where it was."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from hub.store import Seen, add_beats, minute_of
from hub.web.access import Access, Sessions
from hub.web.building import build
from hub.web.console import overview
from hub.web.server import serving
from tests.web.console.browsing import a_browser, looking
from tests.web.given import AHub


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


async def test_a_replay_is_followed_without_reloading(hub: AHub, browser: Browser) -> None:
    replay = hub.replays.begin(
        [Seen(uuid4(), datetime.now(UTC)) for _ in range(100_000)],
        actor="token:anna",
        what="all",
        vouched=False,
    )
    link = Sessions(hub.store.sealer, Access(None), secure=False).link("anna", "operator")
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        looking(browser, f"http://127.0.0.1:{port}") as context,
    ):
        page = await context.new_page()
        await page.goto(f"/sign-in/link/{link}")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/console")
        await page.goto(f"/console/replays/{replay.id}")
        said = page.get_by_role("status")
        before = await said.inner_text()
        assert before.startswith("Running: ")
        await page.evaluate("window.neverReloaded = true")
        stop = page.get_by_role("button", name="Stop")
        await stop.focus()

        await expect(said).not_to_have_text(before, timeout=30_000)
        await expect(stop).to_be_focused()
        replay.stop.set()
        await expect(said).to_contain_text("Stopped: ", timeout=30_000)
        await expect(stop).to_have_count(0)
        assert await page.evaluate("window.neverReloaded")
    await hub.replays.close()


async def test_the_pictures_are_drawn_anew_without_reloading(
    hub: AHub, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_DRAWN_EVERY", timedelta())
    link = Sessions(hub.store.sealer, Access(None), secure=False).link("anna", "viewer")
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        looking(browser, f"http://127.0.0.1:{port}") as context,
    ):
        page = await context.new_page()
        await page.goto(f"/sign-in/link/{link}")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("Last hour, to authorities: nothing")).to_be_visible()
        now = minute_of(datetime.now(UTC))
        await hub.store.run(lambda c: add_beats(c, {(now, "accepted"): 3}, {}))
        seen = page.locator("figcaption", has_text="Last hour, to authorities: 3 accepted")
        await expect(seen).to_be_visible(timeout=30_000)

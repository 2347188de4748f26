"""Through the real pages: one is told what is wrong, mends it, and another lets it pass."""

from collections.abc import AsyncIterator
from uuid import UUID

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from tests.web.console.browsing import DESK, PHONE, Scheme, a_browser, looking
from tests.web.console.test_axe import serious
from tests.web.console.test_edits import (
    RIGHT,
    WRONG,
    access_file,
    letter,
    routes,
    workshop,
)

__all__ = ["access_file", "letter", "routes", "workshop"]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


async def sign_in(page: Page, name: str) -> None:
    await page.goto("/sign-in/")
    await page.get_by_label("Token").fill(name)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/console")


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
async def test_an_edit_from_the_letter_to_the_replay(
    console: aiohttp.ClientSession, browser: Browser, letter: UUID, width: int, scheme: Scheme
) -> None:
    url = str(console._base_url)
    async with looking(browser, url, width=width, scheme=scheme) as ola:
        page = await ola.new_page()
        await sign_in(page, "ola")
        await page.goto(f"/console/dead/{letter}")
        await page.get_by_role("button", name="Edit the content").click()
        content = page.get_by_label("Content")
        right = (await content.input_value()).replace(WRONG, RIGHT)
        await content.fill(right.replace('"gender": "w"', '"gender": "q"'))
        await page.get_by_label("Why it is changed").fill("a wrong place")
        await page.get_by_role("button", name="Check and propose").click()
        assert "details.person.gender" in await page.locator("#problems").inner_text()
        found = await serious(page)
        assert '"gender": "q"' in await content.input_value()
        await content.fill(right)
        await page.get_by_role("button", name="Check and propose").click()
        await page.wait_for_url("**/console/edits/*")
        proposal = page.url
    async with looking(browser, url, width=width, scheme=scheme) as kim:
        page = await kim.new_page()
        await sign_in(page, "kim")
        await page.goto(proposal)
        await page.get_by_role("button", name="Show the difference").click()
        assert RIGHT in await page.locator("ins").nth(1).inner_text()
        found += await serious(page)
        await page.get_by_role("button", name="Approve and replay").click()
        await page.wait_for_url(f"**/console/dead/{letter}")
        assert "It was replayed, and is under way." in await page.locator("main").inner_text()
        found += await serious(page)
    assert "\n".join(found) == ""

"""A person at the console: Chromium, with a mouse or with the keyboard alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, Protocol

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright

from hub.sandbox.chromium import ChromiumMissing, find_chromium

__all__ = ["DESK", "PHONE", "Hands", "Keyboard", "Mouse", "Scheme", "a_browser", "fits", "looking"]

PHONE, DESK = 390, 1280
Scheme = Literal["light", "dark"]
_MOST_TABS = 300


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    try:
        program = find_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def looking(
    browser: Browser, url: str, *, width: int = DESK, scheme: Scheme = "light"
) -> AsyncIterator[BrowserContext]:
    """Somebody who is not signed in yet."""
    context = await browser.new_context(
        base_url=url, color_scheme=scheme, viewport={"width": width, "height": 844}
    )
    yield context
    await context.close()


async def fits(page: Page) -> None:
    """The page does not scroll sideways; a wide table does so in its own frame."""
    wide, has = await page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= has, page.url


class Hands(Protocol):
    async def press(self, target: Locator) -> None: ...

    async def write(self, target: Locator, text: str) -> None: ...


class Mouse:
    async def press(self, target: Locator) -> None:
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        await target.fill(text)


class Keyboard:
    """Reaches everything with Tab, and sees where it is."""

    async def press(self, target: Locator) -> None:
        await self._reach(target)
        await target.page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        await self._reach(target)
        await target.page.keyboard.insert_text(text)

    async def _reach(self, target: Locator) -> None:
        await target.wait_for()
        for _ in range(_MOST_TABS):
            if await target.evaluate("each => each === document.activeElement"):
                outline = await target.evaluate("each => getComputedStyle(each).outlineStyle")
                assert outline != "none", "nobody sees where the keyboard is"
                return
            await target.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

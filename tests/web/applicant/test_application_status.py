"""`<application-status>` in Chromium, on a page of another origin with a strict policy."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Error, Locator, Page, Request, Route, expect

from hub.model.letter import Part
from tests.builders import a_document
from tests.way.conftest import until
from tests.web.applicant.conftest import Case, Door
from tests.web.applicant.embedding import Portal, a_letter_of, a_portal, door, name_pages
from tests.web.console.browsing import DESK, PHONE, Scheme, a_browser, fits, looking

__all__ = ["door"]

expect.set_options(timeout=30_000)

SHADOW = "application-status"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202egnp.exe {labels}"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
async def portal(door: Door) -> AsyncIterator[Portal]:
    async with a_portal(door) as portal:
        name_pages(door, one=[portal.origin], other=[])
        yield portal


@dataclass
class Reader:
    """Somebody at the page of the authority."""

    page: Page
    door: Door
    portal: Portal
    said: list[str] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    async def visit(
        self, case: Case | str, *, lang: str | None = None, inside: str = "", at: str | None = None
    ) -> None:
        link = case if isinstance(case, str) else f"{self.door.url}{case.path}"
        attributes = f'src="{link}"' + (f' lang="{lang}"' if lang else "")
        address = self.portal.show(self.door, "status", attributes, inside)
        await self.page.goto(address.replace(self.portal.origin, at or self.portal.origin))

    async def minutes_pass(self, minutes: int) -> None:
        await self.page.clock.run_for(minutes * 60_000)

    async def until_seen(self, what: Locator, count: int = 1) -> None:
        """Minutes pass until it stands on the page so many times."""

        async def seen() -> bool:
            await self.minutes_pass(1)
            return await what.count() == count

        await until(seen)


@pytest.fixture
async def reader(browser: Browser, door: Door, portal: Portal) -> AsyncIterator[Reader]:
    async with looking(browser, portal.origin) as context:
        page = await context.new_page()
        await page.clock.install()
        reader = Reader(page, door, portal)
        page.on("console", lambda message: reader.said.append(message.text))
        page.on("pageerror", lambda error: reader.said.append(str(error)))
        page.on("request", lambda request: reader.asked.append(request))
        yield reader


@pytest.fixture(scope="module")
async def case(door: Door) -> Case:
    """One with three letters, of which one waits for an answer and one has a document."""
    case = await door.case(language="en")
    await case.letter("status", status="01")
    await case.letter("intended_refusal")
    await case.letter("question")
    return case


async def test_state_and_letters_are_shown_under_a_strict_policy(
    door: Door, case: Case, reader: Reader
) -> None:
    letters = await door.world.letters(case.id)
    await reader.visit(case, inside="<p>Loading</p>")
    shown = reader.page.locator(SHADOW)
    await expect(shown.get_by_role("heading", level=2)).to_have_text("Your application")
    await expect(shown.get_by_role("heading", level=4)).to_have_text(
        [each.title for each in letters[::-1]]
    )
    await expect(reader.page.get_by_text("Loading")).to_be_hidden()
    await expect(shown.get_by_text("Deadline: ")).to_be_visible()
    answer = shown.get_by_role("link", name="Read and answer")
    assert await answer.get_attribute("href") == f"{door.url}{case.to(letters[2])}"
    ground = await shown.locator(".status").evaluate("each => getComputedStyle(each).borderRadius")
    assert ground != "0px", "the policy of the page keeps the style out"
    assert "read" not in await door.world.names(case.id)

    await shown.get_by_role("button", name=letters[1].title).click()
    await expect(shown.get_by_text("intends to refuse")).to_be_visible()
    async with reader.page.expect_download() as download:
        await shown.get_by_role("link", name=letters[1].documents[0].file_name).click()
    assert (await download.value).suggested_filename == letters[1].documents[0].file_name
    assert (await door.world.names(case.id)).count("read") == 1
    await expect(shown.get_by_text("New", exact=True)).to_have_count(2)
    asked = [each for each in reader.asked if "/applicant/v1/" in each.url]
    for each in asked:
        headers = await each.all_headers()
        assert "referer" not in headers
        assert "cookie" not in headers
    assert reader.said == []


async def test_a_new_letter_appears_by_itself_and_nobody_loses_their_place(
    door: Door, reader: Reader
) -> None:
    case = await door.case(language="en")
    first = await case.letter("status", status="01")
    await reader.visit(case)
    button = reader.page.get_by_role("button", name=first.title)
    await button.focus()
    await reader.page.keyboard.press("Enter")
    await expect(reader.page.get_by_text("has arrived at the")).to_be_visible()
    # What a screen reader would hear; the next minute may already have something else to say.
    await reader.page.get_by_role("status").evaluate("""notice => {
        window.heard = [];
        const hear = () => window.heard.push(notice.textContent);
        new MutationObserver(hear).observe(notice, { childList: true });
    }""")

    question = await case.letter("question")
    await reader.until_seen(reader.page.get_by_role("button", name=question.title))
    assert "You have a new letter." in await reader.page.evaluate("heard")
    await expect(button).to_be_focused()
    await expect(reader.page.get_by_text("has arrived at the")).to_be_visible()
    await expect(reader.page.get_by_role("link", name="Read and answer")).to_have_count(1)

    await door.post(case.to(question), await door.form(case.to(question)), text="Ja")
    await reader.until_seen(reader.page.get_by_role("link", name="Read and answer"), 0)
    await expect(reader.page.get_by_role("status")).to_have_text("")


async def test_a_page_that_nobody_sees_asks_nothing(case: Case, reader: Reader) -> None:
    await reader.visit(case)
    await reader.page.get_by_role("button").first.wait_for()
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await reader.page.evaluate(hide, True)
    before = len(reader.asked)
    await reader.minutes_pass(30)
    assert len(reader.asked) == before
    async with reader.page.expect_request("**/applicant/v1/**"):
        await reader.page.evaluate(hide, False)
        await reader.minutes_pass(0)


async def test_an_element_that_is_taken_away_asks_no_more(case: Case, reader: Reader) -> None:
    await reader.visit(case)
    await reader.page.get_by_role("button").first.wait_for()
    await reader.page.locator(SHADOW).evaluate("each => each.remove()")
    before = len(reader.asked)
    await reader.minutes_pass(30)
    assert len(reader.asked) == before


async def test_a_hub_that_is_away_is_asked_again_ever_more_rarely(
    door: Door, case: Case, reader: Reader
) -> None:
    away = True

    async def answer(route: Route) -> None:
        await (route.abort() if away else route.continue_())

    await reader.page.route("**/applicant/v1/**", answer)
    await reader.visit(case, lang="en", inside='<a href="/elsewhere">Your application</a>')
    notice = reader.page.get_by_role("status")
    await expect(notice).to_have_text(
        "The current state cannot be shown at the moment. It is tried again automatically."
    )
    await expect(reader.page.get_by_role("link", name="Your application")).to_be_visible()
    steps = []
    for _ in range(5):
        before = len(reader.asked)
        steps.append(0)
        while len(reader.asked) == before:
            await reader.page.clock.run_for(5_000)
            steps[-1] += 1
    assert steps[-1] > steps[0]

    away = False
    title = reader.page.locator(SHADOW).get_by_role("heading", level=2)
    await reader.until_seen(title)
    away = True
    await reader.until_seen(notice.get_by_text("cannot be shown"))
    await expect(reader.page.get_by_role("heading", level=4)).to_have_count(3)  # still readable


@pytest.mark.parametrize(
    "link", ["{hub}{path}x", "{hub}/cases/x", "https://other.example/cases/x", ""]
)
async def test_a_link_that_opens_nothing_says_how_to_get_another(
    door: Door, case: Case, reader: Reader, link: str
) -> None:
    src = link.format(hub=door.url, path=case.path)
    await reader.visit(src, lang="ar", inside="<p>Loading</p>")
    notice = reader.page.get_by_role("status")
    await expect(notice).to_contain_text("Ausländerbehörde")
    await expect(reader.page.get_by_text("Loading")).to_be_hidden()
    assert await reader.page.locator(f"{SHADOW} .status").get_attribute("dir") == "rtl"
    before = len(reader.asked)
    await reader.minutes_pass(30)
    assert len(reader.asked) == before
    assert all(each.url.startswith((door.url, reader.portal.origin)) for each in reader.asked)


async def test_a_page_of_another_origin_sees_nothing_and_the_browser_says_why(
    door: Door, reader: Reader
) -> None:
    case = await door.case(language="en")
    await case.letter("question")
    elsewhere = reader.portal.origin.replace("127.0.0.1", "localhost")
    await reader.visit(case, at=elsewhere, lang="en")
    await expect(reader.page.get_by_role("status")).to_contain_text("cannot be shown")
    assert any("has been blocked by CORS policy" in each for each in reader.said)
    for mode in ("cors", "no-cors"):
        with pytest.raises(Error, match="Failed to fetch"):
            await reader.page.evaluate(
                "([url, mode]) => fetch(url, { mode }).then((answer) => answer.text())",
                [f"{door.url}/applicant/v1{case.path}", mode],
            )
    assert "read" not in await door.world.names(case.id)


async def test_what_a_letter_says_is_text_whatever_it_says(door: Door, reader: Reader) -> None:
    case = await door.case(language="en")
    document = a_document().model_dump() | {"file_name": HOSTILE}
    letter = await a_letter_of(
        door,
        case,
        title=HOSTILE,
        parts=(Part(language="en", heading=HOSTILE, text=f"{HOSTILE}\n{HOSTILE}\n\n{HOSTILE}"),),
        documents=(document,),
    )
    await reader.visit(case)
    button = reader.page.get_by_role("button")
    await button.click()
    await expect(button).to_have_text(letter.title)
    shown = reader.page.locator(f"{SHADOW} .letter")
    await expect(shown.locator("p").first).to_have_text(f"{HOSTILE}{HOSTILE}")
    await expect(shown.locator("h5").first).to_have_text(HOSTILE)
    assert await reader.page.locator(f"{SHADOW} :is(img, script)").count() == 0
    for place in (button.locator("span"), shown.locator("bdi").first):
        kept = await place.evaluate("each => getComputedStyle(each).unicodeBidi")
        assert kept == "isolate", "an override would turn what stands beside it"
    assert reader.said == []


async def test_with_the_keyboard_alone(case: Case, reader: Reader) -> None:
    await reader.visit(case)
    shown = reader.page.locator(SHADOW)
    button = shown.get_by_role("button").first
    await button.wait_for()
    for _ in range(30):
        await reader.page.keyboard.press("Tab")
        if await button.evaluate("each => each.matches(':focus-visible')"):
            break
    await reader.page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-expanded", "true")
    await expect(button).to_be_focused()
    await shown.locator(".letter .go").wait_for()
    await reader.page.keyboard.press("Tab")
    focused = shown.locator(".letter :focus-visible")
    await expect(focused).to_have_text("Read and answer")
    await reader.page.keyboard.press("Enter")
    await reader.page.wait_for_url("**/letters/*")


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_serious_is_found_by_axe(
    browser: Browser, door: Door, case: Case, portal: Portal, width: int, scheme: Scheme
) -> None:
    async with looking(browser, portal.origin, width=width, scheme=scheme) as context:
        reader = Reader(await context.new_page(), door, portal)
        again = (case, "fa") if width == PHONE else (f"{door.url}/cases/x", "de")
        for link, lang in ((case, "en"), again):
            await reader.visit(link, lang=lang)
            await expect(reader.page.locator(f"{SHADOW} .status")).to_have_attribute(
                "aria-busy", "false"
            )
            for button in await reader.page.get_by_role("button").all():
                await button.click()
            if isinstance(link, Case):
                await expect(reader.page.locator(f"{SHADOW} .letter [lang]")).to_have_count(3)
            await fits(reader.page)
            found = (await Axe().run(reader.page)).response["violations"]
            assert [each for each in found if each["impact"] in {"serious", "critical"}] == []
            if isinstance(link, Case):
                ground = await reader.page.locator(f"{SHADOW} .status").evaluate(
                    "each => getComputedStyle(each).backgroundColor"
                )
                assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(30, 33, 37)"}[scheme]


async def test_it_reads_from_right_to_left_where_the_language_does(
    case: Case, reader: Reader
) -> None:
    await reader.visit(case, lang="fa")
    box = reader.page.locator(f"{SHADOW} .status")
    await reader.page.get_by_role("button").first.wait_for()
    assert [await box.get_attribute(name) for name in ("lang", "dir")] == ["fa", "rtl"]
    title = reader.page.get_by_role("button").first.locator("span")
    assert [await title.get_attribute(name) for name in ("lang", "dir")] == ["en", "ltr"]
    await reader.page.locator(SHADOW).evaluate("each => (each.lang = 'de')")
    await expect(box).to_have_attribute("dir", "ltr")
    await expect(reader.page.get_by_role("heading", level=2)).to_have_text("Ihr Antrag")
    link = reader.page.get_by_role("link", name="Zur Seite Ihres Antrags")
    assert str(await link.get_attribute("href")).endswith("?language=de")


async def test_the_page_chooses_colours_and_parts(case: Case, reader: Reader) -> None:
    await reader.visit(case)
    await reader.page.get_by_role("button").first.wait_for()
    await reader.page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`application-status { --application-status-accent: rgb(0, 100, 0); }
            application-status::part(title) { font-size: 40px; }`);
        document.adoptedStyleSheets = [sheet];
    }""")
    style = "each => { const s = getComputedStyle(each); return [s.color, s.fontSize]; }"
    assert (await reader.page.get_by_role("button").first.evaluate(style))[0] == "rgb(0, 100, 0)"
    title = reader.page.locator(SHADOW).get_by_role("heading", level=2)
    assert (await title.evaluate(style))[1] == "40px"


async def test_a_printed_page_has_the_letters_and_nothing_to_press(
    case: Case, reader: Reader
) -> None:
    await reader.visit(case)
    button = reader.page.get_by_role("button").first
    await button.click()
    await reader.page.emulate_media(media="print")
    await expect(reader.page.locator(f"{SHADOW} .letter p").first).to_be_visible()
    await expect(reader.page.locator(f"{SHADOW} .go").first).to_be_hidden()

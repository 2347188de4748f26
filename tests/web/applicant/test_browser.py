"""The page in Chromium, without JavaScript: read, answered and withdrawn, on phones and desks."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.way.conftest import until
from tests.web.applicant.conftest import JPEG, Case, Door, embedded, real_pdf

PHONE, DESK = 390, 1280
WORDS = {
    "de": {
        "answer": "Lesen und antworten",
        "send": "Senden",
        "sent": "Gesendet: ",
        "accepted": "Vom System der Behörde angenommen",
        "withdraw": "Ich möchte meinen Antrag zurücknehmen",
        "yes": "Ja, Antrag zurücknehmen",
        "error": "Ihre Antwort wurde nicht gesendet",
    },
    "ar": {
        "answer": "القراءة والرد",
        "send": "إرسال",
        "sent": "أُرسل: ",
        "accepted": "قبله نظام الدائرة",
        "withdraw": "أريد سحب طلبي",
        "yes": "نعم، سحب الطلب",
        "error": "لم يُرسل ردّكم",
    },
}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: install the package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser, door: Door) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(base_url=door.url, java_script_enabled=False)
    yield context
    await context.close()


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
async def page(context: BrowserContext, request: pytest.FixtureRequest) -> Page:
    page = await context.new_page()
    await page.set_viewport_size({"width": request.param, "height": 844})
    return page


@pytest.fixture(params=sorted(WORDS))
async def case(door: Door, request: pytest.FixtureRequest) -> Case:
    return await door.case(language=request.param)


@pytest.fixture
def words(case: Case) -> dict[str, str]:
    return WORDS[case.submission.language]


async def fits(page: Page) -> None:
    """Nothing sticks out sideways, in either direction."""
    wide, has = await page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= has


async def arrived(page: Page, words: dict[str, str]) -> None:
    await page.wait_for_load_state("networkidle")

    async def accepted() -> bool:
        # Not `reload`, which Chromium refuses while it still swaps the page behind a redirect.
        await page.goto(page.url)
        return await page.get_by_text(words["accepted"]).count() == 1

    await until(accepted)


async def test_a_question_is_read_and_answered_with_documents(
    door: Door, case: Case, words: dict[str, str], page: Page, tmp_path: Path
) -> None:
    await case.letter("status", status="01")
    await case.letter("question")
    contract, photo = tmp_path / "Vertrag.pdf", tmp_path / "صورة.jpg"
    contract.write_bytes(real_pdf())
    photo.write_bytes(JPEG)

    await page.goto(case.path)
    await fits(page)
    await page.get_by_role("link", name=words["answer"]).click()
    await fits(page)
    await page.get_by_role("textbox").fill("Der Vertrag ist dabei – „ganz“.")
    await page.locator("input[type=file]").set_input_files([contract, photo])
    await page.get_by_role("button", name=words["send"]).click()

    assert words["sent"] in await page.locator("main").inner_text()
    await fits(page)
    received = (await door.world.system.wait_for(2))[-1]
    assert embedded(received) == [contract.read_bytes(), photo.read_bytes()]
    assert 'Der Vertrag ist dabei - "ganz".' in list(received.root.itertext())
    await arrived(page, words)
    await page.go_back()
    assert await page.get_by_role("button", name=words["send"]).count() == 0


async def test_the_application_is_withdrawn_in_two_steps(
    door: Door, case: Case, words: dict[str, str], page: Page
) -> None:
    await page.goto(case.path)
    await page.get_by_role("link", name=words["withdraw"]).click()
    await fits(page)
    await page.get_by_role("button", name=words["yes"]).click()
    received = (await door.world.system.wait_for(2))[-1]
    assert "130111" in received.name
    await arrived(page, words)


async def test_with_the_keyboard_alone(
    door: Door, case: Case, words: dict[str, str], page: Page
) -> None:
    await case.letter("question")
    await page.goto(case.path)

    async def focus_on(selector: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    await page.keyboard.press("Tab")
    assert await page.locator(".skip:focus").is_visible()
    await focus_on(".awaited a")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("textarea")
    await focus_on("textarea")
    await page.keyboard.type("Ja")
    await focus_on("input[type=file]")
    await focus_on("button")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/messages/*")
    assert "Ja" in list((await door.world.system.wait_for(2))[-1].root.itertext())


async def test_what_is_wrong_is_told_first_and_has_the_focus(
    case: Case, words: dict[str, str], page: Page
) -> None:
    letter = await case.letter("question")
    await page.goto(case.to(letter))
    await page.get_by_role("textbox").fill("Ответ")
    await page.get_by_role("button", name=words["send"]).click()
    summary = page.locator(".problems:focus")
    assert words["error"] in await summary.inner_text()
    await summary.get_by_role("link").click()
    assert page.url.endswith("#text")
    field = page.get_by_role("textbox")
    assert await field.get_attribute("aria-invalid") == "true"
    assert await field.input_value() == "Ответ"
    await fits(page)


async def test_every_field_has_a_label_and_every_page_one_heading_and_a_language(
    case: Case, page: Page
) -> None:
    letter = await case.letter("question")
    for path in (case.path, case.to(letter), f"{case.path}/withdrawal", "/cases/nothing"):
        await page.goto(path)
        assert await page.get_by_role("heading", level=1).count() == 1
        assert await page.get_by_role("main").count() == 1
        assert await page.locator("html").get_attribute("lang")
        assert re.search(r"\S", await page.title())
        for field in await page.locator("input:not([type=hidden]), textarea").all():
            assert await page.locator(f"label[for={await field.get_attribute('id')}]").count() == 1


async def test_the_language_is_chosen_and_kept_from_page_to_page(case: Case, page: Page) -> None:
    letter = await case.letter("status", status="01")
    await page.goto(case.to(letter))
    await page.locator("summary").click()
    await page.get_by_role("link", name="فارسی").click()
    assert await page.locator("html").get_attribute("dir") == "rtl"
    await page.locator(".back").click()
    assert await page.locator("html").get_attribute("lang") == "fa"
    assert page.url.endswith(f"{case.path}?language=fa")


async def test_nothing_comes_from_elsewhere_and_the_browser_complains_of_nothing(
    door: Door, case: Case, page: Page
) -> None:
    letter = await case.letter("intended_refusal")
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    await page.goto(case.path)
    await page.goto(case.to(letter))
    async with page.expect_download() as download:
        await page.get_by_role("link", name=letter.documents[0].file_name).click()
    assert (await download.value).suggested_filename == letter.documents[0].file_name
    assert all(url.startswith(door.url) for url in asked)
    assert said == []

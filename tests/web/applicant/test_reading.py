"""What a link opens: the letters of its case, their documents, where the case stands."""

import re
from datetime import UTC, date, datetime
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import pytest

from hub.mailbox.letters import write_letter
from hub.mailbox.local import LocalMailbox
from hub.model.identifiers import MessageUuid
from hub.model.reminder import Reminder
from hub.web.applicant.pages import LANGUAGES
from tests.web.applicant.conftest import Door


async def test_a_case_without_letters_says_what_would_be_there(door: Door) -> None:
    case = await door.case()
    page = await door.get(case.path)
    assert "No letters yet." in page
    assert "You do not have to do anything at the moment." in page
    assert "Accepted by the authority&#39;s system" in page
    assert "AT-2026-000001" in page


async def test_letters_stand_there_the_newest_first(door: Door) -> None:
    case = await door.case()
    letters = [await case.letter("status", status="01"), await case.letter("intended_refusal")]
    page = await door.get(case.path)
    assert re.findall(r"letters/([0-9a-f-]{36})", page) == [str(each.id) for each in letters[::-1]]
    assert page.count(">New</span>") == 2


async def test_what_is_awaited_stands_above_with_its_deadline(door: Door) -> None:
    case = await door.case()
    question = await case.letter("question")
    [row] = [r for r in await door.world.messages(case.id) if r.kind == "question"]
    assert row.deadline is not None
    page = await door.get(case.path)
    assert page.index("waiting for your answer") < page.index("<h2>Letters")
    assert f"{row.deadline.day} {row.deadline:%B %Y}" in page
    assert page.index(f"{case.path}/letters/{question.id}") < page.index("<h2>Letters")


async def test_a_letter_is_read_in_its_own_language_within_the_page_of_another(door: Door) -> None:
    case = await door.case(language="ar")
    letter = await case.letter("status", status="01")
    page = await door.get(f"{case.to(letter)}?language=de")
    assert '<html lang="de" dir="ltr">' in page
    assert '<div class="part" lang="ar" dir="rtl">' in page
    assert "Zurück zur Übersicht" in page
    assert f'href="{case.path}?language=de"' in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_speaks_every_language(door: Door, language: str) -> None:
    case = await door.case(language=language)
    letter = await case.letter("question")
    for path in (case.path, case.to(letter), f"{case.path}/withdrawal"):
        page = await door.get(path)
        direction = "rtl" if language in {"ar", "fa"} else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in page


async def test_a_reminder_leads_to_the_letter_that_asks(door: Door) -> None:
    case = await door.case()
    question = await case.letter("question")
    reminder = Reminder(
        id=MessageUuid(uuid4()),
        about=question.about,
        deadline=date(2026, 12, 1),
        created_at=datetime.now(UTC),
    )
    letter = write_letter(
        reminder,
        id=reminder.id,
        case=case.id,
        application_id=question.application_id,
        authority_name=question.sender,
        language="en",
        mailbox=question.mailbox,
        answered_below=True,
    )
    await LocalMailbox(door.world.hub.store).deliver(letter)
    page = await door.get(case.to(letter))
    assert f'href="{case.to(question)}"' in page
    assert "<form" not in page
    assert (await door.post(case.to(question), await door.form(case.to(question)), text="Ja"))[0]
    assert f'href="{case.to(question)}"' not in await door.get(case.to(letter))


async def test_an_opened_letter_is_read_once_and_the_first_time_counts(door: Door) -> None:
    case = await door.case()
    letter = await case.letter("status", status="01")
    async with door.client.head(case.to(letter)) as response:
        assert response.status == 200
    assert "read" not in await door.world.names(case.id)

    await door.get(case.to(letter))
    await door.get(case.to(letter))

    events = [each for each in await door.world.events(case.id) if each.name == "read"]
    assert [(each.message, each.stage) for each in events] == [(letter.id, "mailbox")]
    assert ">New</span>" not in await door.get(case.path)


async def test_a_document_is_downloaded_and_never_shown_by_the_browser(door: Door) -> None:
    case = await door.case(language="ru")
    letter = await case.letter("intended_refusal")
    [document] = letter.documents
    async with door.client.get(f"{case.to(letter)}/documents/{document.id}") as response:
        content, headers = await response.read(), response.headers
    load = door.world.hub.store.documents.load
    assert content == load(case.id, document.sha256)
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith('attachment; filename="document.pdf"')
    assert quote(document.file_name or "") in headers["Content-Disposition"]
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_a_document_that_is_no_longer_there_is_said_to_be_gone(door: Door) -> None:
    case = await door.case()
    letter = await case.letter("intended_refusal")
    await door.world.hub.store.documents.forget(case.id)
    page = await door.get(case.to(letter))
    assert "documents are kept for a limited time only" in page
    assert "/documents/" not in page
    gone = await door.get(f"{case.to(letter)}/documents/{letter.documents[0].id}", 410)
    assert "This document is no longer here" in gone


async def test_pages_may_do_nothing_and_are_kept_nowhere(door: Door) -> None:
    case = await door.case()
    for path in (case.path, f"{case.path}/withdrawal", "/cases/nothing"):
        async with door.client.get(path) as response:
            headers = response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers


async def test_the_stylesheet_may_be_kept_under_its_own_hash(door: Door) -> None:
    case = await door.case()
    found = re.search(r'href="(/applicant/[0-9a-f]{12}/page.css)"', await door.get(case.path))
    assert found
    async with door.client.get(found[1]) as response:
        assert "immutable" in response.headers["Cache-Control"]
        assert response.content_type == "text/css"
    await door.get("/applicant/000000000000/page.css", 404)


async def test_what_letters_and_authorities_write_is_never_markup(door: Door) -> None:
    case = await door.case()
    letter = await case.letter("question")
    page = await door.get(f"{case.to(letter)}?language=%3Cscript%3E")
    assert "<script" not in page
    data = aiohttp.FormData({"form": await door.form(case.to(letter)), "text": "</textarea><i>語"})
    data.add_field("x", b"", filename="")
    async with door.client.post(case.to(letter), data=data) as response:
        assert response.status == 422
        assert "&lt;/textarea&gt;&lt;i&gt;語</textarea>" in await response.text()

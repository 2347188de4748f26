"""What an applicant sends from the page arrives at the system, once, or they hear why not."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from hub.broker import INTAKE, SUBMISSIONS, NotConfirmed
from hub.model.downward import Withdrawal
from hub.store import dead_letters, sendings_of
from hub.web import uploads
from tests.way.conftest import until
from tests.web.applicant.conftest import (
    JPEG,
    PDF,
    Case,
    Door,
    embedded,
    form_token,
    real_pdf,
    standing_before,
)


async def page_says(door: Door, path: str, words: str) -> str:
    async def found() -> str | None:
        page = await door.get(path)
        return page if words in page else None

    return str(await until(found))


async def asked(door: Door) -> tuple[Case, str, str]:
    """A case with an open question, the page of the letter that asks, and its form."""
    case = await door.case()
    letter = await case.letter("question")
    return case, case.to(letter), await door.form(case.to(letter))


async def test_a_reply_arrives_with_its_documents_byte_by_byte(door: Door) -> None:
    case, page, form = await asked(door)
    pdf = real_pdf()
    status, where = await door.post(
        page, form, text="Hier ist der “Vertrag” …\r\n– Muster", files=(("v.pdf", pdf), ("f", JPEG))
    )
    assert status == 303
    received = (await door.world.system.wait_for(2))[-1]
    assert embedded(received) == [pdf, JPEG]
    assert 'Hier ist der "Vertrag" ...\n- Muster' in list(received.root.itertext())
    accepted = await page_says(door, where, "has accepted your message")
    assert "Your answer to a question" in accepted
    assert 'name="form"' not in await door.get(page)
    assert "You have answered this letter" in await door.get(page)
    assert "Read and answer" not in await door.get(case.path)
    assert (await door.world.ledger()).balanced


async def test_a_form_sent_twice_is_one_message(door: Door) -> None:
    case, page, form = await asked(door)
    answers = await asyncio.gather(*(door.post(page, form, text="Ja") for _ in range(3)))
    again = await door.post(page, form, text="Ja, aber anders")
    assert {*answers, again} == {answers[0]}
    assert answers[0][0] == 303
    await page_says(door, answers[0][1], "has accepted your message")
    rows = await door.world.messages(case.id)
    assert [row.kind for row in rows if row.direction == "down"] == ["submission", "reply"]
    assert len(door.world.system.received) == 2
    assert not await door.world.hub.store.read(dead_letters)


async def test_two_windows_send_one_answer(door: Door) -> None:
    _, page, first = await asked(door)
    second = await door.form(page)
    assert first != second
    assert (await door.post(page, first, text="Ja"))[0] == 303
    status, said = await door.post(page, second, text="Nein")
    assert status == 409
    assert "This is no longer possible" in said


async def test_what_is_on_its_way_is_said_before_intake_has_it(door: Door) -> None:
    case, page, form = await asked(door)
    intake = next(each for each in door.world.hub.subscriptions if each.queue == INTAKE)
    await intake.pause()
    _, where = await door.post(page, form, text="Ja")
    assert "Sent, on its way" in await door.get(where)
    assert 'name="form"' not in await door.get(page)
    assert "Sent, on its way" in await door.get(case.path)
    assert {row.kind for row in await door.world.messages(case.id)} == {"submission", "question"}
    await intake.resume()
    await page_says(door, where, "has accepted your message")


async def test_three_acknowledgements_have_three_words(door: Door) -> None:
    _, page, form = await asked(door)
    # Taken without a receipt: the system has it, and has not said that it accepts it.
    door.world.system.answers.append(web.Response(status=202))
    _, where = await door.post(page, form, text="Ja")
    await page_says(door, where, "The system has not confirmed it yet")


async def test_what_intake_refuses_is_said_with_its_reason_and_is_open_no_more(door: Door) -> None:
    case, page, form = await asked(door)
    intake = next(each for each in door.world.hub.subscriptions if each.queue == INTAKE)
    await intake.pause()
    taken_back = Withdrawal(id=uuid4(), case=case.id, created_at=datetime.now(UTC))
    await door.world.send(taken_back)
    _, where = await door.post(page, form, text="Ja")
    await intake.resume()
    said = await page_says(door, where, "Did not arrive")
    assert "You had already withdrawn your application." in said
    assert "You had already withdrawn your application." in await door.get(case.path)


async def test_what_was_refused_for_another_reason_can_be_sent_again(door: Door) -> None:
    case, page, form = await asked(door)
    intake = next(each for each in door.world.hub.subscriptions if each.queue == INTAKE)
    await intake.pause()
    _, where = await door.post(page, form, files=(("v.pdf", PDF),))
    # Somebody has taken the document away before INTAKE looks for it.
    await door.world.hub.store.documents.sweep(datetime.now(UTC) + timedelta(days=1))
    await intake.resume()
    await page_says(door, where, "Something was wrong with the message")
    assert "Read and answer" in await door.get(case.path)
    assert (await door.post(page, await door.form(page), files=(("v.pdf", PDF),)))[0] == 303
    received = (await door.world.system.wait_for(2))[-1]
    assert embedded(received) == [PDF]


async def test_when_the_broker_is_away_nothing_is_said_to_be_sent(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, page, form = await asked(door)

    async def away(*_: object, **__: object) -> None:
        raise NotConfirmed(SUBMISSIONS)

    with monkeypatch.context() as patched:
        patched.setattr(door.world.hub.broker.publisher, "publish", away)
        status, said = await door.post(page, form, text="Mein Text")
    assert status == 503
    assert "It cannot be sent at the moment" in said
    assert ">Mein Text</textarea>" in said
    assert "Your answer to a question" not in await door.get(case.path)
    # The page offers the same message, not a second one.
    [tried] = await door.world.hub.store.read(lambda c: sendings_of(c, case.id))
    status, where = await door.post(page, form_token(said), text="Mein Text")
    assert (status, where) == (303, f"{case.path}/messages/{tried.id}")
    assert len(await door.world.system.wait_for(2)) == 2


async def test_what_arrived_though_nobody_knew_is_not_sent_a_second_time(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, page, form = await asked(door)
    publisher = door.world.hub.broker.publisher
    publish = publisher.publish

    async def unconfirmed(exchange: str, *given: Any, **named: Any) -> None:
        await publish(exchange, *given, **named)
        if exchange == SUBMISSIONS:
            raise NotConfirmed(exchange)

    with monkeypatch.context() as patched:
        patched.setattr(publisher, "publish", unconfirmed)
        assert (await door.post(page, form, text="Ja", files=(("a.pdf", PDF),)))[0] == 503
    _, where = await door.post(page, form, text="Ja", files=(("a.pdf", PDF),))
    await page_says(door, where, "has accepted your message")

    async def noted() -> bool:
        return "duplicate" in await door.world.names(case.id)

    await until(noted)
    assert len(door.world.system.received) == 2
    assert not await door.world.hub.store.read(dead_letters)


async def test_what_was_answered_in_another_window_is_not_sent_again_when_the_broker_is_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, page, first = await asked(door)
    second = await door.form(page)

    async def away(*_: object, **__: object) -> None:
        raise NotConfirmed(SUBMISSIONS)

    with monkeypatch.context() as patched:
        patched.setattr(door.world.hub.broker.publisher, "publish", away)
        assert (await door.post(page, first, text="Ja"))[0] == 503
    _, where = await door.post(page, second, text="Ja")
    await page_says(door, where, "has accepted your message")
    status, said = await door.post(page, first, text="Ja")
    assert status == 409
    assert "This is no longer possible" in said
    rows = await door.world.messages(case.id)
    assert [row.kind for row in rows if row.direction == "down"] == ["submission", "reply"]


LETTERS = "Письмо"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Write a text or add a document."),
        ({"text": "  \r\n "}, "Write a text or add a document."),
        ({"text": LETTERS}, "These characters cannot be sent: П и с ь м о"),
        ({"text": "a" * 20_001}, "Number of characters: at most 20,000."),
        ({"files": (("a.png", b"\x89PNG"),)}, "This file is neither PDF nor JPEG: a.png"),
        ({"files": (("a.pdf", b"%PDF-1.7\n"),)}, "This file is damaged or incomplete: a.pdf"),
        ({"files": (("C:\\x\\a.pdf", b""),)}, "This file is empty: a.pdf"),
        ({"files": tuple((f"{n}.pdf", PDF) for n in range(11))}, "Too many files."),
    ],
)
async def test_what_cannot_be_sent_is_said_on_the_form(
    door: Door, given: dict[str, object], said: str
) -> None:
    _, page, form = await asked(door)
    status, html = await door.post(page, form, **given)  # type: ignore[arg-type]
    assert status == 422
    assert html.count(said) == 2  # in the summary, and at the field
    assert "<title>Error: " in html
    assert len(door.world.system.received) == 1


async def test_what_is_too_large_is_not_kept_and_said_so(door: Door) -> None:
    _, page, form = await asked(door)
    status, html = await door.post(page, form, files=(("a.pdf", PDF + bytes(21_000_000)),))
    assert status == 413
    assert "The files are too large." in html


async def test_forms_arrive_only_as_many_as_there_is_memory_for(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_AT_ONCE", 1000 / 20_200_000)
    async with standing_before(door.world) as small:
        _, page, form = await asked(small)
        status, html = await small.post(page, form, files=(("a.pdf", PDF),))
        assert status == 503
        assert "Please wait a moment" in html
        assert (await small.post(page, form, text="Ja"))[0] == 303


async def test_uploads_never_touch_the_disk_in_plain(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", None)  # what a spooled file would roll over to
    _, page, form = await asked(door)
    content = PDF + b"SECRET" * 400_000 + PDF
    assert (await door.post(page, form, files=(("a.pdf", content),)))[0] == 303
    await door.world.system.wait_for(2)
    assert b"SECRET" not in everything_in(tmp_path)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_the_withdrawal_takes_two_steps_and_arrives(door: Door) -> None:
    case = await door.case()
    overview = await door.get(case.path)
    assert f'href="{case.path}/withdrawal"' in overview
    assert 'name="form"' not in overview
    page = await door.get(f"{case.path}/withdrawal")
    assert "You cannot undo the withdrawal here." in page
    status, where = await door.post(
        f"{case.path}/withdrawal", await door.form(f"{case.path}/withdrawal")
    )
    assert status == 303
    received = (await door.world.system.wait_for(2))[-1]
    assert "130111" in received.name
    await page_says(door, where, "has accepted your message")
    assert "You have withdrawn your application." in await door.get(case.path)
    await door.get(f"{case.path}/withdrawal", 409)


@pytest.mark.parametrize(
    ("kind", "number"), [("agreement", "130404"), ("recognition_decision", "130406")]
)
async def test_the_employer_answers_with_one_document(door: Door, kind: str, number: str) -> None:
    case = await door.case(service="skilled_workers")
    letter = await case.letter(kind)
    page, form = case.to(letter), await door.form(case.to(letter))
    assert "<textarea" not in await door.get(page)
    status, html = await door.post(page, form)
    assert (status, "Add exactly one file." in html) == (422, True)
    assert (await door.post(page, form, files=(("a.pdf", PDF),)))[0] == 303
    received = (await door.world.system.wait_for(2))[-1]
    assert number in received.name
    assert embedded(received) == [PDF]


async def test_a_letter_that_asks_nothing_has_no_form(door: Door) -> None:
    case, _, form = await asked(door)
    status = await case.letter("status", status="01")
    assert 'name="form"' not in await door.get(case.to(status))
    assert (await door.post(case.to(status), form, text="Ja"))[0] == 409


async def test_a_name_that_no_system_can_be_sent_is_replaced(door: Door) -> None:
    _, page, form = await asked(door)
    assert (await door.post(page, form, files=(("عقد.pdf", PDF),)))[0] == 303
    received = (await door.world.system.wait_for(2))[-1]
    assert embedded(received) == [PDF]

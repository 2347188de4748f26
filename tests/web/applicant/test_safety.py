"""No link of one applicant opens another's case, and nobody else's form is believed."""

import functools
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import aiohttp
import pytest
import structlog

from hub.model.downward import MailboxAddress
from hub.model.identifiers import CaseId
from hub.web.access.limits import Limit
from hub.web.applicant import entrance
from tests.web.applicant.conftest import HERE, PDF, Case, Door, World, standing_before


async def two(door: Door) -> tuple[Case, Case]:
    return await door.case(), await door.case()


async def test_links_expire_and_say_how_to_get_another(door: Door) -> None:
    case = await door.case()
    old = door.link(case.id, datetime.now(UTC) - timedelta(days=31))
    page = await door.get(f"{old}?language=en", 410)
    assert "This link does not work" in page
    assert "contact the foreigners&#39; authority" in page
    assert "AT-2026" not in page
    letter = await case.letter("question")
    await door.get(f"{old}/letters/{letter.id}", 410)
    form = await door.form(case.to(letter))
    assert (await door.post(f"{old}/letters/{letter.id}", form, text="Ja"))[0] == 410


async def test_expired_foreign_and_broken_links_get_the_same_page(door: Door) -> None:
    case = await door.case()
    expired = await door.get(door.link(case.id, datetime.now(UTC) - timedelta(days=31)), 410)
    nobodys = await door.get(door.link(CaseId(uuid4())), 404)
    token = case.path.rpartition("/")[2]
    broken = [token[:-1], token[1:], token.swapcase(), f"{token}a", "a", "..", "%00", "é" * 600]
    pages = {await door.get(f"/cases/{each}", 404) for each in broken if each != ".."}
    assert pages == {expired} == {nobodys}


async def test_a_case_that_reads_elsewhere_has_no_page(door: Door) -> None:
    case = await door.case(back_channel=False, mailbox=None)
    await door.get(case.path, 404)


async def test_the_page_of_a_broken_link_speaks_as_the_browser_asks(door: Door) -> None:
    page = await door.get("/cases/nothing", 404, **{"Accept-Language": "xx, fa-IR;q=0.9, en"})
    assert '<html lang="fa" dir="rtl">' in page


async def test_no_link_opens_letters_or_documents_of_another_case(door: Door) -> None:
    mine, theirs = await two(door)
    letter = await theirs.letter("intended_refusal")
    own = await mine.letter("intended_refusal")
    document, own_document = letter.documents[0].id, own.documents[0].id
    await door.get(f"{mine.path}/letters/{letter.id}", 404)
    await door.get(f"{mine.path}/letters/{letter.id}/documents/{document}", 404)
    await door.get(f"{mine.path}/letters/{own.id}/documents/{document}", 404)
    await door.get(f"{mine.path}/letters/{letter.id}/documents/{own_document}", 404)
    await door.get(f"{mine.path}/messages/{theirs.id}", 404)
    assert "read" not in await door.world.names(theirs.id)
    async with door.client.get(
        f"{mine.path}/letters/{own.id}/documents/{own_document}"
    ) as response:
        assert response.status == 200


async def test_a_form_of_another_case_or_letter_sends_nothing(door: Door) -> None:
    mine, theirs = await two(door)
    own, other = await mine.letter("question"), await theirs.letter("question")
    second = await mine.letter("question")
    withdrawal = await door.form(f"{mine.path}/withdrawal")
    of_own, of_other = await door.form(mine.to(own)), await door.form(theirs.to(other))
    for page, form in (
        (mine.to(own), of_other),
        (mine.to(second), of_own),
        (theirs.to(other), of_own),
        (f"{mine.path}/withdrawal", of_own),
        (mine.to(own), withdrawal),
        (f"{theirs.path}/withdrawal", withdrawal),
        (mine.to(own), of_own[:-1]),
        (mine.to(own), ""),
    ):
        status, said = await door.post(page, form, text="Ja")
        assert status == 403, page
        assert "Nothing has been sent." in said
    assert (await door.post(f"{mine.path}/letters/{other.id}", of_other, text="Ja"))[0] == 404
    assert len(door.world.system.received) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "null"}, 303),  # an older browser under no-referrer: the form's token decides
        ({}, 303),
    ],
)
async def test_forms_are_taken_from_pages_of_this_hub_only(
    door: Door, headers: dict[str, str], status: int
) -> None:
    case = await door.case()
    page = f"{case.path}/withdrawal"
    form = await door.form(page)
    assert (await door.post(page, form, headers=headers))[0] == status


async def test_forms_in_another_shape_are_refused(door: Door) -> None:
    case = await door.case()
    page = f"{case.path}/withdrawal"
    form = await door.form(page)
    bodies: list[tuple[bytes | dict[str, str], dict[str, str]]] = [
        ({"form": form}, {}),
        (b"{}", {"Content-Type": "application/json"}),
        (b"x", {"Content-Type": "multipart/form-data"}),
        (b"x", {"Content-Type": "multipart/form-data; boundary=y"}),
        (b"--y\r\n\r\nx", {"Content-Type": "multipart/form-data; boundary=y"}),
    ]
    for body, headers in bodies:
        async with door.client.post(page, data=body, headers=HERE | headers) as response:
            assert response.status in {400, 403, 415}, body
            assert "Nothing has been sent" in await response.text()


async def test_too_many_fields_and_files_are_not_looked_at(door: Door) -> None:
    case = await door.case()
    letter = await case.letter("question")
    form = await door.form(case.to(letter))
    many = tuple((f"{number}.pdf", PDF[:100]) for number in range(60))
    assert (await door.post(case.to(letter), form, files=many))[0] == 400
    data = aiohttp.FormData({"form": form} | {f"f{n}": "x" for n in range(10)})
    data.add_field("documents", b"", filename="")
    async with door.client.post(case.to(letter), data=data, headers=HERE) as response:
        assert response.status == 400


async def test_forms_of_one_case_are_limited_and_those_of_others_are_not(door: Door) -> None:
    mine, theirs = await two(door)
    page = f"{mine.path}/withdrawal"
    statuses = [(await door.post(page, "nothing"))[0] for _ in range(14)]
    assert statuses[:12] == [403] * 12
    assert statuses[-1] == 429
    other = f"{theirs.path}/withdrawal"
    assert (await door.post(other, await door.form(other)))[0] == 303


async def test_guessing_links_is_limited(door: Door) -> None:
    case = await door.case()
    statuses = set()
    for number in range(130):
        async with door.client.get(f"/cases/guess{number}") as response:
            statuses.add(response.status)
    assert statuses == {404, 429}
    await door.get(case.path)


async def test_no_flood_of_others_keeps_an_applicant_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of a stranger who guesses, nor of somebody with a link of their own."""
    # Time stands still, and with it what may be tried again, however slow the machine is.
    stopped = functools.partial(Limit, clock=lambda: 0.0)
    monkeypatch.setattr(entrance, "Limit", stopped)
    async with standing_before(world) as door:
        mine, theirs = await two(door)
        for path in ("/cases/guess", theirs.path):
            for _ in range(1100):
                async with door.client.get(path) as response:
                    last = response.status
            assert last == 429
        await door.get(mine.path)


async def test_no_link_and_nothing_written_reaches_a_log(
    door: Door, capfd: pytest.CaptureFixture[str]
) -> None:
    case = await door.case(mailbox=MailboxAddress(provider="local", account="ada@example.org"))
    letter = await case.letter("question")
    form = await door.form(case.to(letter))
    with structlog.testing.capture_logs() as logged:
        await door.get(case.path)
        await door.get(f"{case.path}/letters/{uuid4()}", 404)
        await door.get(f"{case.path}/nowhere", 404)
        await door.get(f"{case.path[:-3]}", 404)
        await door.post(case.to(letter), "x", text="SECRET")
        assert (await door.post(case.to(letter), form, text="SECRET"))[0] == 303
    written = str(logged) + "".join(capfd.readouterr())
    token = case.path.rpartition("/")[2]
    for secret in (token[:20], token[-20:], "SECRET", "ada@example.org"):
        assert secret not in written

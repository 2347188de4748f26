"""Providers of mailboxes: what waits for them, and a person's hand on one that is parked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect

from hub.store import Connection, OwedLetters, Parking, Store, acts, park, parkings
from hub.web.access import Access, Sessions
from hub.web.building import build
from hub.web.console.mailboxes import mailbox_rows
from hub.web.server import serving
from tests.store.building import NOW, a_case, a_message, an_update, put
from tests.web.console.browsing import (
    DESK,
    PHONE,
    Hands,
    Keyboard,
    Mouse,
    a_browser,
    fits,
    looking,
)
from tests.web.console.test_dead import SignIn, access_file, page, signed_in, submit, text_of
from tests.web.given import AUTHORITY, AHub

__all__ = ["access_file", "signed_in"]

LATER = NOW.replace(year=2099)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


def furnish(connection: Connection) -> None:
    """Two letters wait for `local`, which is parked, and so is an authority."""
    case = a_case(authority=AUTHORITY)
    put(connection, case, a_message(case), an_update(case), an_update(case))
    park(connection, "local", "endpoint.down", NOW, LATER)
    park(connection, AUTHORITY, "endpoint.down", NOW, LATER)


def test_those_parked_for_the_longest_stand_first_and_nobody_is_left_out() -> None:
    parked = [
        Parking("zbp", NOW - timedelta(hours=1), LATER, 3, "endpoint.down"),
        Parking("990001", NOW, LATER, 1, "endpoint.down"),
        Parking("notice", NOW, LATER, 1, "endpoint.down"),
    ]
    rows = mailbox_rows(["local", "notice"], [OwedLetters("gone", 2, NOW)], parked)
    seen = [(row.provider, row.known, row.owed, row.parking is not None) for row in rows]
    assert seen == [
        ("zbp", False, 0, True),
        ("notice", True, 0, True),
        ("gone", False, 2, False),
        ("local", True, 0, False),
    ]


async def test_one_that_is_well_is_open_and_cannot_be_probed(signed_in: SignIn) -> None:
    shown = await page(await signed_in("operator"), "/console/mailboxes")
    assert [text_of(row) for row in shown.cssselect("tbody tr")] == ["local open 0"]
    assert [each.action for each in shown.forms] == ["/sign-out"]


async def test_a_parked_one_says_since_when_why_and_how_many_letters_wait(
    signed_in: SignIn, store: Store
) -> None:
    await store.run(furnish)
    shown = await page(await signed_in("viewer"), "/console/mailboxes")
    (row,) = shown.cssselect("tbody tr")
    provider, state, waiting, _, since, cause, probe = [
        text_of(cell) for cell in row.cssselect("td")
    ]
    assert (provider, state, waiting) == ("local", "parked", "2")
    assert since.endswith(" ago")
    assert row.cssselect("time")[1].get("title") == f"{NOW:%Y-%m-%d %H:%M:%S} UTC"
    assert cause == "endpoint.down 1 failed probe"
    assert probe == f"{LATER:%Y-%m-%d %H:%M:%S} UTC"
    assert [each.action for each in shown.forms] == ["/sign-out"]


async def test_an_operator_has_it_probed_and_that_is_audited(
    signed_in: SignIn, store: Store
) -> None:
    await store.run(furnish)
    operator = await signed_in("operator")
    (form,) = [
        each
        for each in (await page(operator, "/console/mailboxes")).forms
        if each.action.endswith("/probe")
    ]
    assert await submit(operator, form) == "/console/mailboxes"
    probes = {each.authority: each.next_probe for each in await store.read(parkings)}
    assert probes["local"] <= datetime.now(UTC)
    assert probes[AUTHORITY] == LATER
    told = (await store.read(acts))[-1].act
    assert (told.actor, told.action, told.subject) == (
        "token:operator",
        "authority.probe",
        "local",
    )


async def test_only_a_parked_provider_is_probed_and_only_from_its_page(
    signed_in: SignIn, store: Store
) -> None:
    operator = await signed_in("operator")
    await store.run(lambda c: park(c, AUTHORITY, "endpoint.down", NOW, LATER))
    shown = await page(operator, "/console/mailboxes")
    form_token = shown.forms[0].fields["form_token"]

    async def asked(place: str, token: str) -> tuple[int, str]:
        data = {"form_token": token}
        async with operator.post(f"/console/mailboxes/{place}/probe", data=data) as answer:
            return answer.status, await answer.text()

    status, told = await asked("local", form_token)
    assert (status, "local is not parked" in told) == (422, True)
    assert (await asked(AUTHORITY, form_token))[0] == 404  # it has a page of its own
    await store.run(lambda c: park(c, "local", "endpoint.down", NOW, LATER))
    assert (await asked("local", "made up"))[0] == 403
    assert {each.next_probe for each in await store.read(parkings)} == {LATER}


@pytest.mark.parametrize(("width", "hands"), [(DESK, Mouse()), (PHONE, Keyboard())])
async def test_from_the_alarm_to_the_probe(
    hub: AHub, browser: Browser, width: int, hands: Hands
) -> None:
    await hub.store.run(furnish)
    link = Sessions(hub.store.sealer, Access(None), secure=False).link("anna", "operator")
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        looking(browser, f"http://127.0.0.1:{port}", width=width) as context,
    ):
        page = await context.new_page()
        await page.goto(f"/sign-in/link/{link}")
        await hands.press(page.get_by_role("button", name="Sign in"))
        alarm = page.get_by_role("link", name="Mailbox provider local cannot be reached since")
        await hands.press(alarm)
        await hands.press(page.get_by_role("button", name="Probe local now"))
        await expect(page.get_by_text("with the next letter")).to_be_visible()
        await expect(page.get_by_role("button", name="Probe local now")).to_have_count(0)
        await fits(page)

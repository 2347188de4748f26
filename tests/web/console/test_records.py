"""Queues, routes, ledger, audit, and the hand on an authority and on next attempts."""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from hub.broker import Broker
from hub.stages.bookkeeping import Bookkeeping
from hub.store import Store, acts, message_by_id, park, parkings, pauses
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from tests.store.building import AGAIN, NOW, a_case, a_message, put_postponed
from tests.web.console.test_dead import SignIn, access_file, page, signed_in, submit, text_of
from tests.web.given import AUTHORITY, ROUTING, AHub, Settings

__all__ = ["access_file", "signed_in"]


async def test_queues_are_told_by_the_broker(signed_in: SignIn, broker: Broker) -> None:
    viewer = await signed_in("viewer")
    await broker.publisher.publish("hub.deliveries", AUTHORITY, b"{}", type="deliver")
    shown = await page(viewer, "/console/queues")
    first = [text_of(cell) for cell in shown.cssselect("tbody tr")[0].cssselect("td")]
    assert (first[0], first[2:5]) == (f"hub.deliver.{AUTHORITY}", ["1", "–", "–"])
    assert first[1].startswith("nobody consumes it Nobody consumes it. Is a hub running")
    assert "open the page again in some seconds" in text_of(shown)


async def test_a_queue_says_why_it_waits(signed_in: SignIn, store: Store) -> None:
    viewer = await signed_in("viewer")
    await store.run(lambda c: park(c, AUTHORITY, "endpoint.down", NOW, NOW + 10_000 * AGAIN))
    shown = text_of(await page(viewer, "/console/queues"))
    assert "endpoint.down: its messages wait, in order." in shown
    assert f"next probe {NOW + 10_000 * AGAIN:%Y-%m-%d}" in shown


async def test_a_candidate_is_compared_and_changes_nothing(signed_in: SignIn) -> None:
    viewer = await signed_in("viewer")
    shown = await page(viewer, "/console/routes")
    assert "nord" in text_of(shown)
    assert not shown.cssselect("textarea")
    operator = await signed_in("operator")
    (form,) = [f for f in (await page(operator, "/console/routes")).forms if "routes" in f.action]
    fields = dict(form.form_values()) | {"candidate": ROUTING.replace("nord", "süd")}
    async with operator.post("/console/routes", data=fields) as response:
        told = await response.text()
    assert "It would change:" in told
    assert "süd" in told


async def test_an_authority_is_paused_and_goes_on(signed_in: SignIn, store: Store) -> None:
    operator = await signed_in("operator")
    path = f"/console/authorities/{AUTHORITY}"
    (form,) = [f for f in (await page(operator, path)).forms if f.action.endswith("/pause")]
    await submit(operator, form, reason="the system moves")
    assert [(p.authority, p.actor) for p in await store.read(pauses)] == [
        (AUTHORITY, "token:operator")
    ]
    shown = await page(operator, path)
    assert "the system moves" in text_of(shown)
    (form,) = [f for f in shown.forms if f.action.endswith("/resume")]
    await submit(operator, form)
    assert await store.read(pauses) == []
    told = [each.act.action for each in await store.read(acts)]
    assert told == ["signed_in", "authority.pause", "authority.resume"]


async def test_a_parked_authority_is_probed_at_once(signed_in: SignIn, store: Store) -> None:
    operator = await signed_in("operator")
    await store.run(lambda c: park(c, AUTHORITY, "endpoint.down", NOW, NOW + 10_000 * AGAIN))
    shown = await page(operator, f"/console/authorities/{AUTHORITY}")
    (form,) = [f for f in shown.forms if f.action.endswith("/probe")]
    await submit(operator, form)
    (parking,) = await store.read(parkings)
    assert parking.next_probe < NOW + 10_000 * AGAIN


async def test_a_postponed_message_is_tried_when_a_person_says_so(
    signed_in: SignIn, store: Store
) -> None:
    case = a_case(authority=AUTHORITY)
    message = a_message(case)

    async def due_at() -> datetime | None:
        row = await store.read(lambda c: message_by_id(c, message.id))
        return row.due_at if row else None

    until = NOW.replace(year=2099)
    await store.run(lambda c: put_postponed(c, case, message, until=until))
    operator = await signed_in("operator")
    path = f"/console/cases/{case.id}"
    now, later = [f for f in (await page(operator, path)).forms if "next-attempt" in f.action]
    await submit(operator, later, at="2099-01-02T03:04")
    assert await due_at() == datetime(2099, 1, 2, 3, 4, tzinfo=UTC)
    assert "next attempt 2099-01-02 03:04:00" in text_of(await page(operator, path))
    await submit(operator, now)
    tried_at = await due_at()
    assert tried_at is not None
    assert tried_at <= datetime.now(UTC)
    viewer = await signed_in("viewer")
    assert [f for f in (await page(viewer, path)).forms if "next-attempt" in f.action] == []


async def test_all_that_was_postponed_for_an_authority_is_tried_at_once(
    signed_in: SignIn, store: Store
) -> None:
    case = a_case(authority=AUTHORITY)
    message = a_message(case)

    until = NOW.replace(year=2099)
    await store.run(lambda c: put_postponed(c, case, message, until=until))
    operator = await signed_in("operator")
    shown = await page(operator, f"/console/authorities/{AUTHORITY}")
    (form,) = [f for f in shown.forms if f.action.endswith("/try-now")]
    await submit(operator, form)
    (told,) = [each.act for each in await store.read(acts) if each.act.action != "signed_in"]
    assert (told.action, told.subject, told.detail) == ("place.try_now", AUTHORITY, {"messages": 1})


async def test_the_audit_is_for_admins(signed_in: SignIn) -> None:
    approver = await signed_in("approver")
    await page(approver, "/console/audit", status=403)
    admin = await signed_in("admin")
    shown = text_of(await page(admin, "/console/audit?verify"))
    assert "Every act is as it was written." in shown
    assert "token:admin" in shown


async def test_the_ledger_is_shown_as_it_was_drawn_up(
    broker: Broker, store: Store, access_file: Path, workshop: Workshop
) -> None:
    bookkeeping = Bookkeeping(store, lambda: NOW)
    await bookkeeping.draw_up()
    hub = AHub(Settings(access_file), broker, store, workshop)
    hub.drawn_up = bookkeeping.last
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as client,
    ):
        async with client.post("/sign-in/", data={"token": "viewer"}):
            pass
        shown = text_of(await page(client, "/console/ledger"))
        assert "It balances." in shown
        assert "Nothing has come in yet." in shown

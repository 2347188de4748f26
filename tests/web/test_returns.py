"""The door for systems: what is wrong is said at once, what is accepted is safe."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from hub.broker import INTERPRET, RETURNS, Broker, Delivery, Verdict
from hub.broker.topology import Exchange, Topology
from hub.store import Store, acts
from hub.web import returns
from hub.workshop.workshop import Workshop
from hub.xml import Limits
from tests.web.given import (
    AUTHORITY,
    SECRET,
    TOKENS,
    AHub,
    Settings,
    a_document,
    standing_before,
    tokens_file,
)

DOOR = f"/returns/{AUTHORITY}"
NAMES = {f"Bearer {token}": name for name, token in TOKENS.items()}


def headers(*, whose: str = "system", content_type: str = "application/xml") -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[whose]}", "Content-Type": content_type}


async def problem(response: aiohttp.ClientResponse) -> dict[str, object]:
    assert response.content_type == "application/problem+json"
    fields: dict[str, object] = await response.json()
    assert fields["status"] == response.status
    return fields


async def test_what_was_accepted_waits_to_be_interpreted(
    doors: aiohttp.ClientSession, broker: Broker
) -> None:
    came: asyncio.Queue[Delivery] = asyncio.Queue()

    async def keep(delivery: Delivery) -> Verdict:
        came.put_nowait(delivery)
        return Verdict.ACK

    body = a_document()
    trace = {"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
    async with doors.post(DOOR, data=body, headers=headers() | trace) as response:
        assert (response.status, await response.json()) == (202, {"accepted": True})
    subscription = broker.subscribe(INTERPRET, keep, prefetch=1)
    delivery = await came.get()
    await subscription.close()
    assert delivery.body == body
    assert (delivery.exchange, delivery.routing_key) == (RETURNS, f"vendor.{AUTHORITY}")
    assert (delivery.type, delivery.content_type) == ("update", "application/xml")
    assert delivery.headers["authority"] == AUTHORITY
    assert delivery.headers["adapter"] == "vendor"
    assert delivery.headers["speaker"] == "token:system"
    assert delivery.headers["traceparent"] == trace["traceparent"]


async def test_the_format_before_is_still_read(doors: aiohttp.ClientSession) -> None:
    async with doors.post(DOOR, data=a_document(space="urn:old"), headers=headers()) as response:
        assert response.status == 202


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        (f"Basic {TOKENS['system']}", 401),
        (f"Bearer {TOKENS['neighbour']}", 403),
        (f"Bearer {TOKENS['service']}", 403),
    ],
)
async def test_only_the_authoritys_own_system_comes_in(
    doors: aiohttp.ClientSession,
    broker: Broker,
    store: Store,
    authorization: str | None,
    status: int,
) -> None:
    sent = {"Content-Type": "application/xml"}
    if authorization is not None:
        sent["Authorization"] = authorization
    async with doors.post(DOOR, data=a_document(), headers=sent) as response:
        assert response.status == status
        assert str((await problem(response))["cause"]).startswith("access.")
        assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert await broker.depths([INTERPRET]) == {INTERPRET: 0}
    # Who is unknown has no name to write down; who is known and comes to a foreign door has.
    written = [each.act for each in await store.read(acts)]
    assert [(act.actor, act.action, act.subject) for act in written] == (
        [(f"token:{NAMES[str(authorization)]}", "return.refused", AUTHORITY)]
        if status == 403
        else []
    )


async def test_an_authority_that_routing_does_not_know_has_no_door(
    doors: aiohttp.ClientSession,
) -> None:
    async with doors.post("/returns/001800", data=a_document(), headers=headers()) as response:
        assert response.status == 404
        assert (await problem(response))["cause"] == "authority.unknown"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/xml; charset=iso-8859-1", "application/octet-stream"],
)
async def test_only_xml_in_utf_8_comes_in(doors: aiohttp.ClientSession, content_type: str) -> None:
    sent = headers(content_type=content_type)
    async with doors.post(DOOR, data=a_document(), headers=sent) as response:
        assert response.status == 415
        await problem(response)


@pytest.mark.parametrize(
    ("body", "status", "cause"),
    [
        (b"", 400, "X000"),
        (b"<update", 400, "X000"),
        (b"\xff<update/>", 400, "S001"),
        (b"<!DOCTYPE x><x/>", 422, "xml.doctype"),
        (a_document("unreadable"), 422, "vendor.name"),
        (a_document("bug"), 500, "hub.failed"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    doors: aiohttp.ClientSession, broker: Broker, body: bytes, status: int, cause: str
) -> None:
    with capture_logs() as logs:
        async with doors.post(DOOR, data=body, headers=headers()) as response:
            assert response.status == status
            fields = await problem(response)
    assert fields["cause"] == cause
    assert SECRET not in f"{fields}{logs}"
    assert await broker.depths([INTERPRET]) == {INTERPRET: 0}


async def test_what_is_invalid_is_told_with_its_place_but_no_value(
    doors: aiohttp.ClientSession,
) -> None:
    body = a_document(SECRET, day=SECRET)
    async with doors.post(DOOR, data=body, headers=headers()) as response:
        assert response.status == 422
        fields = await problem(response)
    assert fields["cause"] == "X001"
    assert fields["location"] == "/update/day (line 4)"
    [place] = fields["problems"]
    assert (place["location"], place["line"]) == (fields["location"], 4)
    assert place["sentence"] == fields["detail"]
    assert SECRET not in str(fields)


@pytest.mark.parametrize("announced", [True, False])
async def test_what_is_too_large_is_not_read_to_its_end(
    doors: aiohttp.ClientSession, announced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "RETURN_LIMITS", Limits(max_bytes=100))

    async def pieces() -> AsyncIterator[bytes]:
        yield a_document()

    data = a_document() if announced else pieces()
    async with doors.post(DOOR, data=data, headers=headers()) as response:
        assert response.status == 413
        await problem(response)


async def test_who_sends_too_much_at_once_waits_and_nobody_else_does(
    doors: aiohttp.ClientSession,
) -> None:
    to_its_end = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:  # counts as the largest: it states no length
        yield a_document()
        await to_its_end.wait()

    async def send(data: bytes | AsyncIterator[bytes], whose: str = "system") -> int:
        door = DOOR if whose == "system" else "/returns/000900"
        async with doors.post(door, data=data, headers=headers(whose=whose)) as response:
            if response.status == 503:
                assert (await problem(response))["cause"] == "door.busy"
                assert int(response.headers["Retry-After"]) > 0
            return response.status

    sending = [asyncio.create_task(send(pieces())) for _ in range(5)]
    first = asyncio.FIRST_COMPLETED
    turned_away, under_way = await asyncio.wait(sending, timeout=30, return_when=first)
    assert [task.result() for task in turned_away] == [503]
    assert await send(a_document()) == 503
    assert await send(a_document(), "neighbour") == 404  # in no table, but let in
    to_its_end.set()
    assert await asyncio.gather(*under_way) == [202] * 4
    assert await send(a_document()) == 202


async def test_what_no_queue_takes_is_not_accepted(
    amqp_url: str, store: Store, workshop: Workshop, tmp_path: Path
) -> None:
    bare = Topology((Exchange(RETURNS, "topic"),), (), ())
    async with Broker([amqp_url], name="bare") as broker:
        await broker.declare(bare)
        await refuses_for_now(AHub(Settings(tokens_file(tmp_path)), broker, store, workshop))


async def test_what_the_broker_did_not_confirm_is_not_accepted(hub: AHub) -> None:
    hub.broker = Broker(["amqp://127.0.0.1:1/"], name="never connected")
    await refuses_for_now(hub)


async def refuses_for_now(hub: AHub) -> None:
    async with (
        standing_before(hub) as doors,
        doors.post(DOOR, data=a_document(), headers=headers()) as response,
    ):
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
        await problem(response)

"""Bad input: a dead letter with cause and field, a refusal to the sender, nothing else touched."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import aio_pika
import pytest

from hub.store import bury
from tests.builders import a_document, a_submission, an_id
from tests.store.building import a_dead_letter
from tests.way.conftest import World

Refusals = asyncio.Queue[dict[str, Any]]


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    raw = json.loads(a_submission(documents=1).model_dump_json())
    change(raw)
    return json.dumps(raw).encode()


def first_document(raw: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = raw["documents"][0]
    return document


BAD: dict[str, tuple[bytes, str, str | None]] = {
    "not JSON": (b"{", "json.malformed", None),
    "unknown kind": (b'{"type": "greeting"}', "kind.unknown", None),
    "unknown service": (
        changed(lambda raw: raw["details"].update(service="fishing")),
        "service.unknown",
        "details",
    ),
    "unknown authority": (
        changed(lambda raw: raw.update(authority="999999")),
        "authority.unknown",
        "authority",
    ),
    "bad key": (
        changed(lambda raw: raw.update(authority="12")),
        "field.invalid",
        "authority",
    ),
    "service not offered": (
        changed(lambda raw: raw.update(authority="990004")),
        "service.not_offered",
        "details.service",
    ),
    "outside DIN 91379": (
        changed(lambda raw: raw["details"]["person"]["family_name"].update(text="Muster\u4e2d")),
        "field.invalid",
        "details.person.family_name.text",
    ),
    "wrong hash": (
        changed(lambda raw: first_document(raw).update(sha256="0" * 64)),
        "document.hash",
        "documents[0].sha256",
    ),
    "third media type": (
        changed(lambda raw: first_document(raw).update(media_type="image/png")),
        "field.invalid",
        "documents[0].media_type",
    ),
    "missing document": (
        changed(lambda raw: first_document(raw).update(content=None)),
        "document.missing",
        "documents[0]",
    ),
    "test to production": (
        changed(lambda raw: raw.update(test=True)),
        "stage.mismatch",
        "test",
    ),
    "production to test": (
        changed(lambda raw: raw.update(authority="990003")),
        "stage.mismatch",
        "test",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_it_is_refused_by_name_and_the_next_good_message_passes(
    world: World, refusals: Refusals, name: str
) -> None:
    body, cause, location = BAD[name]
    await world.send(body, correlation_id=name, reply_to="service.refusals")
    async with asyncio.timeout(20):
        refusal = await refusals.get()
    assert refusal["correlation"] == name
    assert refusal["cause"] == cause
    assert location is None or (refusal["location"] or "").startswith(location)
    assert refusal["sentence"].endswith(".")
    assert "\u4e2d" not in refusal["sentence"]
    [dead] = await world.until_dead()
    assert (dead.cause, dead.sentence) == (cause, refusal["sentence"])
    assert world.system.received == []

    good = a_submission(id=an_id("good"))
    await world.send(good)
    await world.until_state(good, "accepted")
    ledger = await world.ledger()
    assert ledger.balanced
    assert ledger.refused_at_the_door == 1


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"correlation_id": "mine", "message_id": "attempt 1"}, "mine"),
        ({"message_id": "attempt 1"}, "attempt 1"),
    ],
)
async def test_a_refusal_says_which_message_it_is_of_though_nobody_could_read_it(
    refusals: Refusals, amqp_url: str, properties: dict[str, str], key: str
) -> None:
    message = aio_pika.Message(b"{", reply_to="service.refusals", **properties)  # type: ignore[arg-type]
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("hub.submissions", ensure=False)
        await exchange.publish(message, "employment.990001")
    async with asyncio.timeout(20):
        refusal = await refusals.get()
    assert (refusal["refused"], refusal["location"]) == (None, None)
    assert (refusal["key"], refusal["correlation"]) == (key, key)


async def test_a_document_that_is_not_what_it_says_is_refused(
    world: World, refusals: Refusals
) -> None:
    lying = a_document("lying").model_copy(update={"media_type": "image/jpeg"})
    await world.send(a_submission(documents_given=(lying,)), reply_to="service.refusals")
    async with asyncio.timeout(20):
        refusal = await refusals.get()
    assert (refusal["cause"], refusal["location"]) == (
        "document.media_type",
        "documents[0].media_type",
    )


async def test_a_document_that_was_put_before_must_have_the_size_it_states(
    world: World, refusals: Refusals
) -> None:
    document = a_document("put before", size=64)
    submission = a_submission(
        documents_given=(document.model_copy(update={"content": None, "size": 65}),)
    )

    async def chunks() -> AsyncIterator[bytes]:
        yield document.content or b""

    await world.hub.store.documents.stage(submission.sender.key, document.sha256, chunks(), 1000)
    await world.send(submission, reply_to="service.refusals")
    async with asyncio.timeout(20):
        refusal = await refusals.get()
    assert (refusal["cause"], refusal["location"]) == ("document.size", "documents[0].size")
    assert world.system.received == []


async def test_another_message_under_a_known_id_is_a_conflict(
    world: World, refusals: Refusals
) -> None:
    first = a_submission()
    await world.send(first)
    await world.until_state(first, "accepted")
    await world.send(
        first.model_copy(update={"application_id": "AT-OTHER"}), reply_to="service.refusals"
    )
    async with asyncio.timeout(20):
        assert (await refusals.get())["cause"] == "message.conflict"
    assert len(world.system.received) == 1
    assert [row.state for row in await world.messages(first.id)] == ["accepted"]


@pytest.mark.parametrize("exchange", ["hub.deliveries", "amq.topic"])
async def test_a_refusal_never_goes_into_an_exchange_of_the_hub_or_the_broker(
    world: World, exchange: str
) -> None:
    await world.send(a_submission(), reply_to=exchange)
    [dead] = await world.until_dead()
    assert (dead.cause, dead.reply_to) == ("reply_to.forbidden", None)


async def test_a_sender_whose_exchange_is_missing_harms_nobody(world: World) -> None:
    await world.send(b"{", reply_to="nowhere")
    await world.until_dead()
    good = a_submission()
    await world.send(good)
    await world.until_state(good, "accepted")


@pytest.mark.parametrize(
    "given",
    [
        {"correlation_id": "\0" * 255, "reply_to": "service.refusals"},
        {"correlation_id": "theirs", "reply_to": "r\u00fcckweisungen"},
        {"correlation_id": "theirs", "reply_to": "r" * 128},
    ],
    ids=["name that grew", "letters that AMQP has not", "too long"],
)
async def test_whoever_cannot_be_told_keeps_nobody_else_from_being_told(
    world: World, refusals: Refusals, given: dict[str, str]
) -> None:
    await world.send(b"{", **given)
    await world.until_dead()
    letter = a_dead_letter(at=datetime.now(UTC), reply_to="service.refusals", correlation="ours")
    await world.hub.store.run(lambda c: bury(c, letter))

    async with asyncio.timeout(30):
        while (await refusals.get())["correlation"] != "ours":
            pass

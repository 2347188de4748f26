"""The virus scanner on the whole way: what it finds is refused, and without it nothing passes."""

import asyncio
import base64
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from hub.broker import INTAKE
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.store import dead_letters
from tests.builders import a_submission
from tests.clamd import EICAR, SIGNATURE, Clamd, private_clamd
from tests.hostile.papers import a_pdf, with_document
from tests.way.conftest import World, a_world, until
from tests.way.system import System

INFECTED = a_pdf(b"<< >>\nstream\n" + EICAR + b"\nendstream")


@pytest.fixture
async def scanner() -> AsyncIterator[Clamd]:
    async with private_clamd() as running:
        yield running


@pytest.fixture
async def world(settings: Settings, system: System, scanner: Clamd) -> AsyncIterator[World]:
    scanning = settings.model_copy(update={"clamd": scanner.socket})
    async with a_world(scanning, system) as world:
        yield world


async def test_what_it_finds_is_refused_and_never_becomes_a_letter(
    world: World, refusals: "asyncio.Queue[dict[str, object]]"
) -> None:
    await world.send(with_document(INFECTED), reply_to="service.refusals")
    async with asyncio.timeout(60):
        refusal = await refusals.get()
    assert (refusal["cause"], refusal["location"]) == ("document.infected", "documents[1]")
    assert SIGNATURE in str(refusal["sentence"])
    assert world.system.received == []

    good = with_document(a_pdf())
    await world.send(good)
    [received] = await world.system.wait_for(1)
    update = await world.written(Answer("intended_refusal"), received)
    bad = base64.b64encode(INFECTED)
    before, begin, rest = update.partition(b"dokument>")
    _, end, after = rest.partition(b"</")
    await world.post(before + begin + bad + end + after)
    dead = [each for each in await world.until_dead(2) if each.stage == "interpret"]
    assert [each.cause for each in dead] == ["document.infected"]
    await world.post(await world.written(Answer("intended_refusal"), received))
    [letter] = await world.until_letters(good.id, 1)
    assert letter.kind == "intended_refusal"
    assert (await world.ledger()).balanced


async def test_while_it_is_away_the_stage_waits_and_nothing_dies_or_passes(
    world: World, scanner: Clamd
) -> None:
    before = a_submission()
    await world.send(before)
    [received] = await world.system.wait_for(1)
    await scanner.stop()
    waiting = [a_submission(id=uuid4(), documents=2) for _ in range(5)]
    with capture_logs() as logs:
        for each in waiting:
            await world.send(each)
        await world.post(await world.written(Answer("intended_refusal"), received))

        async def paused() -> bool:
            stages = [each for each in world.hub.subscriptions if each.queue == INTAKE]
            return all(each.paused for each in stages)

        await until(paused)
    assert [each for each in logs if each["event"] == "scanner.away"]
    # What goes on its way already does not need it.
    await world.until_state(before, "accepted")
    assert [await world.messages(each.id) for each in waiting] == [[]] * 5
    assert await world.letters(before.id) == []
    await scanner.start()
    for each in waiting:
        await world.until_state(each, "accepted")
    await world.until_letters(before.id, 1)
    assert await world.hub.store.read(dead_letters) == []
    assert len(world.system.received) == 6
    assert (await world.ledger()).balanced


async def test_a_document_larger_than_it_takes_is_a_dead_letter_for_the_operator(
    world: World,
) -> None:
    await world.send(with_document(a_pdf(bytes(3_000_000))))
    [dead] = await world.until_dead()
    assert dead.cause == "document.not_scanned"
    assert "StreamMaxLength" in dead.sentence

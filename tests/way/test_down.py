"""The way down: from the exchange to the system, whatever happens on it."""

import asyncio
import json
from pathlib import Path

from aiohttp import web

from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.settings import Settings
from tests.builders import a_document, a_submission, an_id
from tests.way.conftest import World, a_world, until
from tests.way.system import System, a_system


async def test_a_submission_arrives_as_valid_xml_and_is_accepted(world: World) -> None:
    submission = a_submission(documents=2)
    await world.send(submission)
    row = await world.until_state(submission, "accepted")
    [received] = world.system.received
    assert received.name == "OZG.Antrag.130101"
    assert received.uuid == received.key == str(submission.id)
    assert row.attempts == 1
    names = await world.names(submission.id)
    assert names == ["received", "attempt", "handed_over", "accepted"]
    assert (await world.ledger()).balanced


async def test_the_same_submission_twice_is_delivered_once(world: World) -> None:
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "accepted")
    await world.send(submission)

    async def noted() -> bool:
        return "duplicate" in await world.names(submission.id)

    await until(noted)
    assert len(world.system.received) == 1


async def test_the_ledger_balances_while_submissions_are_in_flight(world: World) -> None:
    sent = [a_submission(id=an_id(f"flight-{number}"), documents=1) for number in range(40)]
    looks: list[tuple[int, bool]] = []

    async def all_accepted() -> bool:
        ledger = await world.ledger()
        looks.append((ledger.totals.owed, ledger.balanced))
        return ledger.totals.accepted == len(sent)

    await asyncio.gather(*(world.send(each) for each in sent), until(all_accepted))
    assert any(owed for owed, _ in looks), "nothing was ever in flight"
    assert all(balanced for _, balanced in looks)
    assert len({each.uuid for each in world.system.received}) == len(sent)


async def test_a_passing_failure_is_tried_again_under_the_same_uuid(world: World) -> None:
    world.system.answers += [web.Response(status=500), web.Response(status=500)]
    submission = a_submission()
    await world.send(submission)
    row = await world.until_state(submission, "accepted")
    assert {each.uuid for each in world.system.received} == {str(submission.id)}
    assert row.attempts == 3
    assert (await world.names(submission.id)).count("postponed") == 2


async def test_an_answer_that_was_cut_leaves_the_delivery_in_doubt(world: World) -> None:
    def cut(request: web.Request) -> None:
        assert request.transport is not None
        request.transport.abort()

    world.system.answers.append(cut)
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "accepted")
    assert "in_doubt" in await world.names(submission.id)
    assert [each.uuid for each in world.system.received] == [str(submission.id)] * 2


async def test_a_refusal_is_a_dead_letter_with_the_codes_of_the_system(world: World) -> None:
    world.system.answers.append(web.json_response({"codes": ["S010"]}, status=422))
    await world.send(a_submission())
    [dead] = await world.until_dead()
    assert dead.cause == "refused.S010"
    assert (await world.ledger()).balanced


async def test_already_processed_counts_as_accepted(world: World) -> None:
    world.system.answers.append(web.json_response({"codes": ["S100"]}, status=409))
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "accepted")


async def test_an_outage_parks_one_authority_and_burns_no_attempt(
    settings: Settings, system: System
) -> None:
    async with a_system() as gone:
        address = gone.url
    async with a_world(settings, system, other=address) as world:
        held = a_submission(id=an_id("held"), authority="990002")
        await world.send(held)

        async def parked() -> bool:
            return "parked" in await world.names(held.id)

        await until(parked)
        free = a_submission(id=an_id("free"), authority="990001")
        await world.send(free)
        await world.until_state(free, "accepted")
        [row] = await world.messages(held.id)
        assert (row.state, row.attempts) == ("owed", 0)
        async with a_system(port=int(address.rpartition(":")[2])) as back:
            await world.until_state(held, "accepted")
            assert [each.uuid for each in back.received] == [str(held.id)]
        names = await world.names(held.id)
        assert names.index("parked") < names.index("resumed")
        assert (await world.ledger()).balanced


async def test_what_is_owed_outlives_a_restart(settings: Settings) -> None:
    async with a_system() as gone:
        address = gone.url
    submission = a_submission()
    async with a_world(settings, gone) as world:
        await world.send(submission)

        async def parked() -> bool:
            return "parked" in await world.names(submission.id)

        await until(parked)
    async with (
        a_system(port=int(address.rpartition(":")[2])) as back,
        a_world(settings, back) as world,
    ):
        await world.until_state(submission, "accepted")
        assert len(back.received) == 1


async def test_a_wiped_broker_is_filled_again_from_the_store(
    settings: Settings, rabbitmq: PrivateRabbitMQ
) -> None:
    async with a_system() as gone:
        address = gone.url
    submission = a_submission()
    async with a_world(settings, gone) as world:
        await world.send(submission)

        async def parked() -> bool:
            return "parked" in await world.names(submission.id)

        await until(parked)
        await rabbitmq.wipe()
        async with a_system(port=int(address.rpartition(":")[2])) as back:
            await world.until_state(submission, "accepted")
            assert [each.uuid for each in back.received] == [str(submission.id)]
        another = a_submission(id=an_id("after the wipe"))
        await world.hub.broker.wait_ready()
        await world.sender.wait_ready()
        await world.send(another)


async def test_a_file_written_by_a_broken_hand_leaves_the_old_table_in_force(
    world: World, settings: Settings
) -> None:
    await asyncio.to_thread(settings.routing.write_text, "systems: [", "utf-8")

    async def noticed() -> bool:
        return world.hub.routes.error is not None

    await until(noticed)
    assert "routing.yaml:1" in str(world.hub.routes.error)
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "accepted")


async def test_nothing_of_an_applicant_is_in_journal_or_queue(world: World) -> None:
    submission = a_submission(documents_given=(a_document("one", file_name="Pass Erika.pdf"),))
    await world.send(submission)
    await world.until_state(submission, "accepted")
    events = json.dumps([str(event) for event in await world.events(submission.id)])
    assert "Muster" not in events
    assert "Erika" not in events


async def test_an_official_schema_set_has_the_last_word(
    settings: Settings, system: System, tmp_path: Path
) -> None:
    folder = tmp_path / "official" / "xauslaender" / "26.11"
    folder.mkdir(parents=True)
    (folder / "narrow.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        '<xs:element name="nothing-else"/></xs:schema>'
    )
    narrow = settings.model_copy(update={"official_schemas": tmp_path / "official"})
    async with a_world(narrow, system) as world:
        await world.send(a_submission())
        [dead] = await world.until_dead()
        assert (dead.cause, dead.stage) == ("X001", "deliver")
        assert system.received == []

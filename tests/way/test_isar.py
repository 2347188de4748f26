"""The whole way with Isar: case by case down by SOAP, updates collected up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.app import running
from hub.broker import Broker
from hub.model.downward import Submission
from hub.model.identifiers import MessageUuid
from hub.sandbox.isar.system import build
from hub.sandbox.script import answers, message_number
from hub.settings import Settings
from hub.xml import serialise
from tests.adapters.isar.updates import an_update
from tests.builders import a_reply, a_submission, an_id
from tests.builders.messages import SERVICES
from tests.sandbox.serving import serving
from tests.transport.soap_far_end import SoapFarEnd, a_fault, cut
from tests.way.conftest import World, until
from tests.way.system import System

ROUTING = """
systems:
  isar: {{adapter: isar, formats: [{{version: "2.1", from: 2020-01-01}}],
    stage: production, transport: soap, endpoint: {{url: "{url}", token_env: ISAR_TOKEN}},
    limits: {{parallel: 4, attempts: 12}}}}
authorities:
  "990001":
    {{name: One, regional_keys: ["09162"], system: isar, services: all, back_channel: true}}
"""


@asynccontextmanager
async def a_world(settings: Settings, url: str) -> AsyncIterator[World]:
    settings.routing.write_text(ROUTING.format(url=url))
    async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
        await hub.broker.wait_ready()
        yield World(hub, sender, System(url))


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ISAR_TOKEN", "muster")
    return "muster"


@pytest.fixture
async def far_end() -> AsyncIterator[SoapFarEnd]:
    far_end = SoapFarEnd()
    await far_end.start()
    yield far_end
    await far_end.go_away()


def url_of(far_end: SoapFarEnd) -> str:
    return str(far_end.endpoint.settings["url"])


def sent(far_end: SoapFarEnd) -> list[str]:
    """The calls that bring something, by their ids."""
    return [call.id for call in far_end.calls if call.id is not None]


def calls_of(submission: Submission) -> list[str]:
    documents = (f"{submission.id} AddDocument {each.id}" for each in submission.documents)
    return [f"{submission.id} SubmitCase", *documents, f"{submission.id} CompleteCase"]


async def test_all_services_go_down_and_their_letters_come_up(
    settings: Settings, tmp_path: Path, token: str
) -> None:
    submissions = [
        a_submission(
            service=service,
            id=an_id(f"isar-{service}"),
            application_id=f"AT-2026-{number:06d}",
            documents=3,
        )
        for number, service in enumerate(SERVICES)
    ]
    async with (
        serving(build(tmp_path, token=token)) as url,
        a_world(settings, f"{url}/isar/{{authority}}") as world,
    ):
        for submission in submissions:
            await world.send(submission)
        for submission in submissions:
            await world.until_state(submission, "accepted")
            answered = answers(message_number(submission.service), submission.application_id)
            letters = await world.until_letters(submission.id, len(answered))
            assert [letter.kind for letter in letters] == [answer.kind for answer in answered]
            accepted = [
                each for each in await world.events(submission.id) if each.name == "accepted"
            ]
            assert [each.detail["receipt"] for each in accepted] == [f"I-990001-{submission.id}"]
        assert (await world.ledger()).balanced


async def test_a_question_is_answered_with_a_document(
    settings: Settings, tmp_path: Path, token: str
) -> None:
    submission = a_submission(application_id="AT-2026-000005")
    async with (
        serving(build(tmp_path, token=token)) as url,
        a_world(settings, f"{url}/isar/{{authority}}") as world,
    ):
        await world.send(submission)
        letters = await world.until_letters(submission.id, 2)
        assert [letter.kind for letter in letters] == ["status", "question"]
        [question] = [
            each for each in await world.messages(submission.id) if each.kind == "question"
        ]
        reply = a_reply(case=submission.id, answers=MessageUuid(question.wire), documents=2)
        await world.send(reply)
        await world.until_state(reply, "accepted")
        letters = await world.until_letters(submission.id, 4)
        assert [letter.kind for letter in letters[2:]] == ["status", "appointment"]


async def test_a_call_that_broke_off_is_made_again_and_no_finished_one(
    settings: Settings, far_end: SoapFarEnd
) -> None:
    submission = a_submission(documents=3)
    far_end.answer(None, None, cut)
    async with a_world(settings, url_of(far_end)) as world:
        await world.send(submission)
        row = await world.until_state(submission, "accepted")
        assert row.attempts == 2
        assert "in_doubt" in await world.names(submission.id)
    ids = calls_of(submission)
    assert sent(far_end) == [*ids[:3], *ids[2:]]


async def test_a_case_half_delivered_is_finished_by_the_next_hub(
    settings: Settings, far_end: SoapFarEnd
) -> None:
    submission = a_submission(documents=3)
    far_end.answer(None, None, *[lambda _: a_fault("Receiver")] * 100)
    async with a_world(settings, url_of(far_end)) as world:
        await world.send(submission)

        async def postponed() -> bool:
            return "postponed" in await world.names(submission.id)

        await until(postponed)
    before = len(sent(far_end))
    far_end.answer()
    async with a_world(settings, url_of(far_end)) as world:
        await world.until_state(submission, "accepted")
    ids = calls_of(submission)
    assert sent(far_end)[:2] == ids[:2]
    assert sent(far_end)[before:] == ids[2:]


async def test_collecting_goes_on_where_the_last_hub_was(
    settings: Settings, far_end: SoapFarEnd
) -> None:
    submission = a_submission()
    async with a_world(settings, url_of(far_end)) as world:
        await world.send(submission)
        await world.until_state(submission, "accepted")
        far_end.updates[7] = serialise(an_update("StatusUpdate", status="CHECKED"))
        await world.until_letters(submission.id, 1)
    far_end.calls.clear()
    far_end.updates[9] = serialise(an_update("QuestionUpdate", ("Text", "Wer?")))
    async with a_world(settings, url_of(far_end)) as world:
        letters = await world.until_letters(submission.id, 2)
        assert [letter.kind for letter in letters] == ["status", "question"]
        assert "duplicate" not in await world.names(submission.id)
    asked = [call.body.get("after") for call in far_end.calls if call.id is None]
    assert asked[0] == "7"


async def test_a_hostile_update_is_a_dead_letter_and_holds_nothing_up(
    settings: Settings, far_end: SoapFarEnd
) -> None:
    submission = a_submission()
    far_end.updates[1] = b'<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>'
    async with a_world(settings, url_of(far_end)) as world:
        [dead] = await world.until_dead()
        assert (dead.cause, dead.stage) == ("xml.doctype", "interpret")
        await world.send(submission)
        await world.until_state(submission, "accepted")
        far_end.updates[2] = serialise(an_update("StatusUpdate", status="RECEIVED"))
        await world.until_letters(submission.id, 1)
        assert (await world.ledger()).balanced


async def test_a_refused_case_is_a_dead_letter_with_the_codes_of_the_fault(
    settings: Settings, far_end: SoapFarEnd
) -> None:
    far_end.answer(lambda _: a_fault("Sender", "S010"))
    async with a_world(settings, url_of(far_end)) as world:
        await world.send(a_submission())
        [dead] = await world.until_dead()
        assert dead.cause == "refused.S010"
        assert (await world.ledger()).balanced

"""What an authority is not competent for goes to another one, which then has the case."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.model.identifiers import CaseId
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.stages.forward import Forward
from hub.store import acts, case_by_id
from tests.builders import a_reply, a_submission
from tests.way import conftest
from tests.way.conftest import World, a_world, until
from tests.way.system import System, a_system

NOT_COMPETENT = Answer("not_competent")
STATUS = Answer("status", status="01")
X = {"x": "http://www.osci.de/xauslaender2611"}
NAMED = "Ausländerbehörde Nachbarmusterstadt (erfunden)"
"""What the sandbox's systems name as the competent authority."""


@pytest.fixture
async def other() -> AsyncIterator[System]:
    async with a_system() as other:
        yield other


@pytest.fixture
async def world(settings: Settings, system: System, other: System) -> AsyncIterator[World]:
    async with a_world(settings, system, other.url) as world:
        yield world


@pytest.fixture
async def world_with_rule(
    settings: Settings, system: System, other: System, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    ruled = conftest.ROUTING.replace("{{name: One,", "{{when_not_competent: forward, name: One,")
    monkeypatch.setattr(conftest, "ROUTING", ruled.replace("name: Other", f'name: "{NAMED}"'))
    async with a_world(settings, system, other.url) as world:
        yield world


def now() -> datetime:
    return datetime.now(UTC)


async def forward(world: World, case: Any, to: str = "990002") -> None:
    hub = world.hub
    await Forward(hub.store, hub.routes.in_force, now).to(
        CaseId(case), to, actor="cli:ola", reason="moved away"
    )


async def test_the_other_authority_gets_the_whole_submission_and_answers_it(
    world: World, other: System
) -> None:
    submission = a_submission(documents=2)
    await world.send(submission)
    [first] = await world.system.wait_for(1)
    await world.update(NOT_COMPETENT, first)
    [told] = await world.until_letters(submission.id, 1)
    assert (told.kind, told.sender) == ("not_competent", "One")

    await forward(world, submission.id)
    [second] = await other.wait_for(1)

    assert (second.authority, second.name) == ("990002", first.name)
    assert second.uuid != first.uuid
    for path in ("x:antragsidentifikation", "x:rueckkanalVorhanden"):
        texts = [each.root.findtext(path, namespaces=X) for each in (first, second)]
        assert texts[0] == texts[1]
    documents = [each.root.findall(".//{*}dokument") for each in (first, second)]
    assert [each.text for each in documents[0]] == [each.text for each in documents[1]]
    assert documents[0]

    await world.update(STATUS, second, authority="990002")
    letters = await world.until_letters(submission.id, 2)
    assert [(letter.kind, letter.sender) for letter in letters] == [
        ("not_competent", "One"),
        ("status", "Other"),
    ]
    assert len(world.system.received) == 1
    assert (await world.ledger()).balanced


async def test_who_had_the_case_speaks_for_itself_only_and_is_no_longer_answered(
    world: World, other: System
) -> None:
    submission = a_submission()
    await world.send(submission)
    [first] = await world.system.wait_for(1)
    question = await world.update(Answer("question"), first)
    await world.until_letters(submission.id, 1)
    await world.update(NOT_COMPETENT, first)
    await world.until_letters(submission.id, 2)
    await forward(world, submission.id)
    await other.wait_for(1)

    await world.update(STATUS, first)
    letters = await world.until_letters(submission.id, 3)
    assert letters[-1].sender == "One"
    await world.update(STATUS, first, authority="990002")
    [dead] = await world.until_dead()
    assert dead.cause == "case.unknown"
    await world.send(a_reply(case=submission.id, answers=question))
    causes = {dead.cause for dead in await world.until_dead(2)}
    assert causes == {"case.unknown", "answer.unmatched"}
    assert len(world.system.received) == 1
    assert len(other.received) == 1


async def test_the_rule_forwards_as_soon_as_the_authority_has_said_it(
    world_with_rule: World, other: System
) -> None:
    world, submission = world_with_rule, a_submission()
    await world.send(submission)
    [first] = await world.system.wait_for(1)
    await world.update(NOT_COMPETENT, first)

    [second] = await other.wait_for(1)

    assert second.root.findtext("x:antragsidentifikation", namespaces=X) == (
        submission.application_id
    )

    async def accepted() -> bool:
        return (await world.names(submission.id)).count("accepted") == 2

    await until(accepted)
    [letter] = await world.until_letters(submission.id, 1)
    assert letter.kind == "not_competent"
    [act] = await world.hub.store.read(acts)
    assert (act.act.actor, act.act.action) == ("hub", "case.forward")
    assert (await world.ledger()).balanced


async def test_the_same_document_twice_forwards_once(world_with_rule: World, other: System) -> None:
    world, submission = world_with_rule, a_submission()
    await world.send(submission)
    [first] = await world.system.wait_for(1)
    body = await world.written(NOT_COMPETENT, first)
    await asyncio.gather(world.post(body), world.post(body))

    async def noted() -> bool:
        names = await world.names(submission.id)
        return "duplicate" in names and names.count("accepted") == 2

    await until(noted)
    assert len(await other.wait_for(1)) == 1
    assert (await world.names(submission.id)).count("forwarded") == 1
    case = await world.hub.store.read(lambda c: case_by_id(c, CaseId(submission.id)))
    assert case is not None
    assert case.authority == "990002"

"""A dead letter is corrected by one person, let pass by another, and sent as a new message."""

import json
import logging
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from hub.model.failure import PermanentFailure
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.stages.editing import EditRefused
from hub.stages.replay import discard_letter
from hub.store import (
    Edit,
    acts,
    dead_letter_by_id,
    dead_letters,
    edit_by_id,
    open_edits,
    outcome_of,
    verify_acts,
)
from hub.xml import serialise
from tests.adapters.xauslaender.updates import a_refusal
from tests.builders import a_submission
from tests.way.conftest import World, a_world, until
from tests.way.spree import Spree, a_spree, a_user, a_world_with_spree
from tests.way.system import System

WRONG, RIGHT = "Falschhausen", "Richtighausen"
OLA, KIM = "oidc:ola", "token:kim"
STATUS = Answer("status", status="01")


async def a_refused_submission(world: World, **given: Any) -> Any:
    """A submission that the system refuses; its dead letter."""
    submission = a_submission(documents=1)
    body = submission.model_dump_json().replace("Musterort", WRONG).encode()
    assert WRONG.encode() in body
    world.system.answers.append(web.json_response({"codes": ["S010"]}, status=422))
    await world.send(body, **given)
    [dead] = await world.until_dead()
    assert dead.cause == "refused.S010"
    return dead


async def proposed(world: World, letter: UUID, old: str = WRONG, new: str = RIGHT) -> Edit:
    edits = world.hub.edits
    text = await edits.begin(letter, actor=OLA)
    assert old in text
    return await edits.propose(letter, text.replace(old, new), actor=OLA, reason="a wrong place")


async def refused(world: World, letter: UUID, **changed: Any) -> EditRefused:
    message = json.loads(await world.hub.edits.begin(letter, actor=OLA))
    with pytest.raises(EditRefused) as raised:
        await world.hub.edits.propose(
            letter, json.dumps(message | changed), actor=OLA, reason="to see"
        )
    return raised.value


def fields(failure: EditRefused) -> list[str]:
    return [place for place, _ in failure.problems]


async def cause_of(world: World, edit: Edit, sha256: str, actor: str) -> str:
    with pytest.raises(PermanentFailure) as raised:
        await world.hub.edits.approve(edit.id, sha256, actor=actor)
    return raised.value.cause


async def test_a_refused_submission_is_corrected_and_accepted_as_a_new_message(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    dead = await a_refused_submission(world)
    edit = await proposed(world, dead.id)
    opened = await world.hub.edits.open(edit.id, actor=KIM)
    changed = [line for line in opened.difference.splitlines()[2:] if line[0] in "+-"]
    assert [(line[0], line[1:].split(": ")[1]) for line in changed] == [
        ("-", f'"{WRONG}",'),
        ("+", f'"{RIGHT}",'),
    ]
    assert opened.problems == ()

    approved = await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)

    first, second = await world.system.wait_for(2)
    assert WRONG.encode() in serialise(first.root)
    assert RIGHT.encode() in serialise(second.root)
    assert second.uuid == str(approved.wire)
    assert first.uuid not in (second.uuid, ""), "a corrected message is a new one"
    assert first.key != second.key
    [row] = await until(lambda: _accepted(world, dead.case))
    assert (row.wire, str(row.id)) == (approved.wire, first.uuid)
    names = await world.names(dead.case)
    assert names[names.index("dead") :][:3] == ["dead", "edited", "replayed"]
    [edited] = [each for each in await world.events(dead.case) if each.name == "edited"]
    assert edited.detail["proposed_by"] == OLA
    assert edited.detail["approved_by"] == KIM
    assert edited.detail["sha256"] == edit.sha256
    assert (edited.detail["was"], edited.detail["wire"]) == (first.uuid, second.uuid)
    assert edited.detail["dead_letter"] == str(dead.id)
    letter = await world.hub.store.read(lambda c: dead_letter_by_id(c, dead.id))
    assert letter is not None
    assert await world.hub.store.read(lambda c: outcome_of(c, letter)) == "passed"
    kept = await world.hub.store.read(lambda c: edit_by_id(c, edit.id))
    assert kept is not None
    assert (kept.state, kept.decided_by, kept.content) == ("approved", KIM, None)
    assert (await world.ledger()).balanced

    told = [each.act for each in await world.hub.store.read(acts)]
    assert [(act.action, act.actor) for act in told] == [
        ("dead.open", OLA),
        ("edit.propose", OLA),
        ("edit.open", KIM),
        ("edit.approve", KIM),
    ]
    assert await world.hub.store.read(verify_acts) is None
    traces = f"{told}{await world.events(dead.case)}{caplog.text}"
    assert WRONG not in traces
    assert RIGHT not in traces

    await world.update(STATUS, second)
    [status] = await world.until_letters(dead.case, 1)
    assert status.kind == "status"


async def _accepted(world: World, case: UUID) -> Any:
    rows = [row for row in await world.messages(case) if row.direction == "down"]
    return rows if rows[0].state == "accepted" else None


async def test_what_the_sender_repeats_is_still_the_same_message(world: World) -> None:
    dead = await a_refused_submission(world)
    edit = await proposed(world, dead.id)
    await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)
    await world.system.wait_for(2)
    [row] = await until(lambda: _accepted(world, dead.case))
    submission = a_submission(documents=1)
    await world.send(submission.model_dump_json().replace("Musterort", WRONG).encode())
    await until(lambda: _has(world, dead.case, "duplicate"))
    assert [each.wire for each in await world.messages(dead.case)] == [row.wire]
    assert len(world.system.received) == 2


async def _has(world: World, case: UUID, event: str) -> bool:
    return event in await world.names(case)


async def test_a_late_refusal_of_what_was_sent_first_is_none_of_what_was_corrected(
    world: World,
) -> None:
    dead = await a_refused_submission(world)
    edit = await proposed(world, dead.id)
    await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)
    first, _ = await world.system.wait_for(2)
    [row] = await until(lambda: _accepted(world, dead.case))
    await world.post(serialise(a_refusal(serialise(first.root), "S010")))
    await until(lambda: _has(world, dead.case, "late"))
    assert await _accepted(world, dead.case) == [row]
    assert await world.hub.store.read(dead_letters) == []


async def test_what_an_authority_says_of_what_was_sent_first_reaches_the_applicant(
    world: World,
) -> None:
    dead = await a_refused_submission(world)
    edit = await proposed(world, dead.id)
    await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)
    first, _ = await world.system.wait_for(2)
    await world.update(STATUS, first)
    [status] = await world.until_letters(dead.case, 1)
    assert status.kind == "status"


async def test_nobody_approves_alone_or_something_else(world: World) -> None:
    dead = await a_refused_submission(world)
    edit = await proposed(world, dead.id)
    assert await cause_of(world, edit, edit.sha256, OLA) == "edit.same_person"
    assert await cause_of(world, edit, edit.sha256, "token:Ola") == "edit.same_person"
    assert await cause_of(world, edit, edit.sha256, "cli:ola") == "edit.same_person"
    assert await cause_of(world, edit, "0" * 64, KIM) == "edit.hash"
    await world.hub.edits.withdraw(edit.id, actor=KIM)
    assert await cause_of(world, edit, edit.sha256, KIM) == "edit.decided"
    assert len(world.system.received) == 1
    again = await proposed(world, dead.id, new="Anderswo")
    assert await cause_of(world, again, edit.sha256, KIM) == "edit.hash", "what was shown before"


async def test_what_was_discarded_meanwhile_is_not_sent(world: World) -> None:
    dead = await a_refused_submission(world)
    edit = await proposed(world, dead.id)
    now = dead.at
    await world.hub.store.run(
        lambda c: discard_letter(c, dead.id, "sent twice", actor=KIM, now=now)
    )
    assert await cause_of(world, edit, edit.sha256, KIM) == "edit.decided"
    kept = await world.hub.store.read(lambda c: edit_by_id(c, edit.id))
    assert kept is not None
    assert (kept.state, kept.content) == ("overtaken", None)


async def test_what_is_locked_or_wrong_is_not_even_proposed(world: World) -> None:
    dead = await a_refused_submission(world)
    locked = await refused(world, dead.id, application_id="AT-OTHER", language="en")
    assert (locked.cause, fields(locked)) == ("edit.locked", ["application_id", "language"])
    wrong = await refused(world, dead.id, back_channel="perhaps", more=1)
    assert (wrong.cause, fields(wrong)) == ("edit.invalid", ["back_channel", "more"])
    assert (await refused(world, dead.id)).cause == "edit.unchanged"
    [open_act, *_] = [each.act for each in await world.hub.store.read(acts)]
    assert open_act.action == "dead.open"


async def test_what_the_schema_forbids_is_not_even_proposed(
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
        assert dead.stage == "deliver"
        with pytest.raises(EditRefused) as raised:
            await proposed(world, dead.id, "Musterort", RIGHT)
        assert raised.value.cause == "edit.unfit"
        assert dead.sentence in raised.value.sentence, "element, line and rule, as it died"
        assert await world.hub.store.read(open_edits) == []
        assert system.received == []


async def test_what_was_refused_at_the_door_comes_again_with_another_body(world: World) -> None:
    submission = a_submission(documents=1)
    body = json.loads(submission.model_dump_json())
    body["language"] = "Musterisch"
    await world.send(json.dumps(body).encode())
    [dead] = await world.until_dead()
    assert (dead.message, dead.cause) == (None, "field.invalid")

    text = await world.hub.edits.begin(dead.id, actor=OLA)
    assert '"content"' not in text, "documents are named by their hashes"
    edit = await world.hub.edits.propose(
        dead.id, text.replace("Musterisch", "en"), actor=OLA, reason="no such language"
    )
    approved = await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)
    assert approved.wire is None

    await world.until_state(submission, "accepted")
    await until(lambda: _outcome(world, dead.id, "passed"))
    assert len(world.system.received) == 1
    assert (await world.ledger()).balanced
    kept = await world.hub.store.read(lambda c: edit_by_id(c, edit.id))
    assert kept is not None
    assert (kept.state, kept.content) == ("approved", None)


async def test_an_update_that_could_not_be_read_is_corrected_as_text(world: World) -> None:
    await world.send(a_submission())
    [received] = await world.system.wait_for(1)
    good = await world.written(STATUS, received)
    await world.post(good.replace(b"<code>01</code>", b"<code>Geheim</code>", 1))
    [dead] = await world.until_dead()
    assert (dead.stage, dead.cause) == ("interpret", "X001")

    text = await world.hub.edits.begin(dead.id, actor=OLA)
    with pytest.raises(EditRefused) as raised:
        await world.hub.edits.propose(
            dead.id, text.replace("Geheim", "Unsinn"), actor=OLA, reason="a code"
        )
    assert "enumeration" in raised.value.sentence or "pattern" in raised.value.sentence
    edit = await proposed(world, dead.id, "Geheim", "01")
    opened = await world.hub.edits.open(edit.id, actor=KIM)
    assert "-" in opened.difference
    await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)
    [letter] = await world.until_letters(UUID(received.uuid), 1)
    assert letter.kind == "status"
    await until(lambda: _outcome(world, dead.id, "passed"))


async def test_an_edit_gives_nobody_a_right(
    settings: Settings, rabbitmq: PrivateRabbitMQ, amqp_url: str
) -> None:
    user = await a_user(rabbitmq, amqp_url)
    async with a_world_with_spree(settings, user) as world, a_spree(user) as spree:
        await world.send(a_submission(authority="990041"))
        [message] = await spree.wait_for(1)
        stranger = Spree(await a_user(rabbitmq, amqp_url))
        await stranger.update(STATUS, message)
        [dead] = await world.until_dead()
        assert dead.cause == "sender.not_allowed"
        text = await world.hub.edits.begin(dead.id, actor=OLA)
        edit = await world.hub.edits.propose(
            dead.id, f"{text}<!-- mended -->", actor=OLA, reason="to let it pass"
        )
        await world.hub.edits.approve(edit.id, edit.sha256, actor=KIM)
        await until(lambda: _outcome(world, dead.id, "died_again"))
        [again] = await world.until_dead()
        assert again.cause == "sender.not_allowed", "two people do not make a stranger known"


async def _outcome(world: World, letter: UUID, outcome: str) -> bool:
    def read(connection: Any) -> str:
        found = dead_letter_by_id(connection, letter)
        assert found is not None
        return outcome_of(connection, found)

    return await world.hub.store.read(read) == outcome

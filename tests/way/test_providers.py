"""Letters by way of several providers: one that is away keeps nobody else waiting."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from hub.model.downward import Submission
from hub.sandbox.script import Answer
from hub.sandbox.zbp.authors import make_author
from hub.settings import Settings
from hub.store import dead_letters, parkings
from tests.builders import a_submission, an_id
from tests.mailbox.mail_server import a_mail_server
from tests.mailbox.zbp_far_end import ZbpFarEnd, a_zbp
from tests.way.conftest import World, a_world, until
from tests.way.system import System


@pytest.fixture
async def zbp(tmp_path: Path) -> AsyncIterator[ZbpFarEnd]:
    async with a_zbp(tmp_path, make_author(tmp_path / "author")) as far_end:
        yield far_end


@pytest.fixture
async def world(settings: Settings, system: System, zbp: ZbpFarEnd) -> AsyncIterator[World]:
    given = {
        "zbp_url": f"{zbp.url}/messages",
        "zbp_status_url": f"{zbp.url}/states",
        "zbp_key_file": zbp.author.key,
        "zbp_certificate_file": zbp.author.certificate,
    }
    async with a_world(settings.model_copy(update=given), system) as world:
        yield world


def to(provider: str, account: str, name: str) -> Submission:
    mailbox: Any = {"provider": provider, "account": account, "trust_level": 2}
    return a_submission(id=an_id(name), application_id=f"A-{name}", mailbox=mailbox)


async def test_letters_reach_the_mailbox_of_the_bundid_with_their_status(
    world: World, zbp: ZbpFarEnd
) -> None:
    submission = to("zbp", zbp.accounts[0], "zbp")
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    for answer in (Answer("status", status="01"), Answer("appointment")):
        await world.update(answer, received)

    async def both() -> bool:
        return len(await zbp.letters(zbp.accounts[0])) == 2 and len(await zbp.statuses()) == 2

    await until(both)
    assert await zbp.statuses() == ["RECEIVED", "ACTION_REQUIRED"]

    async def noted() -> list[Any]:
        return [e for e in await world.events(submission.id) if e.name == "provided"][1:]

    [event] = await until(noted)
    assert event.detail["status"] == "ACTION_REQUIRED"
    assert event.detail["reference"]
    assert (await world.ledger()).balanced


async def test_a_provider_that_is_away_is_parked_and_the_others_go_on(
    world: World, zbp: ZbpFarEnd
) -> None:
    away, here = to("zbp", zbp.accounts[0], "zbp"), to("local", "ola@example.org", "local")
    for number, submission in enumerate((away, here), start=1):
        await world.send(submission)
        await world.system.wait_for(number)
    ours = {each.uuid: each for each in world.system.received}
    await zbp.next("be away")
    kinds = (Answer("status", status="01"), Answer("question"), Answer("appointment"))
    for answer in kinds:
        await world.update(answer, ours[str(away.id)])

    async def paused() -> bool:
        return world.hub.mailboxes["zbp"].paused

    await until(paused)
    assert [each.authority for each in await world.hub.store.read(parkings)] == ["zbp"]
    await world.update(Answer("status", status="01"), ours[str(here.id)])
    await world.until_letters(here.id, 1)
    assert not world.hub.mailboxes["local"].paused
    await zbp.come_back()

    async def all_there() -> bool:
        return len(await zbp.statuses()) == 3

    await until(all_there)

    async def provided() -> bool:
        return (await world.names(away.id)).count("provided") == 3

    await until(provided)
    names = await world.names(away.id)
    assert names.count("parked") >= 1
    assert "resumed" in names
    rows = [row for row in await world.messages(away.id) if row.direction == "up"]
    assert [row.attempts for row in rows] == [1, 1, 1]
    assert await zbp.statuses() == ["RECEIVED", "ACTION_REQUIRED", "ACTION_REQUIRED"]


async def test_a_provider_that_answers_the_probe_by_a_refusal_is_back(
    world: World, zbp: ZbpFarEnd
) -> None:
    submission = to("zbp", zbp.accounts[0], "refused")
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    zbp.answers.append(lambda: web.Response(status=422))
    await zbp.next("be away")
    await world.update(Answer("status", status="01"), received)

    async def paused() -> bool:
        return world.hub.mailboxes["zbp"].paused

    await until(paused)
    await zbp.come_back()

    [letter] = await world.until_dead()
    assert letter.cause == "mailbox.refused"
    assert await world.hub.store.read(parkings) == []
    names = await world.names(submission.id)
    assert names.index("parked") < names.index("resumed") < names.index("dead")

    async def open_again() -> bool:
        return not world.hub.mailboxes["zbp"].paused

    await until(open_again)
    assert (await world.ledger()).balanced


async def test_no_letter_dies_of_a_wrong_address(
    settings: Settings, system: System, zbp: ZbpFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.stages.mailbox._ATTEMPTS", 1)
    given = {
        "zbp_url": f"{zbp.url}/wrong",
        "zbp_status_url": f"{zbp.url}/states",
        "zbp_key_file": zbp.author.key,
        "zbp_certificate_file": zbp.author.certificate,
    }
    async with a_world(settings.model_copy(update=given), system) as world:
        submission = to("zbp", zbp.accounts[0], "zbp")
        await world.send(submission)
        [received] = await world.system.wait_for(1)
        await world.update(Answer("status", status="01"), received)

        async def told() -> Any:
            return (await world.hub.store.read(parkings)) or (
                await world.hub.store.read(dead_letters)
            )

        [parking] = await until(told)
        assert (parking.authority, parking.cause) == ("zbp", "mailbox.unknown")
        assert await world.hub.store.read(dead_letters) == []


async def test_a_letter_to_a_mailbox_that_is_gone_dies_where_others_are_taken(
    world: World, zbp: ZbpFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.stages.mailbox._ATTEMPTS", 1)
    for number, account in enumerate((zbp.accounts[0], str(UUID(int=0))), start=1):
        submission = to("zbp", account, f"zbp-{number}")
        await world.send(submission)
        received = (await world.system.wait_for(number))[-1]
        await world.update(Answer("status", status="01"), received)
        if number == 1:

            async def provided(case: UUID = submission.id) -> bool:
                return "provided" in await world.names(case)

            await until(provided)

    [letter] = await world.until_dead()
    assert (letter.case, letter.cause) == (submission.id, "mailbox.unknown")
    assert "HUB_ZBP_URL" in letter.sentence
    assert await world.hub.store.read(parkings) == []


async def test_a_letter_that_nobody_was_told_of_is_provided_and_in_the_journal(
    settings: Settings, system: System
) -> None:
    with a_mail_server() as server:
        given = {
            "smtp_url": f"smtp+plain://127.0.0.1:{server.port}",
            "smtp_from": "postfach@hub.example",
        }
        async with a_world(settings.model_copy(update=given), system) as world:
            submission = to("notice", "ola@example.org", "notice")
            await world.send(submission)
            [received] = await world.system.wait_for(1)
            server.answers.append("no such user")
            await world.update(Answer("status", status="01"), received)
            await world.update(Answer("question"), received)

            async def told() -> bool:
                return bool(server.mails)

            await until(told)
            assert len(await world.letters(submission.id)) == 2
            names = await world.names(submission.id)
            assert names.count("notice_failed") == 1
            assert len(server.mails) == 1


async def test_a_status_that_never_passes_makes_no_dead_letter_of_one_that_lies_there(
    world: World, zbp: ZbpFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.stages.mailbox._ATTEMPTS", 2)
    submission = to("zbp", zbp.accounts[0], "zbp")
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    zbp.answers += [None, *(lambda: web.Response(status=503) for _ in range(2))]
    await world.update(Answer("status", status="01"), received)

    async def provided() -> bool:
        return "status_failed" in await world.names(submission.id)

    await until(provided)
    assert len(await zbp.letters(zbp.accounts[0])) == 1
    [row] = [row for row in await world.messages(submission.id) if row.direction == "up"]
    assert (row.state, row.attempts) == ("provided", 2)
    assert (await world.ledger()).balanced

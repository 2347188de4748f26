"""The whole way by files: handed over is not accepted until the system's receipt was read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.app import running
from hub.broker import Broker
from hub.sandbox.alster import build
from hub.settings import Settings
from hub.store import dead_letters
from hub.xml import Element, serialise
from tests.adapters.alster.updates import a_document_of_the_system
from tests.builders import a_reply, a_submission, an_id
from tests.sandbox.serving import serving
from tests.transport.sftp_far_end import SftpFarEnd
from tests.way.conftest import World, until
from tests.way.system import System

ROUTING = """
systems:
  files: {{adapter: alster, stage: production, transport: sftp,
    formats: [{{version: "3", from: 2020-01-01}}],
    endpoint: {{host: 127.0.0.1, port: {port}, user: hub, key_file: "{key}",
      known_hosts_file: "{known_hosts}", inbox: "{root}/inbox", outbox: "{root}/outbox",
      done: "{root}/done"}},
    limits: {{parallel: 4, attempts: 5}}}}
authorities:
  "990001":
    {{name: One, regional_keys: ["08111"], system: files, services: all,
    back_channel: true}}
"""


@pytest.fixture
async def far_end(tmp_path: Path) -> AsyncIterator[SftpFarEnd]:
    far_end = SftpFarEnd(tmp_path / "far-end")
    yield far_end
    await far_end.go_away()


def routed(far_end: SftpFarEnd, root: str) -> str:
    keys = far_end.keys
    return ROUTING.format(
        port=far_end.port, key=keys.client, known_hosts=keys.known_hosts, root=root
    )


@pytest.fixture
async def world(settings: Settings, far_end: SftpFarEnd) -> AsyncIterator[World]:
    settings.routing.write_text(routed(far_end, "/a"))
    async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
        await hub.broker.wait_ready()
        yield World(hub, sender, System())


def leave(far_end: SftpFarEnd, number: int, document: Element) -> None:
    """As the system does: written under another name first."""
    unfinished = far_end.outbox / f"{number:04d}.tmp"
    unfinished.write_bytes(serialise(document, "ISO-8859-1"))
    unfinished.rename(unfinished.with_suffix(".xml"))


async def test_only_the_receipt_makes_it_accepted_and_lets_the_reply_go(
    world: World, far_end: SftpFarEnd
) -> None:
    await far_end.start()
    submission = a_submission(documents=2)
    await world.send(submission)
    row = await world.until_state(submission, "handed_over")
    assert row.accepted_at is None
    question = a_document_of_the_system(
        "3", "Rueckfrage", ("Text", "Welcher Arbeitgeber?"), answers=submission.id
    )
    leave(far_end, 1, question)
    await world.until_letters(submission.id, 1)
    reply = a_reply(id=an_id("answer"), case=submission.id, answers=an_id("update-Rueckfrage"))
    await world.send(reply)

    async def waiting() -> bool:
        return any(row.waits_for for row in await world.messages(submission.id))

    await until(waiting)
    assert len(far_end.received) == 1
    leave(far_end, 2, a_document_of_the_system("3", "Quittung", answers=submission.id))
    await world.until_state(submission, "accepted")
    await world.until_state(reply, "handed_over")
    assert len(far_end.received) == 2
    names = [
        event.name for event in await world.events(submission.id) if event.message == submission.id
    ]
    assert names == ["received", "attempt", "handed_over", "accepted"]
    assert sorted(path.name for path in far_end.done.iterdir()) == ["0001.xml", "0002.xml"]
    assert (await world.ledger()).balanced


async def test_a_refusal_in_the_outbox_is_a_dead_letter_with_its_codes(
    world: World, far_end: SftpFarEnd
) -> None:
    await far_end.start()
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "handed_over")
    fault = ("Fehler", [("Code", "S010")])
    refusal = a_document_of_the_system("3", "Abweisung", fault, answers=submission.id)
    leave(far_end, 1, refusal)
    [dead] = await world.until_dead()
    assert dead.cause == "refused.S010"
    assert (await world.ledger()).balanced


async def test_a_server_that_is_away_parks_and_gets_everything_once_it_is_back(
    world: World, far_end: SftpFarEnd
) -> None:
    submission = a_submission()
    await world.send(submission)

    async def parked() -> bool:
        return "parked" in await world.names(submission.id)

    await until(parked)
    await far_end.start()
    row = await world.until_state(submission, "handed_over")
    assert (row.attempts, len(far_end.received)) == (1, 1)


async def test_a_line_cut_at_the_renaming_is_in_doubt_and_arrives_once(
    world: World, far_end: SftpFarEnd
) -> None:
    await far_end.start()
    far_end.break_at = "renamed"
    submission = a_submission()
    await world.send(submission)
    await world.until_state(submission, "handed_over")
    assert "in_doubt" in await world.names(submission.id)
    assert len(far_end.received) == 1
    assert len(list(far_end.inbox.iterdir())) == 1


async def test_the_simulated_system_takes_a_case_to_its_letters(
    settings: Settings, far_end: SftpFarEnd, tmp_path: Path
) -> None:
    settings.routing.write_text(routed(far_end, "/990001"))
    submission = a_submission(documents=2)
    app = build(tmp_path / "alster", far_end.keys, far_end.port, ["990001"])
    async with (
        serving(app),
        running(settings) as hub,
        Broker(settings.amqp_urls, name="sender") as sender,
    ):
        await hub.broker.wait_ready()
        world = World(hub, sender, System())
        await world.send(submission)
        await world.until_state(submission, "accepted")
        letters = await world.until_letters(submission.id, 3)
        assert [letter.kind for letter in letters] == ["status", "status", "appointment"]
        assert await hub.store.read(dead_letters) == []

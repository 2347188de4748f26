"""The ways to the mailboxes are cut, silent, slow or break off: no letter is lost or comes twice.

The ways to broker and systems are those of the campaign, `hub faults --kind network`; the way to
PostgreSQL is in `test_store_faults`.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from hub.model.downward import Submission
from hub.sandbox.faults.cable import Cable
from hub.sandbox.script import Answer
from hub.sandbox.zbp.authors import make_author
from hub.settings import Settings
from hub.store import dead_letters
from tests.mailbox.mail_server import a_mail_server
from tests.mailbox.zbp_far_end import ZbpFarEnd, a_zbp
from tests.way.conftest import World, a_world, until
from tests.way.conftest import system as system  # the same, behind a worse network
from tests.way.system import Received, System
from tests.way.test_providers import to

HALF = 200  # bytes of a letter, or of what is said about it
BROKEN = {
    "cut": Cable.cut,
    "silent": Cable.black_hole,
    "slow": lambda cable: cable.slow(20_000),
    "broken off on the way there": lambda cable: cable.reset_after(HALF),
    "answer lost": lambda cable: cable.reset_after(0, back=True),
}


@pytest.fixture(params=BROKEN)
def break_it(request: pytest.FixtureRequest) -> Callable[[Cable], object]:
    do: Callable[[Cable], object] = BROKEN[request.param]
    return do


@pytest.fixture
async def zbp(tmp_path: Path) -> AsyncIterator[ZbpFarEnd]:
    async with a_zbp(tmp_path, make_author(tmp_path / "author")) as far_end:
        yield far_end


async def arrived(world: World, submission: Submission) -> Received:
    await world.send(submission)
    [received] = await world.system.wait_for(1)
    return received


async def provided(world: World, submission: Submission, count: int) -> None:
    async def all_of_them() -> bool:
        return (await world.names(submission.id)).count("provided") == count

    await until(all_of_them)
    assert not await world.hub.store.read(dead_letters)
    assert (await world.ledger()).balanced


async def test_letters_to_the_bundid(
    settings: Settings, system: System, zbp: ZbpFarEnd, break_it: Callable[[Cable], object]
) -> None:
    async with Cable(zbp.url) as cable:
        given = {
            "zbp_url": f"{cable.url}/messages",
            "zbp_status_url": f"{cable.url}/states",
            "zbp_key_file": zbp.author.key,
            "zbp_certificate_file": zbp.author.certificate,
        }
        async with a_world(settings.model_copy(update=given), system) as world:
            submission = to("zbp", zbp.accounts[0], "zbp")
            received = await arrived(world, submission)
            break_it(cable)
            await world.update(Answer("status", status="01"), received)
            await world.update(Answer("appointment"), received)

            async def tried() -> bool:
                rows = await world.messages(submission.id)
                at_work = any(row.direction == "up" and row.attempts for row in rows)
                return at_work or "parked" in await world.names(submission.id)

            await until(tried)
            cable.heal()
            await provided(world, submission, 2)
            letters = await zbp.letters(zbp.accounts[0])
            assert len({each.id for each in letters}) == 2
            assert list(dict.fromkeys(await zbp.statuses())) == ["RECEIVED", "ACTION_REQUIRED"]


async def test_e_mails_about_letters(
    settings: Settings, system: System, break_it: Callable[[Cable], object]
) -> None:
    with a_mail_server() as server:
        async with Cable(f"smtp://127.0.0.1:{server.port}") as cable:
            given = {
                "smtp_url": cable.url.replace("smtp://", "smtp+plain://"),
                "smtp_from": "postfach@hub.example",
            }
            async with a_world(settings.model_copy(update=given), system) as world:
                submission = to("notice", "ola@example.org", "notice")
                received = await arrived(world, submission)
                break_it(cable)
                await world.update(Answer("status", status="01"), received)
                await world.until_letters(submission.id, 1)
                cable.heal()
                await world.update(Answer("question"), received)
                await provided(world, submission, 2)
                assert len(await world.letters(submission.id)) == 2

                async def told() -> bool:
                    return len(server.mails) >= 2

                await until(told)

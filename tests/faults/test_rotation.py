"""Keys are changed while messages flow, by a command that is killed in the middle."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import SecretStr

from hub.mailbox.local import LocalMailbox
from hub.model.identifiers import MessageUuid
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.stages.content import open_kept, open_profile
from hub.store import (
    SEALED_PLACES,
    Sealer,
    Store,
    bury,
    case_by_id,
    dead_letters,
    keys_used,
    ledger,
    message_by_id,
    open_store,
)
from tests.builders import a_submission
from tests.stages.test_rotation import found_in
from tests.store.building import a_dead_letter
from tests.way.conftest import World, a_world, until
from tests.way.system import System, a_system

STATUS = Answer("status", status="01")
MANY = 1500
[DEAD] = [place for place in SEALED_PLACES if place.name == "dead_letters"]


async def many_dead_letters(settings: Settings, sealer: Sealer) -> None:
    """So many that the command is at it for a while."""
    letters = []
    for _ in range(MANY):
        id_ = uuid4()
        content = sealer.seal(b"what came", f"dead:{id_}")
        letters.append(a_dead_letter(id=id_, content=content))
    async with open_store(settings.store_at, settings.documents, sealer) as store:
        await asyncio.gather(*(store.run(partial(bury, dead=letter)) for letter in letters))


async def of_old_key(store: Store) -> int:
    """How many dead letters lie under another key than the newest."""
    newest = store.sealer.key_ids[0]
    counted = await store.read(lambda c: keys_used(c, DEAD, store.sealer.key_ids))
    return counted.total() - counted[newest]


async def rotate(settings: Settings, keys: str) -> Process:
    environment = os.environ | {
        "HUB_STORE_URL": settings.store_at,
        "HUB_DOCUMENTS": str(settings.documents),
        "HUB_CONTENT_KEY": keys,
    }
    command = [sys.executable, "-m", "hub.cli", "keys", "rotate"]
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)


async def opens(store: Store, case: UUID) -> None:
    """Raise if anything of the case does not open."""
    row = await store.read(lambda c: case_by_id(c, MessageUuid(case)))
    message = await store.read(lambda c: message_by_id(c, MessageUuid(case)))
    assert row is not None
    assert message is not None
    open_profile(store.sealer, row.profile, row.id)
    for document in open_kept(store.sealer, message.content or b"", message.id).message.documents:
        await asyncio.to_thread(store.documents.load, row.id, document.sha256)


async def test_killed_and_begun_again_while_messages_flow(
    settings: Settings, tmp_path: Path
) -> None:
    async with a_system() as system:
        await changed_under_load(settings, system, tmp_path)


async def changed_under_load(settings: Settings, system: System, tmp_path: Path) -> None:
    old, new = settings.keys(), Sealer.generate_text()
    await many_dead_letters(settings, Sealer.from_text(old))
    sent: list[UUID] = []
    async with a_world(settings, system) as world:
        system.answers.append(web.json_response({"codes": ["S010"]}, status=422))
        dead = a_submission(id=uuid4())
        await world.send(dead)
        await world.until_state(dead, "dead")
        sent.append(dead.id)
        await answered(world, sent)

    both = settings.model_copy(update={"content_key": SecretStr(f"{new},{old}")})
    async with a_world(both, system) as world:
        flowing = asyncio.create_task(flow(world, sent))
        killed = await rotate(settings, f"{new},{old}")

        async def has_begun() -> bool:
            return await of_old_key(world.hub.store) < MANY

        await until(has_begun)
        killed.send_signal(signal.SIGKILL)
        await killed.communicate()
        left = await of_old_key(world.hub.store)
        assert 0 < left < MANY, "it was to be killed in the middle"
        again = await rotate(settings, f"{new},{old}")
        _, said = await again.communicate()
        assert again.returncode == 0, said.decode()
        flowing.cancel()
        await asyncio.gather(flowing, return_exceptions=True)
        for each in sent[1:]:
            await world.until_state(a_submission(id=each), "accepted")

    only = settings.model_copy(update={"content_key": SecretStr(new)})
    async with a_world(only, system) as world:
        store = world.hub.store
        for each in sent:
            await opens(store, each)
        for letter in await store.read(lambda c: dead_letters(c, limit=MANY + 10)):
            if letter.content is not None:
                assert store.sealer.open(letter.content, f"dead:{letter.id}") == b"what came"
        assert len(await LocalMailbox(store).list_letters(account="muster-1")) == 1
        await answered(world, sent)
        assert (await store.read(ledger)).balanced
    assert found_in(tmp_path, old.split(":")[0]) == []
    assert found_in(tmp_path, new.split(":")[0]) != []


async def answered(world: World, sent: list[UUID]) -> None:
    """A submission that goes down, and a letter that comes up."""
    submission = a_submission(id=uuid4(), application_id=f"AT-{uuid4()}")
    await world.send(submission)
    await world.until_state(submission, "accepted")
    [received] = [each for each in world.system.received if each.uuid == str(submission.id)]
    await world.update(STATUS, received)
    await world.until_letters(submission.id, 1)
    sent.append(submission.id)


async def flow(world: World, sent: list[UUID]) -> None:
    while True:
        submission = a_submission(id=uuid4(), application_id=f"AT-{uuid4()}")
        await world.send(submission)
        sent.append(submission.id)
        await asyncio.sleep(0.02)

"""Every kind of sealed value gets under the newest key, on both databases."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hub.mailbox.local import LocalMailbox
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId, MessageUuid
from hub.stages.content import open_kept, open_profile
from hub.stages.rotation import KeyInUse, Progress, Rotation, keys_in_use
from hub.store import (
    NewEdit,
    Sealer,
    Store,
    acts,
    bury,
    case_by_id,
    dead_letter_by_id,
    edit_by_id,
    message_by_id,
    open_store,
    propose_edit,
)
from tests.mailbox.letters import a_letter
from tests.model.builders import an_update
from tests.stages.given import NOW, an_accepted_case
from tests.store.building import a_dead_letter

OLD, NEW = Sealer.generate_text(), Sealer.generate_text()
OLD_ID, NEW_ID = OLD.split(":")[0], NEW.split(":")[0]
OWNER, LINKS = "alp:000001", timedelta(days=30)
LETTER, EDIT = UUID(int=1), UUID(int=2)
STAGED = b"%PDF-1.7 staged"
STAGED_HASH = hashlib.sha256(STAGED).hexdigest()


@asynccontextmanager
async def opened(url: str, folder: Path, keys: str) -> AsyncIterator[Store]:
    async with open_store(url, folder / "documents", Sealer.from_text(keys)) as store:
        yield store


async def fill(store: Store) -> CaseId:
    """One of everything that lies sealed."""
    case = await an_accepted_case(store)
    dead = a_dead_letter(id=LETTER, content=store.sealer.seal(b"what came", f"dead:{LETTER}"))
    edit = NewEdit(
        id=EDIT,
        letter=LETTER,
        died_at=dead.at,
        sha256="0" * 64,
        reason="a wrong place",
        proposed_by="cli:ola",
        proposed_at=NOW,
        content=store.sealer.seal(b"what is meant", f"edit:{EDIT}"),
    )
    await store.run(lambda c: bury(c, dead))
    await store.run(lambda c: propose_edit(c, edit))
    await LocalMailbox(store).deliver(a_letter(an_update("question")))

    async def chunks() -> AsyncIterator[bytes]:
        yield STAGED

    await store.documents.stage(OWNER, STAGED_HASH, chunks(), 1000)
    return case.id


async def rotated(store: Store) -> list[Progress]:
    return [each async for each in Rotation(store, lambda: NOW, actor="cli:ola").run()]


async def in_use(store: Store) -> dict[str, KeyInUse]:
    return {each.key: each for each in await keys_in_use(store, LINKS)}


async def test_everything_lies_under_the_newest_key_and_opens_without_the_old_one(
    url: str, tmp_path: Path
) -> None:
    async with opened(url, tmp_path, OLD) as store:
        case = await fill(store)
        [before] = await keys_in_use(store, LINKS)
    assert before.values == {
        "cases": 1, "messages": 1, "dead_letters": 1, "edits": 1, "letters": 1, "documents": 3
    }  # fmt: skip
    async with opened(url, tmp_path, f"{NEW},{OLD}") as store:
        progress = await rotated(store)
        assert (progress[0], progress[-1]) == (Progress(0, 8), Progress(8, 0))
        keys = await in_use(store)
        assert (keys[NEW_ID].values, keys[OLD_ID].values) == (before.values, {})
        assert keys[OLD_ID].free_from == NOW + LINKS
        [act] = await store.read(acts)
        assert (act.act.action, act.act.subject) == ("keys.rotate", NEW_ID)
    async with opened(url, tmp_path, NEW) as store:
        row = await store.read(lambda c: case_by_id(c, case))
        message = await store.read(lambda c: message_by_id(c, MessageUuid(case)))
        letter = await store.read(lambda c: dead_letter_by_id(c, LETTER))
        edit = await store.read(lambda c: edit_by_id(c, EDIT))
        assert row is not None
        assert message is not None
        assert letter is not None
        assert edit is not None
        assert open_profile(store.sealer, row.profile, case).mailbox is not None
        kept = open_kept(store.sealer, message.content or b"", message.id).message
        assert store.sealer.open(letter.content or b"", f"dead:{LETTER}") == b"what came"
        assert store.sealer.open(edit.content or b"", f"edit:{EDIT}") == b"what is meant"
        for document in kept.documents:
            await asyncio.to_thread(store.documents.load, case, document.sha256)
        assert await store.documents.adopt(case, OWNER, STAGED_HASH) == len(STAGED)
        assert store.documents.load(case, STAGED_HASH) == STAGED
        assert len(await LocalMailbox(store).list_letters(account="ola@example.org")) == 1
    assert found_in(tmp_path, OLD_ID) == []
    assert found_in(tmp_path, NEW_ID) != []


def found_in(folder: Path, key_id: str) -> list[Path]:
    """The files that have something in them which the key has sealed."""
    beginning = Sealer.beginning(key_id)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if beginning in path.read_bytes()]


async def test_what_does_not_open_is_left_and_said_to_be(url: str, tmp_path: Path) -> None:
    async with opened(url, tmp_path, OLD) as store:
        await fill(store)
    lost = Sealer.from_text(Sealer.generate_text())
    async with opened(url, tmp_path, f"{NEW},{OLD}") as store:
        id_ = uuid4()
        dead = a_dead_letter(id=id_, content=lost.seal(b"what came", f"dead:{id_}"))
        await store.run(lambda c: bury(c, dead))
        assert (await rotated(store))[-1] == Progress(8, 1)
        missing = (await in_use(store))[lost.key_ids[0]]
        assert (missing.configured, missing.values) == (False, {"dead_letters": 1})
        assert await store.read(acts) == []


async def test_what_was_rotated_already_is_not_touched_again(url: str, tmp_path: Path) -> None:
    async with opened(url, tmp_path, OLD) as store:
        await fill(store)
    async with opened(url, tmp_path, f"{NEW},{OLD}") as store:
        await rotated(store)
        assert await rotated(store) == [Progress(0, 0), Progress(0, 0)]
        assert len(await store.read(acts)) == 1


async def test_a_case_that_is_forgotten_meanwhile_stays_so(url: str, tmp_path: Path) -> None:
    async with opened(url, tmp_path, OLD) as store:
        case = await fill(store)
    async with opened(url, tmp_path, f"{NEW},{OLD}") as store:
        paths = await store.documents.keys.sealed_by_others(NOW)
        await store.documents.forget(case)
        done = [await store.documents.keys.reseal(path) for path in paths]
        assert sorted(done) == [False, False, True]
        with pytest.raises(PermanentFailure):
            store.documents.load(case, paths[-1].name)

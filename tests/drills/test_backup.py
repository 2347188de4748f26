"""What a backup holds, what it never holds, and when it is refused."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.stages.content import open_kept
from hub.stages.erasure import Erasure
from hub.store import (
    Claimed,
    Connection,
    Manifest,
    Message,
    Restored,
    Sealer,
    State,
    Store,
    acts,
    back_up,
    case_by_id,
    claim,
    expect_keys,
    insert_case,
    journey,
    ledger,
    messages_of,
    restore,
    verify_acts,
)
from hub.store.backup.database import copy_database
from hub.store.backup.files import kept_documents
from hub.store.messages import MESSAGE_COLUMNS
from tests.builders import a_reply, a_submission
from tests.drills.conftest import Opener
from tests.stages.given import NOW, an_accepted_case, sent_by_the_applicant
from tests.store.building import LEASE, a_case

LATER = NOW + timedelta(hours=1)


def saved(opener: Opener, folder: Path) -> Manifest:
    return back_up(
        opener.url,
        opener.documents,
        folder,
        keys=opener.sealer.key_ids,
        actor="cli:ola",
        now=lambda: NOW,
    )


def put_back(folder: Path, to: Opener, keys: tuple[str, ...] | None = None) -> Restored:
    keys = to.sealer.key_ids if keys is None else keys
    return restore(folder, to.url, to.documents, keys=keys, actor="cli:ola", now=LATER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "one"


async def test_what_was_accepted_stays_so_and_what_is_owed_is_in_doubt(
    store: Store, opener: Opener, elsewhere: Opener, folder: Path
) -> None:
    case = await an_accepted_case(store)
    reply = a_reply(id=uuid4(), case=case.id)
    await sent_by_the_applicant(store, case, reply, State.OWED)
    made = await asyncio.to_thread(saved, opener, folder)
    assert (made.cases, made.owed, made.documents, made.keys) == (
        1,
        1,
        2,
        opener.sealer.key_ids,
    )
    there = await asyncio.to_thread(put_back, folder, elsewhere)
    assert there == Restored(made, in_doubt=1)

    async with elsewhere() as restored:
        rows = await restored.read(lambda c: messages_of(c, case.id))
        assert [(row.state, row.in_doubt) for row in rows] == [
            (State.ACCEPTED, False),
            (State.OWED, True),
        ]
        kept = open_kept(restored.sealer, rows[0].content or b"", rows[0].id)
        for document in kept.message.documents:
            restored.documents.load(case.id, document.sha256)
        told = await restored.read(lambda c: journey(c, case.id))
        [event] = [event for event in told if event.name == "restored"]
        assert (event.message, event.detail["backup"]) == (reply.id, str(made.id))
        claimed = await restored.run(lambda c: claim(c, reply.id, "hub", LATER, LEASE))
        assert isinstance(claimed, Claimed)
        assert claimed.was_in_doubt
        assert (await restored.read(ledger)).balanced
        done = [each.act.action for each in await restored.read(acts)]
        assert done == ["store.backup", "store.restore"]
        assert await restored.read(verify_acts) is None


async def test_every_document_that_the_copied_store_names_is_in_the_copy(
    store: Store,
    opener: Opener,
    elsewhere: Opener,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whenever a case comes: at the last moment before the store is copied, and after."""
    loop = asyncio.get_running_loop()

    def one_more() -> None:
        submission = a_submission(id=uuid4(), documents=2)
        asyncio.run_coroutine_threadsafe(an_accepted_case(store, submission), loop).result()

    def copying(url: str, target: Path, look: Callable[[Connection], object]) -> object:
        one_more()
        seen = copy_database(url, target, look)
        one_more()
        return seen

    await an_accepted_case(store)
    monkeypatch.setattr("hub.store.backup.making.copy_database", copying)
    made = await asyncio.to_thread(saved, opener, folder)
    assert (made.cases, made.documents) == (2, 6)
    await asyncio.to_thread(put_back, folder, elsewhere)

    async with elsewhere() as restored:
        found = await restored.read(every_message)
        assert len(found) == 2
        for row in found:
            kept = open_kept(restored.sealer, row.content or b"", row.id)
            for document in kept.message.documents:
                restored.documents.load(row.case, document.sha256)


def every_message(connection: Connection) -> list[Message]:
    return [Message(*row) for row in connection.execute(select(*MESSAGE_COLUMNS))]


async def test_a_case_that_is_erased_meanwhile_is_not_in_it(
    store: Store,
    opener: Opener,
    elsewhere: Opener,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = await an_accepted_case(store)
    other = await an_accepted_case(store, a_submission(id=uuid4()))
    loop, left = asyncio.get_running_loop(), [case]

    def listing(root: Path) -> Iterator[Path]:
        if left:
            asyncio.run_coroutine_threadsafe(erase(store, left.pop().id), loop).result()
        return kept_documents(root)

    monkeypatch.setattr("hub.store.backup.making.kept_documents", listing)
    made = await asyncio.to_thread(saved, opener, folder)
    assert (left, made.documents) == ([], 2)
    await asyncio.to_thread(put_back, folder, elsewhere)
    async with elsewhere() as restored:
        row = await restored.read(lambda c: case_by_id(c, case.id))
        assert row is not None
        assert row.erased_at is not None
        assert await restored.documents.hashes_of(other.id)


async def erase(store: Store, case: CaseId) -> None:
    await Erasure(store, lambda: NOW).erase(case, actor="cli:ola", reason="asked", discard=False)


async def test_files_that_an_erased_case_left_are_not_in_it(
    store: Store, opener: Opener, folder: Path
) -> None:
    case = await an_accepted_case(store)
    left = opener.documents / str(case.id)[:2] / str(case.id)
    kept = shutil.copytree(left, opener.documents.with_name("kept"))
    await erase(store, case.id)
    shutil.copytree(kept, left)
    assert (await asyncio.to_thread(saved, opener, folder)).documents == 0


async def test_what_fails_in_the_middle_leaves_nothing(
    store: Store, opener: Opener, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_accepted_case(store)

    def full(_source: Path, target: Path) -> str:
        target.parent.mkdir(parents=True)
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hub.store.backup.making.copied", full)
    with pytest.raises(OSError, match="No space"):
        await asyncio.to_thread(saved, opener, folder)
    assert list(folder.parent.iterdir()) == []


async def test_a_backup_that_was_killed_is_none_and_the_next_one_clears_it_away(
    store: Store, opener: Opener, elsewhere: Opener, folder: Path
) -> None:
    await an_accepted_case(store)
    await asyncio.to_thread(saved, opener, folder)
    unfinished = folder.with_name(".one.part")
    await asyncio.to_thread(folder.rename, unfinished)
    (unfinished / "manifest.json").unlink()
    with pytest.raises(PermanentFailure, match="never finished"):
        put_back(unfinished, elsewhere)
    await asyncio.to_thread(saved, opener, folder)
    assert list(folder.parent.iterdir()) == [folder]
    with pytest.raises(PermanentFailure, match="there already"):
        saved(opener, folder)


def a_document(folder: Path) -> Path:
    return min(path for path in (folder / "documents").rglob("*") if path.is_file())


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rewritten(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a document was cut": (lambda folder: cut(a_document(folder)), "cut or changed"),
    "a document was changed": (lambda folder: changed(a_document(folder)), "cut or changed"),
    "a document is missing": (lambda folder: a_document(folder).unlink(), "is missing"),
    "the store was cut": (lambda folder: cut(next(folder.glob("store.*"))), "cut or changed"),
    "the store is missing": (lambda folder: next(folder.glob("store.*")).unlink(), "is missing"),
    "the sums were cut": (lambda folder: cut(folder / "SHA256SUMS"), "SHA256SUMS is not"),
    "the manifest was cut": (lambda folder: cut(folder / "manifest.json"), "manifest.json"),
    "there is no manifest": (lambda folder: (folder / "manifest.json").unlink(), "There is no"),
    "it is newer": (
        lambda folder: rewritten(folder / "manifest.json", '"revision": "0', '"revision": "9'),
        "of a newer version of the hub",
    ),
    "another key sealed it": (
        lambda folder: rewritten(folder / "manifest.json", '"keys": [', '"keys": ["other", '),
        "lacks other",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_what_is_not_as_it_was_made_is_refused_and_nothing_is_left(
    store: Store, opener: Opener, elsewhere: Opener, folder: Path, damage: str
) -> None:
    await an_accepted_case(store)
    await asyncio.to_thread(saved, opener, folder)
    whole = shutil.copytree(folder, folder.with_name("whole"))
    hurt, said = DAMAGE[damage]
    hurt(folder)
    with pytest.raises(PermanentFailure, match=said):
        put_back(folder, elsewhere)
    put_back(whole, elsewhere)


async def test_nothing_is_restored_where_something_is(
    store: Store, opener: Opener, elsewhere: Opener, folder: Path
) -> None:
    await an_accepted_case(store)
    await asyncio.to_thread(saved, opener, folder)
    with pytest.raises(PermanentFailure, match="already"):
        put_back(folder, Opener(opener.url, elsewhere.documents, opener.sealer))
    with pytest.raises(PermanentFailure, match="not empty"):
        put_back(folder, Opener(elsewhere.url, opener.documents, opener.sealer))
    put_back(folder, elsewhere)


async def test_a_hub_with_another_key_of_that_name_says_so_before_it_begins(store: Store) -> None:
    _, _, key = Sealer.generate_text().partition(":")
    other = Sealer.from_text(f"{store.sealer.key_ids[0]}:{key}")
    await store.run(lambda c: insert_case(c, a_case(profile=b"\0", created_at=LATER)))
    await store.read(lambda c: expect_keys(c, other))
    await an_accepted_case(store)
    await store.read(lambda c: expect_keys(c, store.sealer))
    for wrong in (other, Sealer.from_text(Sealer.generate_text())):
        with pytest.raises(PermanentFailure, match="nothing is begun"):
            await store.read(lambda c, wrong=wrong: expect_keys(c, wrong))


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_postgresql_is_copied_by_its_own_program_which_is_told_no_password(
    store: Store, opener: Opener, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_password = Opener(
        opener.url.replace("postgres@", "postgres:sesame@"), opener.documents, opener.sealer
    )
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(PermanentFailure, match="pg_dump is not installed"):
        await asyncio.to_thread(saved, with_password, folder)
    program = programs / "pg_dump"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/called\necho "$PGPASSWORD" > {tmp_path}/told\n'
        'echo "pg_dump: error: not today" >&2\necho "DETAIL: a row" >&2\nexit 1\n'
    )
    program.chmod(0o700)
    with pytest.raises(PermanentFailure, match=r"not today$"):
        await asyncio.to_thread(saved, with_password, folder)
    assert "sesame" not in (tmp_path / "called").read_text()
    assert (tmp_path / "told").read_text() == "sesame\n"
    assert list(folder.parent.iterdir()) == []

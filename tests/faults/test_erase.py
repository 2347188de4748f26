"""After a case was erased no byte of it is left: not in plain, not as it lay sealed.

One case goes through every stage, and leaves something at each: refused at the door, staged,
dead, edited, replayed, answered, provided. Then it is erased beside the running hub, and every
file of store, documents, broker and logs is searched for what was known of it.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import select

from hub.broker import BROKER_FAILURES, INTAKE, INTERPRET, Unroutable
from hub.mailbox.local import LocalMailbox
from hub.model.downward import MailboxAddress, Submission
from hub.model.identifiers import MessageUuid
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.stages.content import open_kept
from hub.store import Connection, Store, acts, message_by_id, verify_acts
from hub.store.tables import cases, edits, letters, messages
from hub.store.tables import dead_letters as dead_letters_table
from tests.builders import a_document, a_reply, a_submission
from tests.postgresql import PostgresqlServer, postgresql_server
from tests.way.conftest import World, a_world, until
from tests.way.system import a_system

PLACE, EDITED = "Unverwechselhausen", "Unvergleichlingen"
ACCOUNT, ANSWER, QUESTION = "unverwechselbar-1", "Unverkennbare Antwort", "Unnachahmlich"
NAMES = ("staged", "inline", "in the reply")
DOCUMENTS = tuple(a_document(f"unmistakable {name}", size=3000) for name in NAMES)
STAGED, INLINE, IN_REPLY = DOCUMENTS
OLA, STATUS = "oidc:ola", Answer("status", status="01")


def contents() -> Iterator[bytes]:
    for document in DOCUMENTS:
        raw = document.model_dump(mode="json")["content"]
        yield raw.encode()
        yield document.content or b""


PLAIN = [
    *(text.encode() for text in (PLACE, EDITED, ACCOUNT, ANSWER, QUESTION)),
    *(content[40:100] for content in contents()),
]
"""What is known of the applicant."""
IN_THE_BROKER = (PLACE, ACCOUNT, ANSWER, QUESTION)
"""What was never but in the messages that entered; all else lay sealed from the beginning."""


@contextmanager
def a_database(
    kind: str, folder: Path
) -> Iterator[tuple[str, list[Path], PostgresqlServer | None]]:
    """The URL of a store, and where its files are."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/hub.db", [], None
        return
    with postgresql_server() as server:
        # As docs/privacy.md says: what WAL is no longer needed is removed, and not kept for reuse.
        server.execute("ALTER SYSTEM SET wal_recycle = off")
        server.execute("SELECT pg_reload_conf()")
        yield server.new_database(), [server.folder], server


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_byte_of_an_erased_case_is_left(
    kind: str,
    settings: Settings,
    rabbitmq: PrivateRabbitMQ,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with a_database(kind, tmp_path) as (url, places, server):
        chosen = settings.model_copy(update={"store_url": SecretStr(url)})
        places = [tmp_path, rabbitmq.folder, *places]
        async with a_system() as system, a_world(chosen, system) as world:
            erasing = Erasing(world, chosen, places, capfd)
            await erasing.live()
            await erasing.erase()
            await roll_over(world, rabbitmq, server)
            await erasing.until_nothing_is_found()
            await erasing.all_else_is_left()
            await erasing.nothing_comes_back()


class Erasing:
    """A case that is erased, and another that is not."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        places: list[Path],
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self.world, self.settings, self.places, self.capfd = world, settings, places, capfd
        self.doomed = a_submission(
            id=uuid4(),
            application_id=f"AT-{uuid4()}",
            documents_given=(STAGED.model_copy(update={"content": None}), INLINE),
            mailbox=MailboxAddress(provider="local", account=ACCOUNT),
        )
        self.other = a_submission(id=uuid4(), application_id=f"AT-{uuid4()}")
        self.sealed: set[bytes] = set()
        self.said = ""

    @property
    def store(self) -> Store:
        return self.world.hub.store

    async def live(self) -> None:
        """Both cases go their way."""
        world, doomed = self.world, self.doomed
        await stage(self.store, doomed)
        await world.send(self._body(authority="999999"))
        await world.until_dead(1)
        world.system.answers.append(web.json_response({"codes": ["S010"]}, status=422))
        await world.send(self._body())
        dead = next(each for each in await world.until_dead(2) if each.case == doomed.id)
        text = await world.hub.edits.begin(dead.id, actor=OLA)
        edit = await world.hub.edits.propose(
            dead.id, text.replace(PLACE, EDITED), actor=OLA, reason="a wrong place"
        )
        self.sealed |= await sealed_of(self.store, doomed)
        await world.hub.edits.approve(edit.id, edit.sha256, actor="token:kim")
        await world.until_state(doomed, "accepted")
        received = world.system.received[-1]
        asked = (await world.written(Answer("question"), received)).replace(
            b"Bitte reichen", QUESTION.encode()
        )
        await world.post(asked)
        [letter] = await world.until_letters(doomed.id, 1)
        reply = a_reply(
            id=uuid4(), case=doomed.id, answers=letter.about, text=ANSWER,
            documents_given=(IN_REPLY,),
        )  # fmt: skip
        await world.send(reply)
        await world.until_state(reply, "accepted")
        await world.send(self.other)
        await world.until_state(self.other, "accepted")
        now = await sealed_of(self.store, doomed)
        everything = await self._everything()
        found = [window in everything for sealed in now for window in windows(sealed)]
        assert all(found), "or the search does not find what is there"
        assert [text.encode() in everything for text in IN_THE_BROKER] == [True] * 4
        self.sealed |= now
        assert len(self.sealed) >= 11, "profile, messages, letter, edit, dead letters, documents"

    async def erase(self) -> None:
        """By the command, beside the hub; first refused, since a dead letter is open."""
        code, said = await self._command("--reason", "asked for it", "--yes")
        assert code == 1
        assert "case.unfinished" not in said
        assert "is open" in said
        assert await self._is_there()
        code, said = await self._command("--reason", "asked for it", "--discard", "--yes", "--json")
        assert code == 0, said
        outcome = json.loads(said)
        assert outcome["erased"]["letters_at_the_door"] == 1
        assert outcome["erased"]["documents"] >= len(DOCUMENTS)
        assert outcome["erased"]["staged"] == 1
        assert set(outcome["waiting"].values()) == {0}

    async def until_nothing_is_found(self) -> None:
        """RabbitMQ deletes an old file as a message passes, once it has been written anew."""
        patterns = [*PLAIN, *(window for sealed in self.sealed for window in windows(sealed))]

        async def found() -> list[bytes]:
            everything = await self._everything()
            return [text for text in patterns if text in everything]

        for _ in range(10):
            if not await found():
                return
            await pass_through(self.world)
        assert await found() == []

    async def all_else_is_left(self) -> None:
        store, doomed = self.store, self.doomed
        assert (await self.world.ledger()).balanced
        assert await store.read(verify_acts) is None
        assert "erased" in await self.world.names(doomed.id)
        [act] = [each.act for each in await store.read(acts) if each.act.action == "case.erase"]
        assert (act.subject, act.detail["reason"]) == (str(doomed.id), "asked for it")
        assert await LocalMailbox(store).list_letters(account=ACCOUNT) == []
        other = await store.read(lambda c: message_by_id(c, self.other.id))
        assert other is not None
        kept = open_kept(store.sealer, other.content or b"", other.id).message
        assert kept.documents
        for document in kept.documents:
            await asyncio.to_thread(store.documents.load, self.other.id, document.sha256)

    async def nothing_comes_back(self) -> None:
        """What still comes for the case is refused, or withheld, and nothing of it is kept."""
        world, doomed = self.world, self.doomed
        [*_, received] = [
            each for each in world.system.received if each.name == "OZG.Antrag.130101"
        ][:2]
        await world.send(self._body())
        await world.send(a_reply(id=uuid4(), case=doomed.id, answers=uuid4(), text=ANSWER))
        for letter in await world.until_dead(2):
            assert (letter.cause, letter.content) == ("case.erased", None)
        await world.update(STATUS, received)

        async def withheld() -> bool:
            return "withheld" in await world.names(doomed.id)

        await until(withheld)
        assert await sealed_of(self.store, doomed) == {b""}
        assert (await world.ledger()).balanced

    def _body(self, **changed: Any) -> bytes:
        said = json.loads(self.doomed.model_dump_json()) | changed
        body = json.dumps(said).replace("Musterort", PLACE).encode()
        assert PLACE.encode() in body
        return body

    async def _is_there(self) -> bool:
        row = await self.store.read(lambda c: message_by_id(c, MessageUuid(self.doomed.id)))
        return row is not None and row.content is not None

    async def _command(self, *arguments: str) -> tuple[int | None, str]:
        environment = os.environ | {
            "HUB_STORE_URL": self.settings.store_at,
            "HUB_DOCUMENTS": str(self.settings.documents),
            "HUB_CONTENT_KEY": self.settings.keys(),
            "HUB_AMQP_URL": self.settings.amqp_url.get_secret_value(),
        }
        command = [sys.executable, "-m", "hub.cli", "erase", str(self.doomed.id), *arguments]
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=PIPE, stderr=PIPE
        )
        out, err = await process.communicate()
        self.said += (out + err).decode()
        return process.returncode, (out or err).decode()

    async def _everything(self) -> bytes:
        """Every file, and what hub and commands have printed."""
        captured = self.capfd.readouterr()
        self.said += captured.out + captured.err
        # Not read by this process: to close a file of SQLite's would end all locks it has on it.
        find = ["find", *self.places, "-type", "f", "-exec", "cat", "{}", "+"]
        process = await asyncio.create_subprocess_exec(*find, stdout=PIPE, stderr=DEVNULL)
        files, _ = await process.communicate()
        return files + self.said.encode()


def windows(sealed: bytes, size: int = 32, step: int = 700) -> Iterator[bytes]:
    """Parts that are short enough to lie within a page, wherever a database cuts."""
    return (sealed[at : at + size] for at in range(20, len(sealed) - size, step))


async def stage(store: Store, submission: Submission) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield STAGED.content or b""

    await store.documents.stage(submission.sender.key, STAGED.sha256, chunks(), 10_000)


async def sealed_of(store: Store, submission: Submission) -> set[bytes]:
    """Whatever lies sealed of the case: in the tables, and the beginnings of its documents."""
    case = submission.id

    def look(connection: Connection) -> set[bytes]:
        of_case = [
            select(cases.c.profile).where(cases.c.id == case),
            select(messages.c.content).where(messages.c.case_id == case),
            select(letters.c.sealed).where(letters.c.case_id == case),
            select(dead_letters_table.c.content),
            select(edits.c.content),
        ]
        found = (value for query in of_case for value in connection.execute(query).scalars())
        return {value for value in found if value is not None}

    return await store.read(look) | await asyncio.to_thread(documents_of, store, submission)


def documents_of(store: Store, submission: Submission) -> set[bytes]:
    root = store.documents._root
    found = [*root.glob(f"*/{submission.id}/*"), *root.glob("staged/*/*")]
    return {path.read_bytes() for path in found}


async def roll_over(
    world: World, rabbitmq: PrivateRabbitMQ, server: PostgresqlServer | None
) -> None:
    """What the hub cannot do itself, as docs/privacy.md tells the operators of both to do."""
    if "rabbitmq_server-4" in str(rabbitmq.home.package.server):
        url = world.hub.settings.amqp_url.get_secret_value()
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            for queue in (INTAKE, INTERPRET):
                await channel.queue_delete(queue)
        await until(partial(is_there, world, INTAKE))
        await until(partial(is_there, world, INTERPRET))
    await rabbitmq.evaluate("ra_log_wal:force_roll_over(ra_log_wal).")
    await pass_through(world)
    if server is not None:
        for _ in range(2):
            server.execute("SELECT pg_switch_wal()")
            server.execute("CHECKPOINT")


async def is_there(world: World, queue: str) -> bool:
    """Whether the hub has declared it again. RabbitMQ closes on who asks while it is deleted."""
    try:
        return queue in await world.hub.broker.depths([queue])
    except BROKER_FAILURES:
        return False


async def is_taken(world: World, submission: Submission) -> bool:
    """A queue is there before the hub has bound it: until then RabbitMQ gives back what comes."""
    try:
        await world.send(submission)
    except Unroutable:
        return False
    return True


async def pass_through(world: World) -> None:
    """Another case goes through both queues that carry content."""
    another = a_submission(id=uuid4(), application_id=f"AT-{uuid4()}")
    await until(partial(is_taken, world, another))
    await world.until_state(another, "accepted")
    await world.update(STATUS, world.system.received[-1])
    await world.until_letters(another.id, 1)

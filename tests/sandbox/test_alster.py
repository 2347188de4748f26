"""The simulated Alster, reached as the hub reaches it: by the transport and the adapter."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from adapters.alster import adapter
from hub.adapter import Authority, Parcel, ReadContext
from hub.model.downward import Downward
from hub.model.upward import Receipt, Refusal, Upward
from hub.routing import Endpoint, Limits
from hub.sandbox.alster import build
from hub.sandbox.processes import free_port
from hub.sandbox.samples import Destination, Sample, samples
from hub.sandbox.sftp import Keys, make_keys
from hub.sandbox.variants import COUNT
from hub.transport.sftp.archive import pack
from hub.transport.sftp.transport import SftpTransport
from hub.xml import parse
from tests.packing import packed
from tests.sandbox.serving import serving
from tests.sandbox.wires import context_of
from tests.transport.contract import KeptSteps

VERSIONS = tuple(adapter.formats)


@dataclass
class Alster:
    folder: Path
    keys: Keys
    port: int
    authority: str
    version: str
    transport: SftpTransport = field(default_factory=SftpTransport)
    url: str = ""

    @property
    def endpoint(self) -> Endpoint:
        folders = {name: f"/{self.authority}/{name}" for name in ("inbox", "outbox", "done")}
        settings: dict[str, str | int | float | bool] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "hub",
            "key_file": str(self.keys.client),
            "known_hosts_file": str(self.keys.known_hosts),
            **folders,
        }
        return Endpoint("alster", "sftp", "production", settings, Limits(4, 12))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = build(self.folder, self.keys, self.port, [self.authority])
        async with serving(app) as self.url:
            await self.book()  # the first answer comes when it has begun
            yield

    async def send(self, sample: Sample, message: Downward | None = None) -> Parcel:
        message = message or sample.submission
        parcel = adapter.formats[self.version].write(message, context_of(sample, message))
        await self.transport.deliver(packed(parcel), self.endpoint, KeptSteps())
        return parcel

    async def answers(self, count: int) -> list[Upward]:
        """Fetch until that many have come, read them as the hub does, confirm each."""
        format_, found = adapter.formats[self.version], []
        context = ReadContext(Authority(self.authority, "Muster"))
        async with asyncio.timeout(10):
            while len(found) < count:
                async for each in self.transport.collect(self.endpoint, None):
                    root = parse(each.body, encodings=format_.encodings)
                    format_.schemas.check(root)
                    found += format_.read(root, context)
                    await each.confirm()
        return found

    async def book(self) -> dict[str, list[dict[str, object]]]:
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/book") as response:
            book: dict[str, list[dict[str, object]]] = json.loads(await response.read())
            return book


@asynccontextmanager
async def an_alster(folder: Path, sample: Sample, version: str) -> AsyncIterator[Alster]:
    port = free_port()
    alster = Alster(folder, make_keys(folder, port), port, sample.authority, version)
    try:
        yield alster
    finally:
        await alster.transport.close()


@pytest.fixture
async def alster(tmp_path: Path, sample: Sample, version: str) -> AsyncIterator[Alster]:
    async with an_alster(tmp_path, sample, version) as alster:
        yield alster


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(offers: Sequence[Destination]) -> Sample:
    return next(s for s in samples(offers, COUNT) if s.course.letters and not s.submission.test)


async def test_a_message_is_entered_receipted_and_answered_in_order(
    alster: Alster, sample: Sample
) -> None:
    async with alster.running():
        await alster.send(sample)
        # All of them: one left in the outbox would never count as taken.
        first, *updates = await alster.answers(1 + len(sample.course.letters))
        assert isinstance(first, Receipt)
        assert first.answers == sample.submission.id
        kinds = tuple(update.type for update in updates)
        assert kinds == sample.course.letters
        [message] = (await alster.book())["messages"]
        assert (message["number"], message["documents"]) == (
            "130101",
            len(sample.submission.documents),
        )
        async with asyncio.timeout(30):
            while any(u["sent_at"] is None for u in (await alster.book())["updates"]):  # noqa: ASYNC110 - another process's book
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("number", range(1, COUNT + 1))
async def test_every_variant_in_every_version_is_taken(
    tmp_path: Path, offers: Sequence[Destination], number: int, version: str
) -> None:
    sample = samples(offers, COUNT)[number - 1]
    if sample.submission.test:
        pytest.skip("this installation takes no tests")
    async with an_alster(tmp_path, sample, version) as alster, alster.running():
        await alster.send(sample)
        first = (await alster.answers(1))[0]
        assert isinstance(first, Receipt)


async def test_what_comes_again_has_a_receipt_of_its_own_and_is_entered_once(
    alster: Alster, sample: Sample
) -> None:
    receipts: set[UUID] = set()
    async with alster.running():
        for times in (1, 2):
            await alster.send(sample)
            while len(receipts) < times:
                found = await alster.answers(1)
                receipts |= {each.id for each in found if isinstance(each, Receipt)}
        [message] = (await alster.book())["messages"]
    assert (message["times"], message["other_contents"]) == (2, 0)


async def test_what_arrived_while_it_was_away_is_taken_when_it_is_back(
    alster: Alster, sample: Sample
) -> None:
    async with alster.running():
        pass
    inbox = alster.folder / "files" / alster.authority / "inbox"
    parcel = adapter.formats[alster.version].write(
        sample.submission, context_of(sample, sample.submission)
    )
    (message,) = packed(parcel).messages
    (inbox / f"{sample.submission.id}.zip").write_bytes(pack(message, parcel.attachments))
    async with alster.running():
        assert isinstance((await alster.answers(1))[0], Receipt)


async def test_a_zip_that_is_not_what_its_manifest_says_is_refused(
    alster: Alster, sample: Sample
) -> None:
    alster.version = "3"  # whose version cannot be read is answered in version 3
    path = alster.folder / "files" / alster.authority / "inbox" / f"{sample.submission.id}.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("message.xml", "<a/>")
        files = [{"name": "message.xml", "size": 4, "sha256": "0" * 64}]
        archive.writestr("manifest.json", json.dumps({"files": files}))
    async with alster.running():
        [refusal] = await alster.answers(1)
    assert isinstance(refusal, Refusal)
    assert refusal.answers == sample.submission.id
    assert [reason.code for reason in refusal.reasons] == ["S999"]

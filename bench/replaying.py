"""What `bench.replays` is done with: a private world, a sender, a person at the API, the books."""

import asyncio
import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import aiohttp

from hub.broker import SUBMISSIONS, Broker
from hub.model.downward import Submission
from hub.sandbox.destinations import destinations
from hub.sandbox.samples import samples
from hub.sandbox.world import World, running_world

__all__ = ["Bench", "Book", "Sent"]

CAUSE: Final = "service.not_offered"
_AUTHORITY: Final = "990001"
"""Of `routing.yaml`: it does not offer every service until that is mended."""
_NOT_ALL: Final = "[employment, family, education, protection, conditions, settlement]"
_NOT_OFFERED: Final = "work_permission"
_AT_ONCE: Final = 50
_LOOK_EVERY: Final = 0.1
_LIMIT: Final = timedelta(hours=1)
_QUIET: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission that the broker confirmed, and when."""

    submission: Submission
    at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """The systems' own books: when each message came first, how often, and of which application."""

    received_at: dict[str, datetime]
    times: dict[str, int]
    uuids: Counter[str]


class Bench:
    """One world, and what is done in it."""

    def __init__(self, world: World, broker: Broker, api: aiohttp.ClientSession) -> None:
        self._world = world
        self._broker = broker
        self._api = api
        offers = destinations(world.routes, datetime.now(UTC).date())
        patterns = [each.submission for each in samples(offers) if not each.submission.test]
        self._refused = _lightest(patterns, _NOT_OFFERED)
        self._usual = _lightest(patterns, "employment")

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Self]:
        """Start everything; end it with the block."""
        async with running_world(folder) as world:
            token = _let_in(folder / "access.yaml")
            headers = {"Authorization": f"Bearer {token}"}
            async with (
                Broker([world.amqp_url], name="sender") as broker,
                aiohttp.ClientSession(f"{world.hub_url}/api/v1/", headers=headers) as api,
            ):
                yield cls(world, broker, api)

    async def let_die(self, count: int) -> tuple[list[Sent], datetime]:
        """Send what the route does not offer; wait until all of it is dead, and say when it was."""
        before = await self.open_letters()
        free = asyncio.Semaphore(_AT_ONCE)
        sent = await asyncio.gather(
            *(self._send(self._refused, _AUTHORITY, free) for _ in range(count))
        )
        await self._until(lambda: self._has_letters(before + count))
        return sent, datetime.now(UTC)

    async def mend(self) -> None:
        """Let the authority offer every service, and wait until that holds."""
        routing = self._world.folder / "routing.yaml"
        text = routing.read_text("utf-8")
        assert _NOT_ALL in text  # noqa: S101 - else nothing would be mended
        routing.write_text(text.replace(_NOT_ALL, "all"), "utf-8")
        await self._until(self._reloaded)

    async def flow(self, rate: float, ended: asyncio.Event) -> list[Sent]:
        """Send `rate` others a second, half of them to the same authority, whatever comes of it."""
        free, sending = asyncio.Semaphore(_AT_ONCE), list[asyncio.Task[Sent]]()
        began = time.monotonic()
        while not ended.is_set():
            authority = _AUTHORITY if len(sending) % 2 else "001900"
            sending.append(asyncio.create_task(self._send(self._usual, authority, free)))
            await asyncio.sleep(max(0.0, began + len(sending) / rate - time.monotonic()))
        return await asyncio.gather(*sending)

    async def begin_replay(self, seen_at: datetime) -> str:
        """Replay in one action what had died by then; gives the id of the replay."""
        asked = {"cause": CAUSE, "seen_at": seen_at.isoformat()}
        async with self._api.post("replays", json=asked) as response:
            response.raise_for_status()
            return str((await response.json())["id"])

    async def until_replayed(self, replay: str, part: int | None = None) -> dict[str, Any]:
        """Wait until a replay has ended, or is through with so many letters."""
        told: dict[str, Any] = {}

        async def far_enough() -> bool:
            told.update(await self._get(f"replays/{replay}"))
            return told["ended_at"] is not None or (part is not None and told["done"] >= part)

        await self._until(far_enough)
        return told

    async def stop(self, replay: str) -> None:
        """Stop a replay."""
        async with self._api.post(f"replays/{replay}/stop") as response:
            response.raise_for_status()

    async def kill(self) -> None:
        """`kill -9` the hub, and start it again."""
        await self._world.hub.kill()
        await self._world.hub.start()

    async def open_letters(self) -> int:
        """Dead letters that wait for a decision."""
        return sum(group["count"] for group in await self._get("dead-letters"))

    async def until_received(self, sent: Sequence[Sent]) -> Book:
        """Wait until the systems have all of them, or nothing comes any more."""
        wanted = {str(each.submission.id) for each in sent}
        missing, moved_at = len(wanted), time.monotonic()
        while True:
            book = await self._book()
            left = len(wanted - book.times.keys())
            if left != missing:
                missing, moved_at = left, time.monotonic()
            if not left or time.monotonic() - moved_at > _QUIET.total_seconds():
                return book
            await asyncio.sleep(1)

    async def balanced(self) -> bool:
        """Whether the hub's own ledger balances; it proves nothing alone."""
        drawn = await self._get("ledger")
        return not drawn["differences"] and not any(
            each["came_in"] - sum(each[name] for name in ("accepted", "owed", "dead", "discarded"))
            for each in drawn["balances"]
        )

    async def _send(self, pattern: Submission, authority: str, free: asyncio.Semaphore) -> Sent:
        id_ = uuid4()
        made = {"id": id_, "authority": authority, "place": None, "created_at": datetime.now(UTC)}
        submission = pattern.model_copy(update=made | {"application_id": f"BENCH-{id_.hex[:12]}"})
        body = submission.model_dump_json().encode()
        key = f"{submission.details.service}.{authority}"
        async with free:
            await self._broker.publisher.publish(SUBMISSIONS, key, body, type="submission")
        return Sent(submission, datetime.now(UTC))

    async def _book(self) -> Book:
        received: dict[str, datetime] = {}
        times: dict[str, int] = {}
        uuids: Counter[str] = Counter()
        async with aiohttp.ClientSession() as session:
            for url in self._world.book_urls:
                async with session.get(url) as response:
                    for line in (await response.json())["messages"]:
                        received[line["uuid"]] = datetime.fromisoformat(line["received_at"])
                        times[line["uuid"]] = line["times"]
                        uuids[line["application_id"]] += 1
        return Book(received, times, uuids)

    async def _has_letters(self, count: int) -> bool:
        self._world.hub.check()
        return await self.open_letters() >= count

    async def _reloaded(self) -> bool:
        return "routing.reloaded" in (self._world.folder / "hub.log").read_text("utf-8")

    async def _get(self, path: str) -> Any:
        async with self._api.get(path) as response:
            response.raise_for_status()
            return await response.json()

    @staticmethod
    async def _until(condition: Any) -> None:
        async with asyncio.timeout(_LIMIT.total_seconds()):
            while not await condition():  # noqa: ASYNC110 - another process: there is no event
                await asyncio.sleep(_LOOK_EVERY)


def _lightest(patterns: Iterable[Submission], service: str) -> Submission:
    of_service = [each for each in patterns if each.details.service == service]
    return min(of_service, key=lambda each: sum(document.size for document in each.documents))


def _let_in(access: Path) -> str:
    """Add an operator to the tokens of a world."""
    token = secrets.token_urlsafe(24)
    known = json.loads(access.read_text("utf-8"))
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    known["tokens"].append({"name": "bench", "sha256": sha256, "role": "operator"})
    access.write_text(json.dumps(known), "utf-8")
    return token

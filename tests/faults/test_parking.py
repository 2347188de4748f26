"""Fifty of four hundred authorities are down, each ten in their own way; nobody else notices.

Refused connections, a server that never answers, one that answers in vain, a certificate nobody
signed, a name nobody knows: none of it is a dead letter, and when it is over, everything arrives.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from uuid import uuid4

import pytest
from aiohttp import web

from hub.app import Hub, running
from hub.broker import SUBMISSIONS, Broker
from hub.model.downward import Submission, Withdrawal
from hub.sandbox.processes import free_port
from hub.settings import Settings
from hub.store import Message, dead_letters, ledger, message_by_id, parkings, probe_now
from tests.builders import a_submission, a_withdrawal
from tests.transport.certificates import CertificateAuthority, server_context
from tests.way.conftest import until

KEYS: Final = [f"99{number:04}" for number in range(400)]
WAYS: Final = ("refused", "silent", "slow", "busy", "stranger", "nameless")
"""`silent` hangs as long as the outage lasts, `slow` longer than the hub waits for it."""
EACH: Final = {way: 5 if way in ("silent", "slow") else 10 for way in WAYS}

SYSTEM = """
  {name}: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: production, transport: http, limits: {{parallel: 4, attempts: 3}},
    endpoint: {{url: "{url}/{{authority}}", ca_file: "{ca}", timeout_seconds: {seconds}}}}}"""
AUTHORITY = """
  "{key}": {{name: "{key}", regional_keys: [], system: {name}, services: all,
    back_channel: true}}"""


class Systems:
    """All systems: what they received, in order, and whether those that can be down are."""

    def __init__(self, folder: Path) -> None:
        self.down = True
        self.received: dict[str, list[str]] = defaultdict(list)
        self.hanging = 0
        self.refused = 0
        self.ports = {way: free_port() for way in ("well", *WAYS)}
        self.ca = CertificateAuthority(folder)
        self._identity = self.ca.identity("system")
        stranger = CertificateAuthority(folder, "stranger").identity("other")
        self._context = server_context(stranger)
        self._back = asyncio.Event()
        self._runners: dict[str, web.AppRunner] = {}

    def url(self, way: str) -> str:
        if way == "nameless" and self.down:
            return "https://no-such-system.invalid"
        return f"{'https' if way == 'stranger' else 'http'}://127.0.0.1:{self.ports[way]}"

    async def start(self) -> None:
        for way in ("well", "silent", "slow", "busy", "stranger"):
            await self._listen(way)

    async def mend(self) -> None:
        self.down = False
        self._back.set()
        # A server that is closed while a connection comes in leaves that one open (Python 3.11,
        # gh-109564): the stranger shows another certificate from now on, and goes on listening.
        self._context.load_cert_chain(self._identity.certificate, self._identity.key)
        for way in ("refused", "nameless"):
            await self._listen(way)

    async def stop(self) -> None:
        self._back.set()
        for runner in self._runners.values():
            await runner.cleanup()

    async def _listen(self, way: str) -> None:
        async def take(request: web.Request) -> web.Response:
            await request.read()
            if self.down and way != "well":
                return await self._fail(way)
            self.received[request.match_info["key"]].append(request.headers["Idempotency-Key"])
            return web.json_response({"receipt": "R-1"})

        app = web.Application()
        app.router.add_post("/{key}", take)
        runner = self._runners[way] = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        context = self._context if way == "stranger" else None
        await web.TCPSite(runner, "127.0.0.1", self.ports[way], ssl_context=context).start()

    async def _fail(self, way: str) -> web.Response:
        if way == "busy":
            self.refused += 1
            return web.Response(status=503)
        self.hanging += 1
        try:
            await self._back.wait()
        finally:
            self.hanging -= 1
        return web.Response(status=500)  # it hung, and comes back without having taken it


def down_keys(way: str) -> list[str]:
    first = sum(islice((EACH[each] for each in WAYS), WAYS.index(way)))
    return KEYS[first : first + EACH[way]]


DOWN: Final = [key for way in WAYS for key in down_keys(way)]
WELL: Final = [key for key in KEYS if key not in DOWN]


def routing(systems: Systems) -> str:
    of = {key: way for way in WAYS for key in down_keys(way)}
    seconds = {"slow": 1}
    return (
        "systems:"
        + "".join(
            SYSTEM.format(
                name=way,
                url=systems.url(way),
                ca=systems.ca.certificate,
                seconds=seconds.get(way, 200),
            )
            for way in ("well", *WAYS)
        )
        + "\nauthorities:"
        + "".join(AUTHORITY.format(key=key, name=of.get(key, "well")) for key in KEYS)
        + "\n"
    )


@pytest.fixture
async def systems(tmp_path: Path) -> AsyncIterator[Systems]:
    systems = Systems(tmp_path)
    await systems.start()
    yield systems
    await systems.stop()


@asynccontextmanager
async def a_hub(settings: Settings, systems: Systems) -> AsyncIterator[tuple[Hub, Broker]]:
    settings.routing.write_text(routing(systems))
    async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
        await hub.broker.wait_ready()
        yield hub, sender


def submissions(keys: Iterable[str]) -> list[Submission]:
    return [a_submission(id=uuid4(), authority=key, documents=0) for key in keys]


async def send(sender: Broker, messages: Iterable[Submission | Withdrawal]) -> None:
    some = asyncio.Semaphore(20)

    async def one(message: Submission | Withdrawal) -> None:
        body = message.model_dump_json().encode()
        async with some:
            await sender.publisher.publish(
                SUBMISSIONS, f"{message.type}.x", body, type=message.type
            )

    await asyncio.gather(*map(one, messages))


async def until_accepted(hub: Hub, messages: Iterable[Submission | Withdrawal]) -> list[Message]:
    sent = list(messages)

    async def all_accepted() -> list[Message] | None:
        rows = await hub.store.read(lambda c: [message_by_id(c, each.id) for each in sent])
        return rows if all(row is not None and row.state == "accepted" for row in rows) else None

    rows: list[Message] = await until(all_accepted, 240)
    return rows


async def until_hanging(systems: Systems, count: int) -> None:
    async def found() -> bool:
        return systems.hanging >= count

    await until(found, 120)


async def until_parked(hub: Hub, keys: Iterable[str]) -> None:
    wanted = set(keys)

    async def found() -> bool:
        return wanted <= {each.authority for each in await hub.store.read(parkings)}

    await until(found, 120)


def seconds_of(rows: Iterable[Message]) -> list[float]:
    return [
        (row.accepted_at - row.created_at).total_seconds()
        for row in rows
        if row.accepted_at is not None
    ]


async def test_fifty_of_four_hundred_are_down_and_nobody_else_notices(
    settings: Settings, systems: Systems
) -> None:
    async with a_hub(settings, systems) as (hub, sender):
        before = submissions(WELL)
        await send(sender, before)
        calm = seconds_of(await until_accepted(hub, before))

        cases = submissions(key for key in DOWN for _ in range(3))
        withdrawn = [a_withdrawal(id=uuid4(), case=each.id) for each in cases[::3]]
        held = [*cases, *withdrawn]
        await send(sender, cases)
        await send(sender, withdrawn)
        await until_hanging(systems, EACH["silent"] * 3)
        during = submissions(WELL)
        await send(sender, during)
        rows = await until_accepted(hub, during)

        # What hangs hung all the while: had any of these waited for it, they would hang, too.
        assert systems.hanging >= EACH["silent"] * 3
        assert not any(systems.received[key] for key in DOWN)
        assert {row.attempts for row in rows} == {1}
        stormy = seconds_of(rows)
        # Both met an equal load; a wait for anything that is down takes seconds.
        assert median(stormy) < 5 * median(calm) + 1
        assert quantiles(stormy, n=20)[-1] < 5 * quantiles(calm, n=20)[-1] + 1

        await until_parked(hub, [key for key in DOWN if key not in down_keys("silent")])
        found = await hub.store.read(parkings)
        for way in ("refused", "nameless", "stranger"):
            # One address: one probe for all ten.
            probes = {each.next_probe for each in found if each.authority in down_keys(way)}
            assert len(probes) == 1, way

        await systems.mend()
        settings.routing.write_text(routing(systems))
        await until_named(hub, systems)
        now = datetime.now(UTC)
        await hub.store.run(lambda c: [probe_now(c, key, "test", now) for key in DOWN])

        rows = await until_accepted(hub, held)
        for row in rows:
            if row.authority not in down_keys("slow") + down_keys("silent"):
                assert row.attempts == 1, "an attempt was burnt"
        for case, withdrawal in zip(cases[::3], withdrawn, strict=True):
            arrived = systems.received[str(case.authority)]
            assert arrived.index(str(case.id)) < arrived.index(str(withdrawal.id))
        assert all(len(set(got)) == len(got) for got in systems.received.values())
        assert await hub.store.read(dead_letters) == []
        assert await hub.store.read(parkings) == []
        assert (await hub.store.read(ledger)).balanced


async def until_named(hub: Hub, systems: Systems) -> None:
    async def named() -> bool:
        return hub.routes.table.systems["nameless"].settings["url"] == (
            f"{systems.url('nameless')}/{{authority}}"
        )

    await until(named)

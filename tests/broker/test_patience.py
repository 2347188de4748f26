"""An answer of the broker that comes too late costs nobody the connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from types import NoneType
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.connection import Connection, FrameReceiver, ReceivedFrame

from hub.broker import BROKER_FAILURES, INTAKE
from hub.broker.connection import Link, SpareChannel, close_quietly, within
from hub.sandbox.faults.cable import Cable
from hub.tls import TlsFiles
from tests.broker.conftest import a_broker, numbers_are_free

SOON = timedelta(seconds=0.1)

Work = Coroutine[Any, Any, object]
Prepare = Callable[[AbstractConnection], Awaitable[Work]]


async def to_open(connection: AbstractConnection) -> Work:
    return SpareChannel(connection).open()


async def to_open_with_confirms(connection: AbstractConnection) -> Work:
    return connection.channel().initialize()


async def to_close(connection: AbstractConnection) -> Work:
    return close_quietly(await SpareChannel(connection).open())


async def to_ask(connection: AbstractConnection) -> Work:
    return _ask_for(INTAKE, await SpareChannel(connection).open())


async def to_ask_in_vain(connection: AbstractConnection) -> Work:
    return _ask_for("hub.missing", await SpareChannel(connection).open())


async def _ask_for(queue: str, channel: AbstractChannel) -> None:
    async with channel:
        await channel.declare_queue(queue, passive=True)


whatever_is_asked = pytest.mark.parametrize(
    "prepare", [to_open, to_open_with_confirms, to_close, to_ask, to_ask_in_vain]
)


@pytest.fixture
def mail_comes(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Unless it is set, what the broker sends is under way; it has to be there from the start."""

    async def get_frame(receiver: FrameReceiver) -> ReceivedFrame:
        frame = await original(receiver)
        await comes.wait()
        return frame

    original, comes = FrameReceiver.get_frame, asyncio.Event()
    comes.set()
    monkeypatch.setattr(FrameReceiver, "get_frame", get_frame)
    monkeypatch.setattr(Connection, "READER_CLOSE_TIMEOUT", SOON.total_seconds())
    return comes


@asynccontextmanager
async def a_connection(url: str) -> AsyncIterator[AbstractConnection]:
    """To a broker on which everything is declared; what was begun with it ends with it."""
    async with a_broker(url):
        pass
    before = asyncio.all_tasks()
    connection = await Link([url], name="test", heartbeat=10, tls=TlsFiles()).connect()
    yield connection
    async with asyncio.timeout(60):
        await close_quietly(connection)
        await asyncio.gather(*(asyncio.all_tasks() - before), return_exceptions=True)


async def give_up(work: Work) -> None:
    with pytest.raises(TimeoutError):
        async with within(SOON):
            await work


@whatever_is_asked
async def test_a_late_answer_costs_neither_the_connection_nor_a_channel(
    mail_comes: asyncio.Event, amqp_url: str, prepare: Prepare
) -> None:
    async with a_connection(amqp_url) as connection:
        work = await prepare(connection)
        mail_comes.clear()
        await give_up(work)
        mail_comes.set()
        await all_are_closed(connection)
        await numbers_are_free(connection)


async def all_are_closed(connection: AbstractConnection) -> None:
    assert connection.transport is not None
    async with asyncio.timeout(60):
        while connection.transport.connection.channels:  # noqa: ASYNC110 - sets no event
            await asyncio.sleep(0.01)


@whatever_is_asked
async def test_a_connection_can_be_closed_while_an_answer_is_under_way(
    mail_comes: asyncio.Event, amqp_url: str, prepare: Prepare
) -> None:
    async with a_connection(amqp_url) as connection:
        work = await prepare(connection)
        mail_comes.clear()
        await give_up(work)


@whatever_is_asked
async def test_who_waits_is_told_when_the_connection_is_lost(
    amqp_url: str, prepare: Prepare
) -> None:
    async with Cable(amqp_url) as cable, a_connection(cable.url) as connection:
        work = await prepare(connection)
        cable.black_hole()  # so the answer has not come when the connection goes
        waiting = asyncio.create_task(go_on(work))
        await asyncio.wait([waiting], timeout=SOON.total_seconds())
        cable.reset()
        cable.heal()
        [error] = await asyncio.gather(waiting, return_exceptions=True)
        # Who closes has what he wants.
        assert isinstance(error, NoneType if prepare is to_close else BROKER_FAILURES), error


async def go_on(work: Work) -> None:
    async with within(timedelta(minutes=5)):
        await work


async def test_a_channel_on_which_an_answer_was_not_waited_for_is_asked_nothing_more(
    mail_comes: asyncio.Event, amqp_url: str
) -> None:
    async with a_connection(amqp_url) as connection:
        spare = SpareChannel(connection)
        channel = await spare.open()
        mail_comes.clear()
        await give_up(channel.declare_queue(INTAKE, passive=True))
        assert channel.is_closed
        with pytest.raises(BROKER_FAILURES):
            await channel.declare_queue(INTAKE, passive=True)
        mail_comes.set()
        await all_are_closed(connection)
        await (await spare.open()).declare_queue(INTAKE, passive=True)


async def test_a_number_comes_round_again_after_all_others(amqp_url: str) -> None:
    async with a_connection(amqp_url) as connection:
        assert connection.transport is not None
        underlay = connection.transport.connection
        numbers = []
        for last in (underlay.last_channel, underlay.connection_tune.channel_max - 1):
            underlay.last_channel = last
            for _ in range(2):
                async with connection.channel() as channel:
                    numbers.append(channel.number)
    assert numbers == [2, 3, 2047, 1]

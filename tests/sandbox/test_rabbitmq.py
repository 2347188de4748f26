import asyncio
import os
import signal
import sys
from pathlib import Path

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused

from hub.sandbox.rabbitmq import private_rabbitmq
from hub.sandbox.rabbitmq_package import Package, RabbitMQMissing, find_package

OWNER = """
import asyncio
from hub.sandbox.rabbitmq import private_rabbitmq

async def main():
    async with private_rabbitmq() as node:
        print(node.folder, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def processes_of(folder: Path) -> list[int]:
    """Everything that is at home in that folder (dead processes are nowhere)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


async def until_gone(folder: Path) -> None:
    async with asyncio.timeout(20):
        while processes_of(folder):  # noqa: ASYNC110 - strangers' processes set no event
            await asyncio.sleep(0.05)


async def test_what_was_confirmed_survives_stop_and_kill_but_not_a_wipe_and_nothing_runs_on(
    tmp_path: Path,
) -> None:
    async with private_rabbitmq(tmp_path) as node:
        url = await node.vhost("survives")
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(
                "q", durable=True, arguments={"x-queue-type": "quorum"}
            )
            message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, "q")
        await node.kill()
        await node.start()
        await node.stop()
        await node.start()
        async with await aio_pika.connect(url) as connection:
            queue = await (await connection.channel()).get_queue("q")
            async with queue.iterator() as messages:
                assert (await anext(messages)).body == b"kept"
        user = await node.user("some.one", 'p"\\ w', r"^own\.", r"^own\.", r"^own\.")
        await node.wipe()
        async with await aio_pika.connect(user) as connection:
            channel = await connection.channel()
            await channel.declare_exchange("own.exchange")
            with pytest.raises(ChannelAccessRefused):
                await channel.declare_exchange("ownerless")
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.declare_queue("q", passive=True)
        assert processes_of(tmp_path)
    await until_gone(tmp_path)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
async def test_the_node_ends_with_its_owner(end: signal.Signals) -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER),
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert owner.stdout is not None
    folder = Path((await owner.stdout.readline()).decode().strip())
    assert len(processes_of(folder)) >= 2
    owner.send_signal(end)
    await owner.wait()
    await until_gone(folder)
    assert await asyncio.to_thread(folder.exists) == (end is signal.SIGKILL)


def test_a_root_without_rabbitmq_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RABBITMQ_ROOT", str(tmp_path))
    with pytest.raises(RabbitMQMissing, match=f"RABBITMQ_ROOT is {tmp_path}"):
        find_package()


def test_without_rabbitmq_and_apt_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Package, "complete", False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("RABBITMQ_ROOT", raising=False)
    with pytest.raises(RabbitMQMissing, match="install it, or set HUB_AMQP_URL"):
        find_package()

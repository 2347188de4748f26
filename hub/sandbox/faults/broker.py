"""What can happen to the broker: it goes and comes back, is short of memory, closes, loses.

Where it loses what it had confirmed - wiped, or a queue deleted - that is the disk's loss: whoever
had sent it and finds that the hub does not know it, sends it again (`Ground.make_up`). What the
hub had accepted it has to bring back by itself.
"""

import asyncio
from typing import Final

from hub.broker import DEAD_LETTERS, INTAKE, INTERPRET, delivery_queue, mailbox_queue
from hub.sandbox.faults.alarm import alarm
from hub.sandbox.faults.kind import Ground, Kind

__all__ = ["BROKER"]

_LONGEST_PAUSE: Final = 1.0
_LONGEST_ALARM: Final = 5.0
_CONNECTIONS: Final = """
    Begins = fun(Name) -> string:prefix(Name, <<"hub ">>) =/= nomatch end,
    Connections = [Pid || Pid <- rabbit_networking:connections(),
        [{client_properties, Table}] <-
            [catch rabbit_networking:connection_info(Pid, [client_properties])],
        {<<"connection_name">>, _, Name} <- Table, Begins(Name)]
"""
"""Erlang: Connections are the hub's; so do they call themselves, publishing or consuming."""


async def _restarted(ground: Ground) -> None:
    await _some_time(ground)
    await ground.node.stop()
    await ground.node.start()


async def _killed(ground: Ground) -> None:
    await _some_time(ground)
    await ground.node.kill()
    await ground.node.start()


async def _wiped(ground: Ground) -> None:
    await _some_time(ground)
    async with ground.make_up():
        await ground.node.wipe()


async def _alarmed(ground: Ground) -> None:
    await _some_time(ground)
    async with alarm(ground.node, "memory"):
        await asyncio.sleep(ground.random.uniform(0.5, _LONGEST_ALARM))


async def _connection_closed(ground: Ground) -> None:
    await _some_time(ground)
    # As an operator closes it.
    await ground.node.evaluate(
        f"{_CONNECTIONS}, {_drawn('Connections', ground)},"
        ' [ok = rabbit_networking:close_connection(Pid, "a fault on purpose") || Pid <- Drawn].'
    )


async def _channel_closed(ground: Ground) -> None:
    await _some_time(ground)
    # As the broker closes one, for an error of its client.
    await ground.node.evaluate(
        f"{_CONNECTIONS}, Channels = [Pid || Pid <- rabbit_channel:list(),"
        " [{connection, Of}] <- [catch rabbit_channel:info(Pid, [connection])],"
        f" lists:member(Of, Connections)], {_drawn('Channels', ground)},"
        # Nothing was ever delivered under this tag: 406, which ends the channel alone.
        " [ok = rabbit_channel:do(Pid, {'basic.ack', 16#ffffffffffff, false}) || Pid <- Drawn]."
    )


async def _queue_deleted(ground: Ground) -> None:
    deliveries = [delivery_queue(key) for key in sorted(ground.world.routes.authorities)]
    shared = [INTAKE, INTERPRET, DEAD_LETTERS, mailbox_queue("local")]
    name = ground.random.choice([*shared, ground.random.choice(deliveries)])
    await _some_time(ground)
    async with ground.make_up():
        await ground.node.delete_queue(name)


async def _some_time(ground: Ground) -> None:
    await asyncio.sleep(ground.random.uniform(0, _LONGEST_PAUSE))


def _drawn(names: str, ground: Ground) -> str:
    """Erlang: Drawn is one of a list, or empty as the list is."""
    number = ground.random.randrange(1000)
    return (
        f"Drawn = case lists:sort({names}) of [] -> [];"
        f" All -> [lists:nth({number} rem length(All) + 1, All)] end"
    )


BROKER: Final = (
    Kind("broker.restarted", _restarted),
    Kind("broker.killed", _killed),
    Kind("broker.wiped", _wiped),
    Kind("broker.alarm", _alarmed),
    Kind("broker.connection_closed", _connection_closed),
    Kind("broker.channel_closed", _channel_closed),
    Kind("broker.queue_deleted", _queue_deleted),
)

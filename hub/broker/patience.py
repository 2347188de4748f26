"""A channel that waits for every answer of the broker, also when who asked no longer does.

Where a caller is cancelled or out of time, aiormq 7.2 closes the channel at once, as if the broker
had nothing to say any more. In two cases that costs everybody the connection:

- The broker is just refusing what was asked, and closes the channel as well. It goes on to wait
  for its `channel.close-ok`, which aiormq does not send: for aiormq, the number is free
  (`Channel.rpc`, `Connection.__reader`). RabbitMQ says: "second 'channel.open' seen".
- What was not waited for is the closing itself: aiormq closes a second time, by then perhaps a
  channel that is not there. RabbitMQ says: "expected 'channel.open'".

So aiormq learns of no caller's end: what was asked is asked to its end, and only then the channel
is closed, in the background. All of that ends with the connection at the latest, for then aiormq
ends whatever waits for it. An opening that is given up needs none of this: aiormq keeps its number
until the broker has confirmed both, opened and closed.

What is published is not asked: the broker may refuse it, and close the channel, just when the hub
closes it. It then confirms for a number that aiormq takes for free, and aiormq would believe that
of the next channel with that number. So a number comes round again only after all others.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any, Final, TypeVar

import aio_pika
import aiormq
from aio_pika.abc import AbstractConnection, TimeoutType
from aio_pika.exceptions import ChannelInvalidStateError
from aiormq.abc import ExceptionType, RpcReturnType
from pamqp.base import Frame
from pamqp.commands import Channel

__all__ = ["TIMEOUT", "PatientChannel"]

TIMEOUT: Final = timedelta(seconds=10)
"""How long anything asked of the broker may take, connecting included."""

_MOST_CHANNELS: Final = 65535
"""Where the broker sets no limit: AMQP's own."""

_T = TypeVar("_T")
_Rpc = Callable[[Frame], Coroutine[Any, Any, RpcReturnType]]

_unattended: Final[set[asyncio.Task[Any]]] = set()


class PatientChannel(aio_pika.Channel):
    """Closed as soon as somebody gave up waiting for an answer: what it is good for is in doubt."""

    _given_up = False

    @property
    def is_closed(self) -> bool:
        """Also while it is only being closed for that."""
        return self._given_up or super().is_closed

    async def initialize(self, timeout: TimeoutType = None) -> None:  # noqa: ASYNC109 - aio-pika's
        """Opens it."""
        self._channel_number = _next_number(self._connection)
        await super().initialize(timeout)
        underlay = await self.get_underlay_channel()
        # Whatever aio-pika and aiormq ask on a channel, they ask through this one method, which
        # aiormq's abstract type does not show.
        underlay.rpc = partial(self._ask, underlay.rpc)  # type: ignore[attr-defined]

    async def close(self, exc: ExceptionType | None = None) -> None:
        """Returns when the broker has confirmed it, or after `TIMEOUT`: it goes on without."""
        if self.is_initialized and not self._given_up:
            closing = _begin(super().close(exc))
            await asyncio.wait([closing], timeout=TIMEOUT.total_seconds())

    async def _ask(self, rpc: _Rpc, frame: Frame, **_limit: TimeoutType) -> RpcReturnType:
        # No limit: aiormq sets one for closings, after which it would close a second time.
        if isinstance(frame, Channel.Close):
            return await rpc(frame)
        if self._given_up:
            raise ChannelInvalidStateError("an earlier answer on this channel was not waited for")
        answer = _begin(rpc(frame))
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if not answer.done():
                self._given_up = True
                _begin(super().close())
            raise


def _next_number(connection: AbstractConnection) -> int | None:
    """None: let aiormq find one, or say why there is none."""
    underlay = connection.transport and connection.transport.connection
    if not isinstance(underlay, aiormq.Connection):
        return None
    last, most = underlay.last_channel, underlay.connection_tune.channel_max or _MOST_CHANNELS
    for number in chain(range(last + 1, most + 1), range(1, last + 1)):
        if number not in underlay.channels:
            underlay.last_channel = number
            return number
    return None


def _begin(work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
    """It comes to its end, whoever waits for it; the loop itself keeps no task alive."""
    task = asyncio.create_task(work)
    _unattended.add(task)
    task.add_done_callback(_put_away)
    return task


def _put_away(task: asyncio.Task[Any]) -> None:
    _unattended.discard(task)
    if not task.cancelled():
        task.exception()  # now it counts as seen

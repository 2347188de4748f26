"""The hub as it runs in a campaign: the real `hub run`, which may be told where to die.

The hub itself has no switch for it: the seams between its parts are wrapped from outside, before
it starts. A SIGUSR1 makes it read from a file which point to die at, and at which passage of it.
"""

import functools
import importlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Final

from hub.broker import Broker, Delivery, Handler, Publisher, Verdict
from hub.broker.consumer import Subscription
from hub.mailbox.local import LocalMailbox
from hub.sandbox.faults.nursery import fork_workers
from hub.sandbox.faults.steps import TRAP, Work, at_work, commit_of, stage_of
from hub.stages.collect import Collect
from hub.stages.dispatch import Dispatch
from hub.store import Store
from hub.transport.amqp import AmqpTransport
from hub.transport.http import HttpTransport
from hub.transport.sftp.transport import SftpTransport
from hub.transport.soap import SoapTransport

__all__ = ["main", "wrap_all"]

Call = Callable[..., Awaitable[Any]]


def main() -> None:
    """Run the hub as the settings in the environment say."""
    wrap_all()
    fork_workers()
    # By name, as its own process would: commands stand above this room.
    importlib.import_module("hub.cli.run").run()


class _Trap:
    """The point that is deadly now, and how many passages of it are left."""

    def __init__(self) -> None:
        self._point = ""
        self._left = 0

    def arm(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Read what the file says, if there is one; it says so once."""
        file = Path(os.environ[TRAP])
        if file.exists():
            self._point, left = file.read_text("ascii").split()
            self._left = int(left)
            file.unlink()

    def passed(self, step: str, side: str) -> None:
        """Die if this is the passage."""
        work = at_work.get()
        if work is None or f"{work.stage}.{step}.{side}" != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


_trap: Final = _Trap()


def wrap_all() -> None:
    """Wrap every seam, for all hubs of this process."""
    signal.signal(signal.SIGUSR1, _trap.arm)
    _trap.arm()
    _wrap(Broker, "subscribe", _subscribing)
    _wrap(Subscription, "_handle", _handling)
    _wrap(Subscription, "_settle", _deadly("acknowledge"))
    _wrap(Store, "run", _committing)
    _wrap(Publisher, "publish", _deadly("publish"))
    _wrap(LocalMailbox, "deliver", _deadly("send"))
    for transport in (HttpTransport, SoapTransport, SftpTransport, AmqpTransport):
        _wrap(transport, "deliver", _deadly("send"))
    for collecting in (SoapTransport, SftpTransport):
        _wrap(collecting, "collect", _collecting)
    _wrap(Dispatch, "look", _working("dispatch"))
    _wrap(Dispatch, "fill_dry_queues", _working("dispatch"))
    _wrap(Collect, "look", _working("collect"))


def _wrap(of: type, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    former = getattr(of, name)
    setattr(of, name, functools.wraps(former)(wrapper(former)))


def _deadly(step: str) -> Callable[[Call], Call]:
    def wrapper(former: Call) -> Call:
        async def passing(*arguments: object, **named: object) -> object:
            _trap.passed(step, "before")
            result = await former(*arguments, **named)
            _trap.passed(step, "after")
            return result

        return passing

    return wrapper


def _working(stage: str) -> Callable[[Call], Call]:
    """What the call does is work of that stage."""

    def wrapper(former: Call) -> Call:
        async def working(*arguments: object, **named: object) -> object:
            token = at_work.set(Work(stage))
            try:
                return await former(*arguments, **named)
            finally:
                at_work.reset(token)

        return working

    return wrapper


def _handling(former: Call) -> Call:
    """Handler and acknowledgement are work of the queue's stage; each message in its own task."""

    async def handling(self: Subscription, message: object) -> None:
        at_work.set(Work(stage_of(self.queue)))
        await former(self, message)

    return handling


def _subscribing(former: Callable[..., Subscription]) -> Callable[..., Subscription]:
    def subscribing(self: Broker, queue: str, handler: Handler, *, prefetch: int) -> Subscription:
        async def passing(delivery: Delivery) -> Verdict:
            _trap.passed("handle", "before")
            verdict = await handler(delivery)
            _trap.passed("handle", "after")
            return verdict

        return former(self, queue, passing, prefetch=prefetch)

    return subscribing


def _committing(former: Call) -> Call:
    async def committing(self: Store, unit: Callable[..., object]) -> object:
        work = at_work.get()
        name = getattr(unit, "__qualname__", "")  # a partial has none
        step = commit_of(work, name) if work is not None else ""
        _trap.passed(step, "before")
        result = await former(self, unit)
        _trap.passed(step, "after")
        return result

    return committing


def _collecting(former: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
    """The confirmation to the system is a call of what was collected."""

    async def collecting(*arguments: object, **named: object) -> AsyncIterator[Any]:
        async for collected in former(*arguments, **named):
            yield replace(collected, confirm=_deadly("confirm")(collected.confirm))

    return collecting

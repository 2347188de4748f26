"""A hub's stages around a real store, with everything outside them in memory.

The broker and the far ends are models because their misbehaviour is the input of the test; how
the real ones behave is tested in tests/broker, tests/transport and tests/way. The stages, the
store on its file, the adapters and the letters are the hub's own.
"""
# ruff: noqa: ARG002 - the signatures are those of the originals

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from hub.adapter import Authority, Context, ReadContext, adapters
from hub.broker import (
    INTAKE,
    INTERPRET,
    RETURNS,
    SUBMISSIONS,
    Delivery,
    Handler,
    Verdict,
    delivery_queue,
    mailbox_queue,
)
from hub.inspection import Inspection
from hub.model.downward import Downward
from hub.model.failure import HubFailure
from hub.model.upward import Upward
from hub.routing import RoutingTable
from hub.stages.deliver import Deliver
from hub.stages.dispatch import Dispatch
from hub.stages.forward import Forward
from hub.stages.intake import Intake
from hub.stages.interpret import Interpret
from hub.stages.mailbox import Mailbox
from hub.stages.translation import Translation
from hub.store import (
    PUBLISH_GRACE,
    Connection,
    Sealer,
    Store,
    StoreAway,
    open_store,
    release_leases,
)
from hub.workshop.packed import Packed, PackedXml
from hub.workshop.workshop import Workshop
from hub.xml import RETURN_LIMITS, Invalid, parse, serialise
from tests.way_model.broker import HUB, ModelBroker
from tests.way_model.far_ends import ModelMailbox, ModelTransport, Office
from tests.way_model.faults import Faults
from tests.way_model.routes import AUTHORITIES, TABLE
from tests.way_model.scheduling import Inline, Scheduler

__all__ = ["PROVIDERS", "World"]

T = TypeVar("T")

PROVIDERS: Final = ("local", "zbp")

_BEGINNING: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=1)
_KEEP: Final = timedelta(days=365)
_SEALER: Final = Sealer.from_text(Sealer.generate_text())


class World:
    """One hub, its neighbours, and the time. Every call runs the loop until nothing moves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._runner.get_loop().set_default_executor(Inline())
        self._open = AsyncExitStack()
        self._fresh = 0
        self._now = _BEGINNING
        self.scheduler = Scheduler()
        self.faults = Faults()
        self.broker = ModelBroker(self.scheduler, self.faults)
        self.offices = {
            key: Office(key, version if adapter == "alster" else None, self.fresh)
            for key, (adapter, version, *_) in AUTHORITIES.items()
        }
        self.mailboxes = {
            name: ModelMailbox(self.scheduler, self.faults, self.now) for name in PROVIDERS
        }
        self._run(self._start())

    def now(self) -> datetime:
        """Never the same twice."""
        self._now += _TICK
        return self._now

    def fresh(self) -> UUID:
        """An id that nobody had before."""
        self._fresh += 1
        return UUID(int=self._fresh, version=4)

    def pass_time(self, time: timedelta) -> None:
        self._now += time

    def read(self, unit: Callable[[Connection], T]) -> T:
        return self._run(self._store.read(unit))

    def write(self, unit: Callable[[Connection], T]) -> T:
        return self._run(Store.run(self._store, unit))

    def enter(self, message: Downward) -> None:
        """An online service sends, and the broker confirms."""
        self._put(SUBMISSIONS, INTAKE, message.model_dump_json().encode(), str(message.id), {})

    def bring(self, authority: str, body: bytes) -> None:
        """A system's document comes to the hub's door."""
        self._put(RETURNS, INTERPRET, body, None, {"authority": authority})

    def ready(self) -> list[str]:
        """Queues in which something waits."""
        return sorted(name for name, waiting in self.broker.queues.items() if waiting)

    def take(self, queue: str, points: int | None = None) -> None:
        """A handler takes the first message of a queue and passes so many points, or all."""
        delivery = self.broker.queues[queue].pop(0)

        async def handle() -> None:
            if await self._handlers[queue](delivery) is Verdict.REQUEUE:
                raise StoreAway("as the hub's own guard says")

        self._run(self.scheduler.begin(queue, handle(), self._ended(delivery), points))

    def look(self, points: int | None = None, *, first: bool = False) -> None:
        """DISPATCH looks; as after a start, it trusts no queue."""

        async def look() -> None:
            await self._dispatch.look()
            await self._dispatch.fill_dry_queues(self._now + PUBLISH_GRACE if first else self._now)

        self._run(self.scheduler.begin("dispatch", look(), _dispatched, points))

    def go_on(self, position: int, points: int | None) -> None:
        jobs = self.scheduler.jobs
        self._run(self.scheduler.go_on(jobs[position % len(jobs)], points))

    def finish(self) -> None:
        """Every handler at work comes to its end."""
        self._run(self.scheduler.finish())

    def crash(self, *, reopen: bool) -> None:
        """The process ends wherever its handlers stand, and a new one starts."""
        for job in self._run(self.scheduler.crash()):
            if (delivery := self._taken.pop(job.end, None)) is not None:
                self.broker.give_back(delivery)
        if reopen:
            self._run(self._open.aclose())
            self._run(self._start())
        else:
            self._build()
        self._run(Store.run(self._store, release_leases))
        self.look(first=True)

    def close(self) -> None:
        self._run(self.scheduler.crash())
        self._run(self._open.aclose())
        self._runner.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _put(
        self,
        exchange: str,
        queue: str,
        body: bytes,
        correlation: str | None,
        headers: dict[str, str],
    ) -> None:
        self.broker.queues[queue].append(
            Delivery(
                body=body,
                routing_key="",
                exchange=exchange,
                queue=queue,
                message_id=None,
                type=None,
                content_type=None,
                reply_to="sender" if correlation else None,
                correlation_id=correlation,
                user_id=HUB,
                headers=dict(headers),
                redelivered=False,
                death=None,
            )
        )

    def _ended(self, delivery: Delivery) -> Callable[[BaseException | None], None]:
        def end(error: BaseException | None) -> None:
            del self._taken[end]
            if error is None:
                return
            if not isinstance(error, HubFailure):
                raise error
            self.broker.give_back(delivery)

        self._taken[end] = delivery
        return end

    async def _start(self) -> None:
        url = f"sqlite:///{self._folder / 'hub.db'}"
        store = await self._open.enter_async_context(
            open_store(url, self._folder / "documents", _SEALER)
        )
        self._store = _ModelStore(store, self.scheduler, self.faults)
        self._build()

    def _build(self) -> None:
        """The parts of a process, anew."""
        store, broker, workshop = self._store, self.broker, _Inline()
        self._taken: dict[object, Delivery] = {}

        def table() -> RoutingTable:
            return TABLE

        systems = {f"s{key}": office for key, office in self.offices.items()}
        transport = ModelTransport(systems, self.scheduler, self.faults, self.now)
        deliver = Deliver(
            store,
            broker,
            Translation(store, table, workshop),
            table,
            {"http": transport, "sftp": transport},
            "owner",
            _KEEP,
            self.now,
            on_parked=lambda: None,
        )
        mailbox = Mailbox(
            store,
            broker,
            table,
            self.mailboxes,
            "owner",
            _KEEP,
            self.now,
            on_parked=lambda: None,
        )
        forward = Forward(store, table, self.now)
        self._handlers: dict[str, Handler] = {
            INTAKE: Intake(
                store, broker, table, set(PROVIDERS), {HUB}, Inspection(), self.now
            ).handle,
            INTERPRET: Interpret(
                store,
                broker,
                table,
                workshop,
                _KEEP,
                {HUB},
                Inspection(),
                self.now,
                forward.by_rule,
            ).handle,
            **{delivery_queue(key): deliver.handle for key in AUTHORITIES},
            **{mailbox_queue(name): mailbox.handle for name in PROVIDERS},
        }
        self._dispatch = Dispatch(store, broker, broker.depths, self.now, timedelta(days=365))


class _ModelStore(Store):
    """The store, with a point before and after each commit, and away when it is told to be."""

    def __init__(self, store: Store, scheduler: Scheduler, faults: Faults) -> None:
        vars(self).update(vars(store))
        self._scheduler = scheduler
        self._faults = faults

    async def run(self, unit: Callable[[Connection], T]) -> T:
        await self._scheduler.point()
        fault = self._faults.meet("commit")
        if fault == "before":
            raise StoreAway("it is told to be")
        value = await self._scheduler.in_threads(super().run(unit))
        if fault == "after":
            raise StoreAway("it is told to be")
        await self._scheduler.point()
        return value

    async def read(self, unit: Callable[[Connection], T]) -> T:
        return await self._scheduler.in_threads(super().read(unit))


class _Inline(Workshop):
    """Adapters at work at once, in this process: what theirs may do is tested in tests/workshop."""

    def __init__(self) -> None:
        super().__init__(adapters())

    async def write(
        self,
        adapter: str,
        version: str,
        message: Downward,
        context: Context,
        *,
        wait: timedelta | None = None,
    ) -> Packed:
        format_ = adapters()[adapter].formats[version]
        parcel = format_.write(message, context)
        for each in parcel.messages:
            format_.schemas.check(each.root)
        packed = [
            PackedXml(each.uuid, each.name, serialise(each.root, each.encoding), each.encoding)
            for each in parcel.messages
        ]
        return Packed(tuple(packed), parcel.attachments, parcel.changes)

    async def read(
        self,
        adapter: str,
        versions: Sequence[str],
        document: bytes,
        authority: Authority,
        *,
        wait: timedelta | None = None,
    ) -> list[Upward]:
        formats = [adapters()[adapter].formats[version] for version in versions]
        encodings = frozenset().union(*(each.encodings for each in formats))
        root = parse(document, RETURN_LIMITS, encodings=encodings)
        for format_ in formats[:-1]:
            with suppress(Invalid):
                format_.schemas.check(root)
                return format_.read(root, ReadContext(authority))
        formats[-1].schemas.check(root)
        return formats[-1].read(root, ReadContext(authority))


def _dispatched(error: BaseException | None) -> None:
    """As its own loop does: trouble ends one look only."""
    if error is not None and not isinstance(error, HubFailure):
        raise error

"""The composition root: settings become parts, parts become a running hub.

Nothing else constructs parts. What goes in is `Settings`; what comes out is a `Hub` that runs
until its context ends: first nothing new is taken, then what is at work ends, then all closes.
"""

import asyncio
import os
import secrets
import socket
import time
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from hub.adapter import Adapter, adapters
from hub.broker import (
    BROKER_FAILURES,
    DEAD_LETTERS,
    INTAKE,
    INTERPRET,
    Broker,
    Delivery,
    Handler,
    Subscription,
    Verdict,
    delivery_queue,
    mailbox_queue,
    topology,
)
from hub.mailbox import MailboxProvider
from hub.mailbox.links import Links
from hub.metrics import Metrics, Outcome
from hub.model.failure import HubFailure
from hub.model.identifiers import AuthorityKey, CaseId
from hub.providers import open_providers
from hub.routes import Routes
from hub.settings import Settings
from hub.stages.bookkeeping import Bookkeeping, DrawnUp
from hub.stages.bury import Bury
from hub.stages.collect import Collect
from hub.stages.deliver import Deliver
from hub.stages.dispatch import Dispatch
from hub.stages.edits import Edits
from hub.stages.forward import Forward
from hub.stages.intake import Intake
from hub.stages.interpret import Interpret
from hub.stages.mailbox import Mailbox
from hub.stages.parking import Attendant
from hub.stages.pulse import Pulse
from hub.stages.remind import Remind
from hub.stages.replayed import knowing_replays
from hub.stages.replays import Replays
from hub.stages.retention import Retention
from hub.stages.translation import Translation
from hub.store import Sealer, Store, StoreAway, end_leases, open_store, release_leases
from hub.tracing import Tracing, tracing
from hub.transport import Collecting, Transport
from hub.transport.amqp import AmqpTransport
from hub.transport.http import HttpTransport
from hub.transport.sftp import SftpTransport
from hub.transport.soap import SoapTransport
from hub.workshop import Workshop
from hub.xml import SchemaSet

__all__ = ["Hub", "running"]

_PREFETCH: Final = 50
_ROUTES_EVERY: Final = 2.0
_STORE_PROBE: Final = 1.0

_log = structlog.get_logger()


@dataclass(slots=True)
class Hub:
    """A running hub, as the doors and commands see it."""

    settings: Settings
    store: Store
    broker: Broker
    routes: Routes
    workshop: Workshop
    bookkeeping: Bookkeeping
    replays: Replays
    edits: Edits
    tracing: Tracing
    metrics: Metrics = field(default_factory=Metrics)
    store_away: bool = False
    subscriptions: list[Subscription] = field(default_factory=list)
    authorities: dict[AuthorityKey, Subscription] = field(default_factory=dict)
    providers: dict[str, Subscription] = field(default_factory=dict)

    @property
    def drawn_up(self) -> DrawnUp | None:
        """The ledger as it was drawn up last; None as long as it never was."""
        return self.bookkeeping.last


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Hub]:
    """Run every stage until the context ends.

    Raises:
        RoutingError: the routing table is broken.
        SchemaError: a schema set of an installed adapter does not compile.
        HubFailure: the store cannot be opened, or a setting of a mailbox provider is wrong.
        OSError: a file that a setting names cannot be read.
    """
    installed = adapters()
    _compile_schemas(installed, settings.official_schemas)
    routes = Routes(settings.routing, installed)
    sealer = Sealer.from_text(settings.keys())
    async with (
        Workshop(installed, settings.official_schemas) as workshop,
        open_store(settings.store_url, settings.documents, sealer) as store,
        open_providers(settings, store, _link_to(settings, sealer)) as providers,
        tracing(settings.otlp_url) as traces,  # ends after the broker, whose last handlers it sees
        Broker(settings.amqp_urls, name="hub") as broker,
    ):
        if settings.store_url.startswith("sqlite"):
            # SQLite has one hub: whoever held a lease before this one started is dead.
            await store.run(lambda c: release_leases(c, ""))
        replays = Replays(store, broker.publisher, _now)
        edits = Edits(store, broker.publisher, routes.in_force, workshop, _now)
        books = Bookkeeping(store, _now)
        hub = Hub(settings, store, broker, routes, workshop, books, replays, edits, traces)
        store.watchers.append(hub.metrics.committed)
        sftp, soap = SftpTransport(), SoapTransport()
        transports: dict[str, Transport] = {
            "http": HttpTransport(),
            "soap": soap,
            "sftp": sftp,
            "amqp": AmqpTransport(broker.publisher),
        }
        collecting: dict[str, Collecting] = {"soap": soap, "sftp": sftp}
        try:
            async with asyncio.TaskGroup() as tasks:
                parts = _Parts(hub, transports, collecting, providers, tasks)
                await parts.start()
                yield hub
                await parts.stop()
        finally:
            await replays.close()
            for transport in transports.values():
                await transport.close()


class _Parts:
    """The stages of one hub, and the tasks that keep them going."""

    def __init__(
        self,
        hub: Hub,
        transports: Mapping[str, Transport],
        collecting: Mapping[str, Collecting],
        providers: Mapping[str, MailboxProvider],
        tasks: asyncio.TaskGroup,
    ) -> None:
        store, publisher, table = hub.store, hub.broker.publisher, hub.routes.in_force
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        keep = timedelta(days=hub.settings.retention_days)
        self._hub = hub
        self._owner = owner
        self._tasks = tasks
        self._running: list[asyncio.Task[None]] = []
        self._providers = providers
        users = hub.broker.users
        forward = Forward(store, table, _now)
        self._intake = Intake(store, publisher, table, self._providers.keys(), users, _now)
        self._interpret = Interpret(
            store, publisher, table, hub.workshop, keep, users, _now, forward.by_rule
        )
        self._bury = Bury(store, publisher, _now)
        self._attendant = Attendant(store, ChainMap(hub.authorities, hub.providers), _now)
        self._mailbox = Mailbox(
            store,
            publisher,
            table,
            providers,
            owner,
            keep,
            _now,
            on_parked=self._attendant.look_soon,
        )
        self._deliver = Deliver(
            store,
            publisher,
            Translation(store, table, hub.workshop),
            table,
            transports,
            owner,
            keep,
            _now,
            on_parked=self._attendant.look_soon,
        )
        receipts = timedelta(hours=hub.settings.receipt_hours)
        self._dispatch = Dispatch(store, publisher, hub.broker.depths, _now, receipts)
        self._retention = Retention(store, _now)
        self._pulse = Pulse(store, _now)
        self._remind = Remind(store, table, _now)
        self._collect = Collect(store, publisher, table, collecting)

    async def start(self) -> None:
        """Declare, subscribe, begin to look after what is owed."""
        hub = self._hub
        hub.broker.on_connected.append(self._declare)
        await self._declare()
        for stage, queue, handler in (
            ("intake", INTAKE, self._intake.handle),
            ("interpret", INTERPRET, self._interpret.handle),
            ("bury", DEAD_LETTERS, self._bury.handle),
        ):
            known = knowing_replays(handler, hub.store, hub.broker.users, _now)
            self._subscribe(stage, queue, known, _PREFETCH)
        for provider in self._providers:
            queue = mailbox_queue(provider)
            self._hub.providers[provider] = self._subscribe(
                "mailbox", queue, self._mailbox.handle, _PREFETCH
            )
        self._attend_authorities()
        for work in (
            self._dispatch.run(),
            self._attendant.run(),
            self._retention.run(),
            self._pulse.run(),
            hub.bookkeeping.run(),
            self._remind.run(),
            self._collect.run(),
            self._watch_routes(),
        ):
            self._running.append(self._tasks.create_task(work))

    async def stop(self) -> None:
        """End the tasks; the broker's own end waits for the handlers at work."""
        for task in self._running:
            task.cancel()

    async def _declare(self) -> None:
        authorities = self._hub.routes.table.authorities
        await self._hub.broker.declare(topology(authorities, self._providers))

    def _subscribe(self, stage: str, queue: str, handler: Handler, prefetch: int) -> Subscription:
        guarded = self._guarded(stage, handler)
        subscription = self._hub.broker.subscribe(queue, guarded, prefetch=prefetch)
        self._hub.subscriptions.append(subscription)
        return subscription

    def _attend_authorities(self) -> None:
        table = self._hub.routes.table
        for key, entry in table.authorities.items():
            if key not in self._hub.authorities:
                parallel = table.systems[entry.system].limits.parallel
                self._hub.authorities[key] = self._subscribe(
                    "deliver", delivery_queue(key), self._deliver.handle, parallel
                )

    def _guarded(self, stage: str, handler: Handler) -> Handler:
        async def guarded(delivery: Delivery) -> Verdict:
            try:
                return await handler(delivery)
            except StoreAway:
                self._close_gate()
                return Verdict.REQUEUE

        return self._measured(stage, self._hub.tracing.traced(stage, guarded))

    def _measured(self, stage: str, handler: Handler) -> Handler:
        metrics = self._hub.metrics

        async def measured(delivery: Delivery) -> Verdict:
            began = time.monotonic()
            outcome: Outcome = "failed"
            try:
                verdict = await handler(delivery)
                outcome = "done" if verdict is Verdict.ACK else "requeued"
            finally:
                metrics.handled(stage, outcome, timedelta(seconds=time.monotonic() - began))
            return verdict

        return measured

    def _close_gate(self) -> None:
        """Without the store no stage can work: none takes messages until it is back."""
        if not self._hub.store_away:
            self._hub.store_away = True
            _log.error("store.away")
            self._running.append(self._tasks.create_task(self._wait_for_store()))

    async def _wait_for_store(self) -> None:
        await asyncio.gather(*(each.pause() for each in self._hub.subscriptions))
        while True:
            try:
                await self._hub.store.probe()
                # No handler is at work: those whose end was not recorded would wait for nothing.
                await self._hub.store.run(lambda c: end_leases(c, self._owner))
            except HubFailure:
                await asyncio.sleep(_STORE_PROBE)
            else:
                break
        self._hub.store_away = False
        _log.info("store.back")
        # Who is parked or paused stays so: of the authorities only the attendant knows.
        attended = self._hub.authorities.values()
        others = [each for each in self._hub.subscriptions if each not in attended]
        await asyncio.gather(*(each.resume() for each in others))
        self._attendant.all_are_paused()

    async def _watch_routes(self) -> None:
        changed = False
        while True:
            await asyncio.sleep(_ROUTES_EVERY)
            changed = await asyncio.to_thread(self._hub.routes.look) or changed
            if changed:
                try:
                    await self._declare()
                    await self._retire()
                except BROKER_FAILURES as error:  # a later look carries it out
                    _log.warning("routes.not_carried_out", error=type(error).__name__)
                    continue
                self._attend_authorities()
                changed = False

    async def _retire(self) -> None:
        """A removed authority's queue goes when it is empty; until then it is worked off."""
        gone = set(self._hub.authorities) - set(self._hub.routes.table.authorities)
        for key in gone:
            if await self._hub.broker.remove_if_empty(delivery_queue(key)):
                subscription = self._hub.authorities.pop(key)
                self._hub.subscriptions.remove(subscription)
                await subscription.close()


def _link_to(settings: Settings, sealer: Sealer) -> Callable[[CaseId], str]:
    """Where an applicant reads the letters of a case, from now on for as long as links open."""
    links = Links(sealer, settings.public_url, timedelta(days=settings.link_days))
    return lambda case: links.to_case(case, _now())


def _compile_schemas(installed: Mapping[str, Adapter], official: Path | None) -> None:
    """Compile every schema set now, so that a broken one fails at start, not in the workshop."""
    for adapter in installed.values():
        for version, format_ in adapter.formats.items():
            format_.schemas.compile()
            if official is not None and (folder := official / adapter.name / version).is_dir():
                SchemaSet(folder).compile()


def _now() -> datetime:
    return datetime.now(UTC)

"""The stages of one hub, put together, and the tasks that keep them going.

A hub may work at some of the stages only; others on the same store and broker work at the rest.
What a stage brings with it stands in one table (`Parts.start`); everything else runs in every hub,
since it does no harm to do it twice: so any hubs whose stages together are all are a whole one.
"""

import asyncio
import os
import secrets
import socket
import time
from collections import ChainMap
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from hub.authority_queues import AuthorityQueues
from hub.broker import (
    BROKER_FAILURES,
    DEAD_LETTERS,
    INTAKE,
    INTERPRET,
    Delivery,
    Handler,
    Subscription,
    Verdict,
    mailbox_queue,
)
from hub.gates import Gate, Gates
from hub.hub import Hub
from hub.inspection import Inspection, Scanner, ScannerAway
from hub.mailbox import MailboxProvider
from hub.metrics import Outcome
from hub.settings import Settings
from hub.stages import Stage
from hub.stages.bury import Bury
from hub.stages.collect import Collect
from hub.stages.deliver import Deliver
from hub.stages.dispatch import Dispatch
from hub.stages.forward import Forward
from hub.stages.intake import Intake
from hub.stages.interpret import Interpret
from hub.stages.mailbox import Mailbox
from hub.stages.parking import Attendant
from hub.stages.pulse import Pulse
from hub.stages.remind import Remind
from hub.stages.replayed import knowing_replays
from hub.stages.retention import Retention, Terms
from hub.stages.translation import Translation
from hub.store import StoreAway, end_leases
from hub.transport import Collecting, Transport

__all__ = ["Parts"]

_PREFETCH: Final = 50
_CLOCK_EVERY: Final = 10.0

_log = structlog.get_logger()


class Parts:
    """The stages of one hub, and the tasks that keep them going."""

    def __init__(
        self,
        hub: Hub,
        stages: Collection[Stage],
        transports: Mapping[str, Transport],
        collecting: Mapping[str, Collecting],
        providers: Mapping[str, MailboxProvider],
        owner: str | None,
        tasks: asyncio.TaskGroup,
    ) -> None:
        store, publisher, table = hub.store, hub.broker.publisher, hub.routes.in_force
        now = hub.clock.now
        owner = owner or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        keep = timedelta(days=hub.settings.retention_days)
        self._hub = hub
        self._stages = stages
        self._owner = owner
        self._tasks = tasks
        self._running: list[asyncio.Task[None]] = []
        hub.providers = providers.keys()
        users = hub.broker.users
        scanner = None if hub.settings.clamd is None else Scanner(hub.settings.clamd)
        inspection = Inspection(scanner)
        forward = Forward(store, table, now)
        self._intake = Intake(store, publisher, table, hub.providers, users, inspection, now)
        self._interpret = Interpret(
            store, publisher, table, hub.workshop, keep, users, inspection, now, forward.by_rule
        )
        self._bury = Bury(store, publisher, table, now)
        self._attendant = Attendant(store, ChainMap(hub.authorities, hub.mailboxes), now)
        self._mailbox = Mailbox(
            store,
            publisher,
            table,
            providers,
            owner,
            keep,
            now,
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
            now,
            on_parked=self._attendant.look_soon,
        )
        receipts = timedelta(hours=hub.settings.receipt_hours)
        self._dispatch = Dispatch(store, publisher, hub.broker.depths, now, receipts)
        self._retention = Retention(store, _terms(hub.settings), now)
        self._pulse = Pulse(store, now)
        self._remind = Remind(store, table, now)
        self._collect = Collect(store, publisher, table, collecting, owner, now)
        self._authority_queues = AuthorityQueues(
            hub, self._deliver_from if "deliver" in stages else None
        )
        self._gates = Gates(self._keep_going)
        self._store_gate = hub.store_gate = self._gates.add(self._until_store_is_back())
        self._scanner_gate = hub.scanner_gate = self._gates.add(
            self._until_scanner_is_back(scanner)
        )

    async def start(self) -> None:
        """Declare, subscribe, begin to look after what is owed."""
        hub = self._hub
        hub.broker.on_connected.append(self._declare)
        try:
            await self._declare()
        except BROKER_FAILURES as error:  # it is declared when the broker is back
            _log.warning("topology.not_declared", error=type(error).__name__)
        # Of the one whose place this hub has taken: another owner's are not touched.
        await hub.store.run(lambda c: end_leases(c, self._owner))
        bring: Mapping[Stage, Callable[[], None]] = {
            "intake": lambda: self._consume("intake", INTAKE, self._intake.handle),
            "interpret": lambda: self._consume("interpret", INTERPRET, self._interpret.handle),
            "mailbox": self._attend_mailboxes,
            "deliver": self._attend_systems,
        }
        for stage in self._stages:
            bring[stage]()
        self._consume("bury", DEAD_LETTERS, self._bury.handle)
        for work in (
            self._dispatch.run(),
            self._attendant.run(),
            self._retention.run(),
            self._pulse.run(),
            hub.bookkeeping.run(),
            hub.attendance.run(),
            self._remind.run(),
            self._authority_queues.run(),
            self._watch_clock(),
        ):
            self._keep_going(work)

    async def stop(self) -> None:
        """End the tasks; the broker's own end waits for the handlers at work.

        With a backlog thousands of messages stand in line for an adapter, and would take longer
        than anybody waits: those are put off, and another hub takes them up.
        """
        for subscription in self._hub.subscriptions:
            subscription.hold()
        self._hub.workshop.turn_away()
        for task in self._running:
            task.cancel()

    async def _declare(self) -> None:
        await self._hub.broker.declare(self._hub.topology)

    def _consume(self, stage: str, queue: str, handler: Handler) -> None:
        """One of the queues into which what has died may be replayed."""
        hub = self._hub
        known = knowing_replays(handler, hub.store, hub.broker.users, hub.clock.now)
        self._subscribe(stage, queue, known, _PREFETCH)

    def _attend_mailboxes(self) -> None:
        for provider in self._hub.providers:
            self._hub.mailboxes[provider] = self._subscribe(
                "mailbox", mailbox_queue(provider), self._mailbox.handle, _PREFETCH
            )

    def _attend_systems(self) -> None:
        """Both ways: whoever may reach the systems also asks them for what they have."""
        self._authority_queues.attend()
        self._keep_going(self._collect.run())

    def _deliver_from(self, queue: str, parallel: int) -> Subscription:
        return self._subscribe("deliver", queue, self._deliver.handle, parallel)

    def _subscribe(self, stage: str, queue: str, handler: Handler, prefetch: int) -> Subscription:
        guarded = self._guarded(stage, handler)
        subscription = self._hub.broker.subscribe(queue, guarded, prefetch=prefetch)
        self._hub.subscriptions.append(subscription)
        return subscription

    def _guarded(self, stage: str, handler: Handler) -> Handler:
        async def guarded(delivery: Delivery) -> Verdict:
            try:
                return await handler(delivery)
            except StoreAway:
                self._gates.close(self._store_gate)
                return Verdict.REQUEUE
            except ScannerAway:
                self._gates.close(self._scanner_gate)
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

    def _until_store_is_back(self) -> Gate:
        hub = self._hub

        async def probe() -> None:
            await hub.store.probe()
            # No handler is at work: those whose end was not recorded would wait for nothing.
            await hub.store.run(lambda c: end_leases(c, self._owner))

        return Gate(
            "store",
            probe=probe,
            closes=lambda: hub.subscriptions,
            # Who is parked or paused stays so: of the authorities only the attendant knows.
            opens=lambda: [
                each for each in hub.subscriptions if each not in hub.authorities.values()
            ],
            opened=self._attendant.all_are_paused,
        )

    def _until_scanner_is_back(self, scanner: Scanner | None) -> Gate:
        def keeping_documents() -> list[Subscription]:
            return [each for each in self._hub.subscriptions if each.queue in (INTAKE, INTERPRET)]

        async def probe() -> None:
            if scanner is not None:
                await scanner.probe()

        return Gate("scanner", probe, keeping_documents, keeping_documents)

    def _keep_going(self, work: Coroutine[None, None, None]) -> None:
        self._running.append(self._tasks.create_task(work))

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(_CLOCK_EVERY)
            with suppress(StoreAway):  # then it goes on as it was
                await self._hub.clock.set_by(self._hub.store)


def _terms(settings: Settings) -> Terms:
    return Terms(
        content=timedelta(days=settings.retention_days),
        letters=timedelta(days=settings.letter_days),
        journal=timedelta(days=settings.journal_days),
    )

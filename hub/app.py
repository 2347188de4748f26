"""The composition root: settings become parts, parts become a running hub.

Nothing else constructs parts. What goes in is `Settings`; what comes out is a `Hub` that runs
until its context ends: first nothing new is taken, then what is at work ends, then all closes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.adapter import Adapter, adapters
from hub.broker import (
    Broker,
)
from hub.hub import Hub
from hub.mailbox.links import Links
from hub.model.identifiers import CaseId
from hub.parts import Parts
from hub.providers import open_providers
from hub.routes import Routes
from hub.settings import Settings
from hub.stages import STAGES, Stage
from hub.stages.bookkeeping import Bookkeeping
from hub.stages.edits import Edits
from hub.stages.rehearsals import Rehearsals
from hub.stages.replays import Replays
from hub.store import Clock, Sealer, expect_keys, open_store, release_leases
from hub.tracing import tracing
from hub.transport import Collecting, Transport
from hub.transport.amqp import AmqpTransport
from hub.transport.http import HttpTransport
from hub.transport.sftp.transport import SftpTransport
from hub.transport.soap import SoapTransport
from hub.workshop.workshop import Workshop
from hub.xml import SchemaSet

__all__ = ["Hub", "running"]


@asynccontextmanager
async def running(
    settings: Settings, stages: Collection[Stage] = STAGES, owner: str | None = None
) -> AsyncIterator[Hub]:
    """Run the stages, every one unless told otherwise, until the context ends.

    `owner` is the name of its leases; a hub that takes the place of a dead one takes over its name.

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
    clock = Clock(_now)
    async with (
        Workshop(installed, settings.official_schemas) as workshop,
        open_store(settings.store_at, settings.documents, sealer) as store,
        open_providers(
            settings, store, _link_to(settings, sealer, clock.now), clock.now
        ) as providers,
        # These two end after the broker, whose last handlers need them.
        tracing(settings.otlp_url) as traces,
        AsyncExitStack() as closing,
        Broker(settings.amqp_urls, name="hub", tls=settings.amqp_tls) as broker,
    ):
        await store.read(lambda c: expect_keys(c, sealer))
        if settings.store_at.startswith("sqlite"):
            # SQLite has one hub: whoever held a lease before this one started is dead.
            await store.run(release_leases)
        await clock.set_by(store)
        replays = Replays(store, broker.publisher, clock.now)
        edits = Edits(store, broker.publisher, routes.in_force, workshop, clock.now)
        rehearsals = Rehearsals(store, installed, clock.now)
        books = Bookkeeping(store, clock.now, broker.depths)
        hub = Hub(
            settings,
            store,
            broker,
            routes,
            workshop,
            books,
            replays,
            edits,
            rehearsals,
            traces,
            clock,
        )
        store.watchers.append(hub.metrics.committed)
        sftp, soap = SftpTransport(), SoapTransport()
        transports: dict[str, Transport] = {
            "http": HttpTransport(),
            "soap": soap,
            "sftp": sftp,
            "amqp": AmqpTransport(broker.publisher),
        }
        for transport in transports.values():
            closing.push_async_callback(transport.close)
        collecting: dict[str, Collecting] = {"soap": soap, "sftp": sftp}
        try:
            async with asyncio.TaskGroup() as tasks:
                parts = Parts(hub, stages, transports, collecting, providers, owner, tasks)
                await parts.start()
                yield hub
                await parts.stop()
        finally:
            await replays.close()
            await rehearsals.close()


def _link_to(
    settings: Settings, sealer: Sealer, now: Callable[[], datetime]
) -> Callable[[CaseId], str]:
    """Where an applicant reads the letters of a case, from now on for as long as links open."""
    links = Links(sealer, settings.public_url, timedelta(days=settings.link_days))
    return lambda case: links.to_case(case, now())


def _compile_schemas(installed: Mapping[str, Adapter], official: Path | None) -> None:
    """Compile every schema set now, so that a broken one fails at start, not in the workshop."""
    for adapter in installed.values():
        for version, format_ in adapter.formats.items():
            format_.schemas.compile()
            if official is not None and (folder := official / adapter.name / version).is_dir():
                SchemaSet(folder).compile()


def _now() -> datetime:
    return datetime.now(UTC)

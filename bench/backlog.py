"""A backlog: the hub starts in front of it, works it off, and its memory stays flat.

`python -m bench.backlog --messages 1000000` fills a store with owed messages of many
authorities, starts a real hub with an empty broker, and watches: how long until it is ready, how
fast it delivers, how deep the queues are, and what every process holds in memory. It stops when
`--work-off` messages have arrived; the whole backlog takes as long as it takes.
"""

import asyncio
import json as to_json
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import aiohttp
import typer
from rich.console import Console
from rich.table import Table

from bench.memory import Resident, resident
from bench.owed import fill
from hub.broker import Broker, delivery_queue
from hub.model.identifiers import AuthorityKey
from hub.sandbox.processes import Child, free_port
from hub.sandbox.rabbitmq import private_rabbitmq
from hub.store import Sealer

__all__ = ["Measured", "Moment", "measure"]

LIMIT_MEGABYTES: Final = 300
"""What one process of the hub may hold (issue 6)."""

_EVERY: Final = 1.0
_PATIENCE: Final = 300.0
"""Seconds without a single delivery after which something is broken."""

_SYSTEM: Final = """
systems:
  fast: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: production, transport: http, endpoint: {{url: "{url}/{{authority}}"}},
    limits: {{parallel: 4, attempts: 12}}}}
authorities:
"""
_AUTHORITY: Final = """\
  "{key}": {{name: "{key}", regional_keys: [], system: fast, services: all, back_channel: true}}
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """One look: seconds since the start, messages delivered, references in queues, memory."""

    at: float
    delivered: int
    queued: int
    memory: tuple[Resident, ...]

    def most(self, kind: str) -> float:
        """Megabytes of the largest process of a kind."""
        return max((each.now for each in self.memory if each.kind == kind), default=0.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen of one backlog. Seconds, megabytes, messages per second.

    `growth`: memory of the hub in the last quarter of the run by that in the second quarter.
    """

    messages: int
    authorities: int
    filled_in: float
    store_megabytes: float
    ready_in: float
    first_in: float
    delivered: int
    doubled: int
    rate: float
    most_queued: int
    peaks: Mapping[str, float]
    growth: float

    @property
    def bounded(self) -> bool:
        """Whether no process of the hub ever held more than it may."""
        return all(self.peaks.get(kind, 0) <= LIMIT_MEGABYTES for kind in ("hub", "workshop"))


async def measure(
    messages: int, work_off: int, *, authorities: int = 400, store_url: str | None = None
) -> Measured:
    """Fill, start, watch until `work_off` messages were delivered.

    Raises:
        RuntimeError: a process ended, or nothing was delivered for minutes.
    """
    keys = [AuthorityKey(f"99{number:04}") for number in range(authorities)]
    with tempfile.TemporaryDirectory(prefix="hub-backlog-") as name:
        folder = Path(name)
        url = store_url or f"sqlite:///{folder / 'hub.db'}"
        key = Sealer.generate_text()
        began = time.monotonic()
        await asyncio.to_thread(fill, url, Sealer.from_text(key), keys, messages)
        filled_in = time.monotonic() - began
        size = _megabytes(folder)
        async with private_rabbitmq() as node, _system(folder) as system_url:
            hub, began = _hub(folder, url, key, node.url, system_url, keys), time.monotonic()
            try:
                await hub.start()
                ready_in = time.monotonic() - began
                moments, counted = await _watch(hub, node.url, system_url, keys, work_off, began)
            finally:
                await hub.kill()  # in good order it would finish first what it has at work
    return Measured(
        messages=messages,
        authorities=authorities,
        filled_in=filled_in,
        store_megabytes=size,
        ready_in=ready_in,
        first_in=next((each.at for each in moments if each.delivered), 0.0),
        delivered=counted["messages"],
        doubled=counted["doubled"],
        rate=_rate(moments),
        most_queued=max(each.queued for each in moments),
        peaks=_peaks(moments),
        growth=_growth(moments),
    )


def _megabytes(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.glob("hub.db*")) / 1024**2


@asynccontextmanager
async def _system(folder: Path) -> AsyncIterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    child = Child(
        ("bench.system", "--port", str(port)),
        settings={},
        log=folder / "system.log",
        ready_url=f"{url}/count",
    )
    try:
        await child.start()
        yield url
    finally:
        await child.stop()


def _hub(
    folder: Path,
    store_url: str,
    content_key: str,
    amqp_url: str,
    system_url: str,
    keys: Iterable[AuthorityKey],
) -> Child:
    table = _SYSTEM.format(url=system_url) + "".join(_AUTHORITY.format(key=key) for key in keys)
    (folder / "routing.yaml").write_text(table, "utf-8")
    port = free_port()
    settings = {
        "HUB_AMQP_URL": amqp_url,
        "HUB_STORE_URL": store_url,
        "HUB_DOCUMENTS": str(folder / "documents"),
        "HUB_ROUTING": str(folder / "routing.yaml"),
        "HUB_CONTENT_KEY": content_key,
        "HUB_HTTP_PORT": str(port),
    }
    return Child(
        ("hub.cli", "run"),
        settings=settings,
        log=folder / "hub.log",
        ready_url=f"http://127.0.0.1:{port}/health/ready",
    )


async def _watch(
    hub: Child,
    amqp_url: str,
    system_url: str,
    keys: Iterable[AuthorityKey],
    work_off: int,
    began: float,
) -> tuple[list[Moment], dict[str, int]]:
    queues = [delivery_queue(key) for key in keys]
    moments: list[Moment] = []
    async with aiohttp.ClientSession() as session, Broker([amqp_url], name="bench") as broker:
        last_delivery = time.monotonic()
        while True:
            hub.check()
            async with session.get(f"{system_url}/count") as response:
                counted: dict[str, int] = await response.json()
            at, depths = time.monotonic() - began, await broker.depths(queues)
            if not moments or counted["messages"] > moments[-1].delivered:
                last_delivery = time.monotonic()
            queued = sum(depths.values())
            moments.append(Moment(at, counted["messages"], queued, tuple(resident())))
            if counted["messages"] >= work_off:
                return moments, counted
            if time.monotonic() - last_delivery > _PATIENCE:
                raise RuntimeError(f"nothing is delivered any more: {hub.last_lines()}")
            await asyncio.sleep(_EVERY)


def _rate(moments: list[Moment]) -> float:
    under_way = [each for each in moments if each.delivered]
    first, last = under_way[0], under_way[-1]
    return (last.delivered - first.delivered) / max(last.at - first.at, _EVERY)


def _peaks(moments: list[Moment]) -> dict[str, float]:
    peaks: dict[str, float] = {}
    for each in (each for moment in moments for each in moment.memory):
        peaks[each.kind] = max(peaks.get(each.kind, 0.0), each.peak)
    return peaks


def _growth(moments: list[Moment]) -> float:
    quarter = max(len(moments) // 4, 1)
    early = median(each.most("hub") for each in moments[quarter : 2 * quarter] or moments)
    late = median(each.most("hub") for each in moments[-quarter:])
    return late / early


def _main(
    messages: Annotated[list[int], typer.Option(help="Size of a backlog; may be repeated.")],
    work_off: Annotated[int, typer.Option(help="Stop after so many; 0: all.")] = 10_000,
    authorities: Annotated[int, typer.Option(help="Who is owed.")] = 400,
    store_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL database; a SQLite file, if none.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, on the last line.")] = False,
) -> None:
    """Measure backlogs, one after the other; exit code 1 if a process held more than it may."""
    measured = [
        asyncio.run(
            measure(
                count,
                min(work_off or count, count),
                authorities=authorities,
                store_url=store_url,
            )
        )
        for count in messages
    ]
    if json:
        print(to_json.dumps([asdict(each) | {"bounded": each.bounded} for each in measured]))
    else:
        Console().print(_table(measured))
    if not all(each.bounded for each in measured):
        raise typer.Exit(1)


def _table(measured: list[Measured]) -> Table:
    table = Table("", *(f"{each.messages:,}" for each in measured), title="Backlog")
    kinds = sorted({kind for each in measured for kind in each.peaks})
    rows = {
        "filled in, s": [f"{each.filled_in:.0f}" for each in measured],
        "store, MB": [f"{each.store_megabytes:.0f}" for each in measured],
        "hub ready in, s": [f"{each.ready_in:.1f}" for each in measured],
        "first delivery after, s": [f"{each.first_in:.1f}" for each in measured],
        "delivered": [f"{each.delivered:,}" for each in measured],
        "doubled": [f"{each.doubled:,}" for each in measured],
        "delivered per s": [f"{each.rate:.0f}" for each in measured],
        "most in queues": [f"{each.most_queued:,}" for each in measured],
        **{
            f"peak of {kind}, MB": [f"{each.peaks.get(kind, 0):.0f}" for each in measured]
            for kind in kinds
        },
        "memory late by early": [f"{each.growth:.2f}" for each in measured],
        "rate by that of the smallest": [
            f"{each.rate / measured[0].rate:.2f}" for each in measured
        ],
    }
    for name, values in rows.items():
        table.add_row(name, *values)
    return table


if __name__ == "__main__":
    typer.run(_main)

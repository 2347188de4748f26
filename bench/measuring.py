"""One contestant in one case, once: started, warmed up, measured, ended.

Throughput and CPU: the contestant stands still (SIGSTOP) while its entrance queue is filled, so
that the publisher's work is not in the window; the window ends with the last acceptance, and CPU is
read once the contestant has finished what follows it. Latency: messages are published at times
drawn beforehand, and counted from those times (no coordinated omission).
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import uuid4

from bench.case import Case, Latency, Round
from bench.entrants import Entrant, Surroundings
from bench.processes import Cost, cost, held, program
from bench.publishing import Publishing, publishing, schedule
from bench.running import System, running
from bench.statistics import percentile
from bench.submissions import Submissions, authorities
from hub.sandbox.postgresql import PrivatePostgreSQL
from hub.sandbox.processes import Child
from hub.sandbox.rabbitmq import PrivateRabbitMQ

__all__ = ["Effort", "Machines", "measure", "measured"]

_PATIENCE: Final = 60.0
"""Seconds without a single acceptance after which something is broken."""
_LOOK_EVERY: Final = 0.05
_AT_REST: Final = 0.02
"""Seconds of CPU in a quarter of a second: less, and nothing is at work any more."""
_WARM: Final = 100
_LEAST: Final = 100
"""Submissions in a window, however slow: the clock of CPU has ticks of 10 ms."""
_BYTES_WARM: Final = 64 * 1024 * 1024
_BYTES_MOST: Final = 400 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Machines:
    """What all contestants share: one broker, and a PostgreSQL where a case wants it."""

    rabbitmq: PrivateRabbitMQ
    postgresql: PrivatePostgreSQL | None

    def pids(self, case: Case) -> dict[str, list[int]]:
        """The broker, and the store where it is not within the hub."""
        server = self.postgresql if case.store == "postgresql" else None
        return {
            "broker": program("beam.smp", self.rabbitmq.folder),
            "store": program("postgres", server.folder) if server else [],
        }


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: seconds of a window, messages at most, loads in percent."""

    seconds: float
    most: int
    loads: Sequence[int] = ()

    def without_latency(self) -> "Effort":
        """The same for throughput and CPU only."""
        return replace(self, loads=())


async def measure(machines: Machines, case: Case, entrant: Entrant, effort: Effort) -> Round:
    """Run it with an empty broker, store and system.

    Raises:
        RuntimeError: it did not start, ended, or nothing is accepted any more.
    """
    vhost = f"bench-{uuid4().hex[:8]}"
    amqp_url = await machines.rabbitmq.vhost(vhost)
    try:
        with TemporaryDirectory(prefix="hub-bench-") as name:
            folder = Path(name)
            url = _store_url(machines, case, folder)
            return await measured(machines, case, entrant, effort, amqp_url, url, folder)
    finally:
        await machines.rabbitmq.remove_vhost(vhost)


async def measured(
    machines: Machines,
    case: Case,
    entrant: Entrant,
    effort: Effort,
    amqp_url: str,
    store_url: str,
    folder: Path,
) -> Round:
    """As `measure`, on a store and a virtual host that are there."""
    keys = authorities(case.authorities)
    submissions = Submissions(keys, case.document)
    async with (
        System(folder) as system,
        publishing(amqp_url, submissions, entrant.envelope) as online_service,
    ):
        around = Surroundings(amqp_url, system.url, store_url, folder, keys, case.processes)
        if entrant.results:
            await online_service.expect(entrant.results)
        async with running(entrant, around, online_service) as children:
            run = _Run(
                machines.pids(case), system, online_service, children, submissions, len(keys)
            )
            guess = await run.warm_up(effort.most)
            await run.quiet()  # the hub draws up its ledger first, which grows with the store
            wanted = max(guess * effort.seconds, _LEAST)
            one = await run.drain(run.worth(wanted, effort.most))
            latencies = {
                load: await run.latency(one.rate * load / 100, effort) for load in effort.loads
            }
    return Round(one.count, one.seconds, one.doubled, one.costs, latencies)


class _Run:
    def __init__(
        self,
        shared: Mapping[str, list[int]],
        system: System,
        online_service: Publishing,
        children: Sequence[Child],
        submissions: Submissions,
        authorities: int,
    ) -> None:
        self._authorities = authorities
        self._shared = shared
        self._system = system
        self._online_service = online_service
        self._children = children
        self._size = len(submissions.take().body)
        self._sent = 0

    async def warm_up(self, at_most: int) -> float:
        """What is done at the first messages only, and how many per second are to be expected."""
        most = max(min(_BYTES_WARM // self._size, at_most), 4)
        await self._flood(min(max(_WARM, self._authorities), most))  # each of them once
        await self._accepted()
        count = min(_WARM, most)
        began = time.monotonic()
        await self._flood(count)
        await self._accepted()
        return count / (time.monotonic() - began)

    def worth(self, wanted: float, most: int) -> int:
        """How many to measure with, so that their bodies fit into the broker."""
        return max(min(int(wanted), most, _BYTES_MOST // self._size), 10)

    async def drain(self, count: int) -> Round:
        """Fill the entrance queue, let go, and see what it costs to empty it."""
        before_this = set(await self._system.ask("times"))
        with held(self._pids):
            await self._flood(count)
            before, began = self._costs(), time.monotonic()
        counted = await self._accepted()
        await self.quiet()
        after = self._costs()
        times = await self._system.ask("times")
        last = max(at for id_, at in times.items() if id_ not in before_this)
        return Round(
            count=count,
            seconds=last - began,
            doubled=int(counted["doubled"]),
            costs={name: after[name] - before[name] for name in after},
        )

    async def latency(self, rate: float, effort: Effort) -> Latency:
        """Publish at that rate, whether or not it keeps up."""
        count = self.worth(rate * effort.seconds, effort.most)
        due = await self._online_service.on_time(schedule(rate, count))
        self._sent += count
        await self._accepted()
        times = await self._system.ask("times")
        took = [(times[id_] - at) * 1000 for id_, at in due.items()]
        return Latency(
            p50=percentile(took, 50),
            p95=percentile(took, 95),
            p99=percentile(took, 99),
            rate=rate,
            count=count,
        )

    @property
    def _pids(self) -> list[int]:
        return [each.pid for each in self._children]

    async def _flood(self, count: int) -> None:
        await self._online_service.flood(count)
        self._sent += count

    async def _accepted(self) -> Mapping[str, float]:
        """Wait until all that was sent is with the system."""
        seen, since = -1.0, time.monotonic()
        while True:
            counted = await self._system.ask("count")
            if counted["messages"] >= self._sent:
                return counted
            if counted["messages"] > seen:
                seen, since = counted["messages"], time.monotonic()
            for child in self._children:
                child.check()
            if time.monotonic() - since > _PATIENCE:
                said = " / ".join(child.last_lines() for child in self._children)
                raise RuntimeError(f"nothing is accepted any more after {seen:.0f}: {said}")
            await asyncio.sleep(_LOOK_EVERY)

    async def quiet(self) -> None:
        """Wait until it has finished what follows the last acceptance; two minutes at most."""
        before = cost(*self._pids).cpu
        for _ in range(480):
            await asyncio.sleep(0.25)
            now = cost(*self._pids).cpu
            if now - before <= _AT_REST:
                return
            before = now

    def _costs(self) -> dict[str, Cost]:
        return {
            "itself": cost(*self._pids),
            **{name: cost(*pids) for name, pids in self._shared.items()},
            "system": cost(self._system.child.pid),
        }


def _store_url(machines: Machines, case: Case, folder: Path) -> str:
    if case.store == "sqlite":
        return f"sqlite:///{folder / 'hub.db'}"
    assert machines.postgresql is not None  # noqa: S101 - made for such cases
    return machines.postgresql.new_database()

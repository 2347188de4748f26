"""Thousands of dead letters of one cause are replayed in one action, while the hub keeps its flow.

`python -m bench.replays --letters 10000 --json`: a real hub, RabbitMQ and systems as processes of
their own. The letters die of a route that does not offer their service. Then the route is mended,
and one action replays them all while other submissions keep coming; a second lot is stopped in the
middle, and with a third the hub is killed. Judged by what the broker confirmed to the sender and by
the systems' own books, never by the hub's alone. Latencies are from the broker's confirmation to
the entry in the system's book, and told as ratios to the same flow before.
"""

import asyncio
import json
import logging
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from bench.replaying import Bench, Book, Sent

__all__ = ["Flow", "Lot", "Report", "experiment"]

_INTERRUPTED: Final = 0.1
"""Size of a lot that is interrupted, as part of the whole one."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Other submissions: how many were confirmed, and how long until their system had them."""

    sent: int
    lost: int
    per_second: float
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Lot:
    """What became of the letters of one lot.

    `open_meanwhile`: how many were open after the interruption. `lost` reached no system, `doubled`
    came under two UUIDs; `repeated` came again under the same one, by which the system knew them.
    """

    letters: int
    actions: int
    open_meanwhile: int
    lost: int
    doubled: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured. Ratios are of the flow during the replay to that before it."""

    before: Flow
    during: Flow
    letters_per_second: float
    median_ratio: float
    p95_ratio: float
    throughput_ratio: float
    whole: Lot
    stopped: Lot
    killed: Lot
    open_at_the_end: int
    balanced: bool

    @property
    def good(self) -> bool:
        """Whether nothing was lost or doubled, and whether interrupted replays were resumed."""
        lots = (self.whole, self.stopped, self.killed)
        flows = (self.before, self.during)
        return (
            self.balanced
            and not self.open_at_the_end
            and not any(each.lost for each in (*lots, *flows))
            and not any(lot.doubled for lot in lots)
        )


async def experiment(letters: int, rate: float, seconds: float) -> Report:
    """Do all of it: replay `letters`, and two smaller lots, beside `rate` others a second."""
    few = max(10, int(letters * _INTERRUPTED))
    with tempfile.TemporaryDirectory(prefix="hub-replays-") as folder:
        async with Bench.open(Path(folder)) as bench:
            whole, seen_whole = await bench.let_die(letters)
            stopped, seen_stopped = await bench.let_die(few)
            killed, seen_killed = await bench.let_die(few)
            _say(f"{len(whole) + 2 * few} dead letters of one cause")
            before = await _flow_for(bench, rate, seconds)
            await bench.mend()
            during, took = await _replay_beside_flow(bench, seen_whole, rate)
            _say(f"replayed {letters} in {took:.1f} s")
            open_stopped = await _stop_in_the_middle(bench, seen_stopped, few)
            open_killed = await _kill_in_the_middle(bench, seen_killed, few)
            book = await bench.until_received([*whole, *stopped, *killed, *before, *during])
            flows = _flow(before, book), _flow(during, book)
            return Report(
                before=flows[0],
                during=flows[1],
                letters_per_second=round(letters / took, 1),
                median_ratio=round(flows[1].median_ms / flows[0].median_ms, 2),
                p95_ratio=round(flows[1].p95_ms / flows[0].p95_ms, 2),
                throughput_ratio=round(flows[1].per_second / flows[0].per_second, 2),
                whole=_lot(whole, book, 1, 0),
                stopped=_lot(stopped, book, 2, open_stopped - few),
                killed=_lot(killed, book, 2, open_killed),
                open_at_the_end=await bench.open_letters(),
                balanced=await bench.balanced(),
            )


async def _flow_for(bench: Bench, rate: float, seconds: float) -> list[Sent]:
    ended = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, ended.set)
    return await bench.flow(rate, ended)


async def _replay_beside_flow(
    bench: Bench, seen_at: datetime, rate: float
) -> tuple[list[Sent], float]:
    ended = asyncio.Event()
    flowing = asyncio.create_task(bench.flow(rate, ended))
    began = time.monotonic()
    await bench.until_replayed(await bench.begin_replay(seen_at))
    took = time.monotonic() - began
    ended.set()
    return await flowing, took


async def _stop_in_the_middle(bench: Bench, seen_at: datetime, count: int) -> int:
    """Stop a replay half-way, say how many letters are open then, and replay the rest."""
    replay = await bench.begin_replay(seen_at)
    await bench.until_replayed(replay, count // 2)
    await bench.stop(replay)
    await bench.until_replayed(replay)
    left = await bench.open_letters()
    await bench.until_replayed(await bench.begin_replay(seen_at))
    return left


async def _kill_in_the_middle(bench: Bench, seen_at: datetime, count: int) -> int:
    await bench.until_replayed(await bench.begin_replay(seen_at), count // 2)
    await bench.kill()
    left = await bench.open_letters()
    await bench.until_replayed(await bench.begin_replay(seen_at))
    return left


def _flow(sent: Sequence[Sent], book: Book) -> Flow:
    arrived = [(each.at, book.received_at.get(str(each.submission.id))) for each in sent]
    latencies = [(at - since).total_seconds() * 1000 for since, at in arrived if at is not None]
    # What the hub got through: up to the last arrival, not only while they were sent.
    span = max(at for _, at in arrived if at is not None) - min(since for since, _ in arrived)
    return Flow(
        sent=len(sent),
        lost=sum(at is None for _, at in arrived),
        per_second=round(len(latencies) / span.total_seconds(), 2),
        median_ms=round(statistics.median(latencies), 1),
        p95_ms=round(statistics.quantiles(latencies, n=20)[-1], 1),
    )


def _lot(sent: Sequence[Sent], book: Book, actions: int, open_meanwhile: int) -> Lot:
    uuids = [str(each.submission.id) for each in sent]
    return Lot(
        letters=len(sent),
        actions=actions,
        open_meanwhile=open_meanwhile,
        lost=sum(uuid not in book.times for uuid in uuids),
        doubled=sum(book.uuids[each.submission.application_id] > 1 for each in sent),
        repeated=sum(book.times.get(uuid, 1) - 1 for uuid in uuids),
    )


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _show(report: Report) -> None:
    for name, value in asdict(report).items():
        print(f"{name:>20}  {value}")
    print("Nothing was lost, nothing doubled." if report.good else "NOT as it should be.")


def main() -> int:
    """Run it; 0 only if nothing was lost or doubled."""
    parser = ArgumentParser(prog="python -m bench.replays", description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=5.0, help="other submissions a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="of the flow before")
    parser.add_argument("--json", action="store_true", help="one object on the last line")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    report = asyncio.run(experiment(given.letters, given.rate, given.seconds))
    if given.json:
        print(json.dumps(asdict(report) | {"good": report.good}))
    else:
        _show(report)
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())

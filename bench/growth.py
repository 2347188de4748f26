"""What a submission costs the hub when much is there already: curves over cases and authorities.

`python -m bench.growth` starts a real hub on stores that hold more and more finished cases, and
with more and more authorities in its routing table, and measures CPU per submission as
`python -m bench` does. Sizes take turns, so that what disturbs the machine for a while disturbs all
of them.
"""

import asyncio
import json as to_json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final
from uuid import uuid4

import structlog
import typer
from rich.console import Console
from rich.table import Table

from bench.case import Case, Round
from bench.drawing import Curve, draw_curves
from bench.entrants import ENTRANTS
from bench.filling import fill
from bench.measuring import Effort, Machines, measured
from bench.statistics import ratio, spread
from bench.submissions import authorities as named
from hub.broker import Broker, topology
from hub.sandbox.rabbitmq import PrivateRabbitMQ, private_rabbitmq
from hub.store.connect import connect
from hub.store.migrations import migrate

__all__ = ["Grown", "as_object", "grow"]

_CASES: Final = "100,1000,10000,100000,1000000"
_AUTHORITIES: Final = "4,40,400,4000"
_USUAL: Final = Case().authorities
_EFFORT: Final = Effort(seconds=8, most=4000)


@dataclass(frozen=True, slots=True)
class Grown:
    """The rounds at each size, of the one thing that grows."""

    what: str
    rounds: Mapping[int, Sequence[Round]]

    @property
    def curve(self) -> Curve:
        """CPU of the hub over sizes."""
        points = {
            size: spread([one.cpu("itself") for one in rounds])
            for size, rounds in self.rounds.items()
        }
        return Curve(self.what, "CPU, ms per submission", points)

    def ratios(self) -> dict[str, float]:
        """CPU at each size by that at the smallest, the median over rounds."""
        smallest, *_ = self.rounds
        base = [one.cpu("itself") for one in self.rounds[smallest]]
        return {
            f"{self.what}_{size}_vs_{smallest}": round(
                ratio([one.cpu("itself") for one in rounds], base).median, 3
            )
            for size, rounds in self.rounds.items()
            if size != smallest
        }


async def grow(
    cases: Sequence[int],
    authorities: Sequence[int],
    rounds: int,
    effort: Effort,
    tell: Callable[[str], None],
) -> list[Grown]:
    """Measure a hub with so many cases in its store, then with so many authorities.

    Raises:
        RuntimeError: a hub did not start or does not deliver.
    """
    async with AsyncExitStack() as ending:
        folder = Path(ending.enter_context(TemporaryDirectory(prefix="hub-growth-")))
        rabbitmq = await ending.enter_async_context(private_rabbitmq())
        for size in cases:
            tell(f"filling a store with {size:,} cases")
            await asyncio.to_thread(_fill, folder / f"cases-{size}", size)
        for size in authorities:
            (folder / f"authorities-{size}").mkdir()
        plans = (
            ("cases", dict.fromkeys(cases, _USUAL)),
            ("authorities", {size: size for size in authorities}),
        )
        grown = []
        for what, plan in plans:
            found: dict[int, list[Round]] = {size: [] for size in plan}
            for number in range(rounds):
                for size, keys in plan.items():
                    tell(f"{size:,} {what}: round {number + 1} of {rounds}")
                    one = await _measure(rabbitmq, keys, effort, folder / f"{what}-{size}")
                    found[size].append(one)
            if plan:
                grown.append(Grown(what, found))
        return grown


def as_object(grown: Sequence[Grown]) -> dict[str, Any]:
    """All of it: `ratios` of CPU, and for each size CPU in milliseconds, rate and megabytes."""
    return {
        "ratios": {name: value for each in grown for name, value in each.ratios().items()},
        **{
            each.what: {
                str(size): {
                    "cpu": asdict(spread([one.cpu("itself") for one in rounds])),
                    "throughput": asdict(spread([one.rate for one in rounds])),
                    "memory": asdict(spread([one.costs["itself"].memory for one in rounds])),
                    "broker_cpu": asdict(spread([one.cpu("broker") for one in rounds])),
                }
                for size, rounds in each.rounds.items()
            }
            for each in grown
        },
    }


async def _measure(
    rabbitmq: PrivateRabbitMQ, authorities: int, effort: Effort, folder: Path
) -> Round:
    vhost = f"growth-{uuid4().hex[:8]}"
    amqp_url = await rabbitmq.vhost(vhost)
    try:
        async with Broker([amqp_url], name="bench") as broker:
            # A queue takes 12 ms to be made, once for all time: not what is measured here.
            await broker.declare(topology(named(authorities), ["local"]))
        return await measured(
            Machines(rabbitmq, None),
            Case(authorities=authorities),
            ENTRANTS["hub"],
            effort,
            amqp_url,
            f"sqlite:///{folder / 'hub.db'}",
            folder,
        )
    finally:
        await rabbitmq.remove_vhost(vhost)


def _fill(folder: Path, cases: int) -> None:
    folder.mkdir()
    url = f"sqlite:///{folder / 'hub.db'}"
    engines = connect(url)
    try:
        migrate(engines.writing)
    finally:
        engines.dispose()
    fill(url, cases, letters=1, acts=0)


def _main(
    cases: Annotated[
        str | None, typer.Option(help="Finished cases in the store.", show_default=_CASES)
    ] = None,
    authorities: Annotated[
        str | None, typer.Option(help="In the routing table.", show_default=_AUTHORITIES)
    ] = None,
    rounds: Annotated[int, typer.Option(help="At each size.")] = 3,
    svg: Annotated[Path | None, typer.Option(help="Draws the curves there as well.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, on the last line.")] = False,
) -> None:
    """Measure growth; sizes are separated by commas, and where one is given the other is left."""
    if cases is None and authorities is None:
        cases, authorities = _CASES, _AUTHORITIES
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    tell = Console(stderr=True).print
    grown = asyncio.run(grow(_sizes(cases), _sizes(authorities), rounds, _EFFORT, tell))
    if svg is not None:
        svg.write_bytes(draw_curves([each.curve for each in grown]))
    if json:
        print(to_json.dumps(as_object(grown)))
    else:
        Console().print(_table(grown))


def _sizes(given: str | None) -> list[int]:
    return sorted({int(size) for size in given.split(",")}) if given else []


def _table(grown: Sequence[Grown]) -> Table:
    table = Table("", "CPU ms per submission", "by the smallest", "submissions/s", "MB")
    for each in grown:
        smallest, *_ = each.rounds
        by_smallest = each.ratios()
        for size, rounds in each.rounds.items():
            table.add_row(
                f"{size:,} {each.what}",
                str(each.curve.points[size]),
                f"{by_smallest.get(f'{each.what}_{size}_vs_{smallest}', 1.0):.2f}",
                str(spread([one.rate for one in rounds])),
                f"{spread([one.costs['itself'].memory for one in rounds]).median:,.0f}",
            )
    return table


if __name__ == "__main__":
    typer.run(_main)

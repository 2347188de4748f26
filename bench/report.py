"""What a comparison says: as an object for programs, and as tables for people."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.table import Table

from bench.case import Round
from bench.comparing import Compared
from bench.statistics import Spread, ratio, spread

__all__ = ["as_object", "as_tables", "ratios"]

_PARTS: Final = ("itself", "broker", "store", "system")


def as_object(compared: Sequence[Compared]) -> dict[str, Any]:
    """All of it; `ratios` are those of the first case.

    CPU in milliseconds per submission, memory in megabytes, rates per second, latency in
    milliseconds.
    """
    return {
        "ratios": _plain(ratios(compared[0])) if compared else {},
        "cases": [
            {
                "case": asdict(each.case),
                "ratios": _plain(ratios(each)),
                "contestants": {name: _summary(rounds) for name, rounds in each.rounds.items()},
            }
            for each in compared
        ],
    }


def as_tables(compared: Sequence[Compared]) -> Iterator[Table]:
    """For each case who did how much for what, and the hub's ratios; then latencies."""
    for each in compared:
        yield _costs(each)
        if found := ratios(each):
            table = Table("the hub's", "ratio")
            for name, value in found.items():
                table.add_row(name.replace("_", " "), str(value))
            yield table
        if any(one.latencies for rounds in each.rounds.values() for one in rounds):
            yield _latencies(each)


def ratios(compared: Compared) -> dict[str, Spread]:
    """The hub's CPU and throughput by those of each other."""
    rounds = compared.rounds
    hub = rounds.get("hub", [])
    found: dict[str, Spread] = {}
    for name in rounds if hub else ():
        if name != "hub":
            ours, theirs = ([one.cpu("itself") for one in of] for of in (hub, rounds[name]))
            found[f"cpu_vs_{name}"] = ratio(ours, theirs)
            ours, theirs = ([one.rate for one in of] for of in (hub, rounds[name]))
            found[f"throughput_vs_{name}"] = ratio(ours, theirs)
    return found


def _plain(spreads: dict[str, Spread]) -> dict[str, Any]:
    """Medians under their names, the spread of each beside it."""
    return {
        **{name: round(each.median, 3) for name, each in spreads.items()},
        **{f"{name}_spread": [each.low, each.high] for name, each in spreads.items()},
    }


def _summary(rounds: Sequence[Round]) -> dict[str, Any]:
    return {
        "submissions": sum(one.count for one in rounds),
        "doubled": sum(one.doubled for one in rounds),
        "throughput": _spread([one.rate for one in rounds]),
        "cpu": {part: _spread([one.cpu(part) for one in rounds]) for part in _PARTS},
        "memory": {part: _spread([one.costs[part].memory for one in rounds]) for part in _PARTS},
        "latency": {
            str(load): {
                name: _spread([one.latencies[load].of(name) for one in rounds])
                for name in ("p50", "p95", "p99", "rate", "count")
            }
            for load in rounds[0].latencies
        },
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return asdict(spread(values))


def _costs(compared: Compared) -> Table:
    table = Table(
        "",
        "submissions/s",
        *(f"CPU ms, {part}" for part in _PARTS),
        *(f"MB, {part}" for part in _PARTS[:3]),
        "measured",
        "doubled",
        title=str(compared.case),
        caption="CPU per submission and peak memory; median (least-most) of the rounds",
    )
    for name, rounds in compared.rounds.items():
        table.add_row(
            name,
            str(spread([one.rate for one in rounds])),
            *(str(spread([one.cpu(part) for one in rounds])) for part in _PARTS),
            *(
                f"{spread([one.costs[part].memory for one in rounds]).median:,.0f}"
                for part in _PARTS[:3]
            ),
            f"{sum(one.count for one in rounds):,}",
            str(sum(one.doubled for one in rounds)),
        )
    return table


def _latencies(compared: Compared) -> Table:
    loads = list(next(iter(compared.rounds.values()))[0].latencies)
    table = Table(
        "",
        *(f"{load} %: {name}" for load in loads for name in ("p50", "p95", "p99")),
        title=f"{compared.case}: milliseconds until accepted, at a load of",
    )
    for name, rounds in compared.rounds.items():
        table.add_row(
            name,
            *(
                f"{spread([one.latencies[load].of(which) for one in rounds]).median:,.0f}"
                for load in loads
                for which in ("p50", "p95", "p99")
            ),
        )
    return table

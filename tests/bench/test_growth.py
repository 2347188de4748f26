"""A very short `python -m bench.growth`: a hub delivers from a store with cases in it."""

import json

import pytest
from lxml import etree

from bench.case import Round
from bench.drawing import draw_curves
from bench.growth import Grown, as_object, grow
from bench.measuring import Effort
from bench.processes import Cost


async def test_both_curves_are_measured_and_drawn() -> None:
    told: list[str] = []
    grown = await grow([200], [5], 1, Effort(seconds=1, most=12), told.append)
    assert [each.what for each in grown] == ["cases", "authorities"]
    reported = json.loads(json.dumps(as_object(grown)))
    assert reported["cases"]["200"]["throughput"]["median"] > 0
    assert reported["authorities"]["5"]["cpu"]["median"] > 0
    words = " ".join(etree.fromstring(draw_curves([each.curve for each in grown])).itertext())
    assert "cases" in words
    assert "200" in words


def test_growth_is_what_each_size_costs_by_the_smallest() -> None:
    grown = Grown("cases", {100: [_round(2.0), _round(4.0)], 1000: [_round(3.0), _round(6.0)]})
    assert grown.ratios() == {"cases_1000_vs_100": pytest.approx(1.5)}
    assert grown.curve.points[100].median == pytest.approx(300)  # milliseconds for one of ten


def _round(cpu: float) -> Round:
    return Round(10, 1.0, 0, {"itself": Cost(cpu, 1.0)})

"""A very short `python -m bench`: whoever is installed does all the work, and is reported."""

import json

import pytest
from lxml import etree

from bench.case import Case
from bench.comparing import Compared, compare, in_turn
from bench.drawing import draw
from bench.entrants import ENTRANTS
from bench.measuring import Effort
from bench.report import as_object, as_tables

INSTALLED = [each for each in ENTRANTS.values() if each.installed]


@pytest.fixture(scope="module")
async def compared() -> list[Compared]:
    told: list[str] = []
    effort = Effort(seconds=1, most=24, loads=(50,))
    found = await compare([Case()], INSTALLED, 1, effort, told.append)
    assert len(told) == len(INSTALLED)
    return found


async def test_everybody_delivers_everything_once(compared: list[Compared]) -> None:
    (only,) = compared
    assert {"relay", "hub"} <= set(only.rounds)
    for (one,) in only.rounds.values():
        assert one.count >= 10
        assert one.doubled == 0
        assert one.seconds > 0


async def test_itself_the_broker_and_the_system_are_counted_apart(compared: list[Compared]) -> None:
    for (one,) in compared[0].rounds.values():
        assert one.costs["itself"].memory > 0
        assert one.costs["broker"].memory > 0
        assert one.costs["system"].memory > 0
        assert one.costs["store"].memory == 0  # SQLite is within the hub
    assert compared[0].rounds["hub"][0].cpu("itself") > 0


async def test_latency_has_its_percentiles_in_order(compared: list[Compared]) -> None:
    for (one,) in compared[0].rounds.values():
        found = one.latencies[50]
        assert 0 < found.p50 <= found.p95 <= found.p99
        assert found.count >= 10


async def test_the_report_gives_the_hub_by_each_other(compared: list[Compared]) -> None:
    reported = json.loads(json.dumps(as_object(compared)))
    others = {each.name for each in INSTALLED} - {"hub"}
    for name in others:
        assert reported["ratios"][f"cpu_vs_{name}"] > 0
        assert reported["ratios"][f"throughput_vs_{name}"] > 0
    assert reported["cases"][0]["contestants"].keys() == others | {"hub"}
    assert list(as_tables(compared))


async def test_the_picture_names_everybody(compared: list[Compared]) -> None:
    words = " ".join(etree.fromstring(draw(compared)).itertext())
    assert all(each.name in words for each in INSTALLED)


def test_each_round_begins_with_another() -> None:
    first, second = ENTRANTS["relay"], ENTRANTS["hub"]
    assert in_turn([first, second], 0) == [first, second]
    assert in_turn([first, second], 1) == [second, first]

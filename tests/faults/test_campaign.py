"""Campaigns against a real world: a sound hub loses nothing, and one that is not is found out."""

from datetime import timedelta
from shutil import rmtree

import pytest

from hub.sandbox.faults.campaign import Plan, campaign
from hub.sandbox.faults.kinds import KINDS, UnknownKind, chosen
from hub.sandbox.faults.report import Report

IN_SHORT = (
    "hub.kill.random",
    "hub.kill.intake.commit.after",
    "hub.kill.deliver.send.after",
    "hub.kill.interpret.acknowledge.before",
    "hub.kill.mailbox.provide.after",
    "hub.kill.bury.commit.after",
    "adapter.kill",
    "broker.killed",
    "broker.alarm",
    "broker.connection_closed",
    "broker.channel_closed",
    "broker.queue_deleted",
    "broker.wiped",
    "network.black_hole.broker",
    "network.reset.isar",
    "system.answer_lost.alster",
    "system.429.xauslaender",
    "store.away",
    "disk.full",
)


async def a_campaign(plan: Plan) -> Report:
    return await campaign(plan, lambda _report, _word: None)


@pytest.mark.timeout(400)
async def test_a_hub_that_is_broken_in_every_way_loses_and_doubles_nothing() -> None:
    report = await a_campaign(Plan(len(IN_SHORT), seed=6, kinds=chosen(IN_SHORT)))

    assert [str(finding) for finding in report.findings] == []
    assert len(report.faults) == len(IN_SHORT)
    assert {line.kind for line in report.lines()} == set(IN_SHORT)
    assert report.submissions > 0
    assert report.letters > 0


@pytest.mark.timeout(300)
async def test_a_hub_that_acknowledges_before_it_commits_is_found_out() -> None:
    deadly = chosen(["hub.kill.intake.commit.before"])
    hasty = Plan(2, seed=6, kinds=deadly, hub="tests.faults.hasty", patience=timedelta(seconds=10))
    report = await a_campaign(hasty)

    assert report.count("lost", deadly[0].name) > 0
    assert not report.good
    lost = next(each for each in report.findings if each.problem.what == "lost")
    assert lost.fault is not None
    assert lost.fault.seed.startswith("6.0.")
    assert (lost.folder / "hub.log").exists()
    rmtree(lost.folder)


def test_a_kind_is_chosen_by_the_beginning_of_its_name() -> None:
    assert [kind.name for kind in chosen(["broker.killed", "adapter"])] == [
        "adapter.kill",
        "broker.killed",
    ]
    assert chosen([]) == KINDS
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(UnknownKind, match=r"begins with hub\.kil; there are .*broker\.wiped"):
        chosen(["hub.kil"])

"""Systems fail in every way for a while: each message comes to them once, in order, none dies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from hub import app
from hub.model.downward import Submission, Withdrawal
from hub.sandbox.faults.cable import Cable
from hub.settings import Settings
from hub.stages import dispatch, parking
from hub.store import dead_letters, parkings
from tests.builders import a_submission, a_withdrawal, an_id
from tests.transport.certificates import CertificateAuthority, server_context
from tests.way.conftest import ROUTING, World, a_world, until
from tests.way.conftest import world as world  # the same, for a system that refuses
from tests.way.system import System, a_system
from tests.way.test_replay import replayed

HALF = 40  # bytes of an answer's head
PATIENCE = "timeout_seconds: 1"


@pytest.fixture
async def cable(system: System) -> AsyncIterator[Cable]:
    async with Cable(system.url) as cable:
        yield cable


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with a_system() as system:
        yield system


@asynccontextmanager
async def a_hub(settings: Settings, system: System, cable: Cable) -> AsyncIterator[World]:
    """It reaches its system over the cable, and gives it a second for each message."""
    direct = ROUTING.replace('{{authority}}"}}', '{{authority}}", ' + PATIENCE + "}}")
    assert direct != ROUTING
    over = System(cable.url, system.received, system.answers, system.changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.way.conftest.ROUTING", direct)
        async with a_world(settings, over) as world:
            yield world


async def all_is_well(world: World, *names: str, in_doubt: bool = False) -> None:
    """Everything has arrived, once, nothing died, and the next message passes."""
    for name in names:
        await world.until_state(a_submission(id=an_id(name)), "accepted")
    last = a_submission(id=an_id("after"))
    await world.send(last)
    await world.until_state(last, "accepted")
    received = [each.uuid for each in world.system.received]
    expected = [str(an_id(name)) for name in (*names, "after")]
    assert sorted(set(received) if in_doubt else received) == sorted(expected)
    assert not await world.hub.store.read(dead_letters)
    assert (await world.ledger()).balanced


@pytest.mark.parametrize("passed", [0, HALF], ids=["answer lost", "half an answer"])
async def test_an_answer_that_breaks_off_leaves_the_delivery_in_doubt(
    settings: Settings, system: System, cable: Cable, passed: int
) -> None:
    async with a_hub(settings, system, cable) as world:
        broken = cable.reset_after(passed, back=True)
        await world.send(a_submission(id=an_id("meanwhile")))
        await broken.wait()
        await all_is_well(world, "meanwhile", in_doubt=True)
        assert "in_doubt" in await world.names(an_id("meanwhile"))
        assert [each.key for each in system.received[:2]] == [str(an_id("meanwhile"))] * 2


@pytest.mark.parametrize("bytes_per_second", [0, 10], ids=["silent", "trickling"])
async def test_a_system_that_never_comes_to_an_end_has_no_more_time_than_it_is_given(
    settings: Settings, system: System, cable: Cable, bytes_per_second: int
) -> None:
    async with a_hub(settings, system, cable) as world:
        meanwhile = a_submission(id=an_id("meanwhile"))
        if bytes_per_second:
            cable.slow(bytes_per_second)
        else:
            cable.black_hole()
        await world.send(meanwhile)

        async def given_up() -> bool:
            rows = await world.messages(meanwhile.id)
            return [row.cause for row in rows] == ["endpoint.no_answer"]

        await until(given_up)
        cable.heal()
        await all_is_well(world, "meanwhile", in_doubt=True)


def _as_date(wait: timedelta) -> str:
    return format_datetime(datetime.now(UTC) + wait, usegmt=True)


@pytest.mark.parametrize(
    ("wish", "at_least", "at_most"),
    [
        ("3600", timedelta(minutes=59), timedelta(minutes=61)),
        (timedelta(hours=1), timedelta(minutes=59), timedelta(minutes=61)),
        ("999999999", timedelta(hours=23), timedelta(hours=25)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=23), timedelta(hours=25)),
        ("-5", timedelta(0), timedelta(minutes=1)),
        ("Sat, 01 Jan 2000 00:00:00 GMT", timedelta(0), timedelta(minutes=1)),
        ("soon", timedelta(0), timedelta(minutes=1)),
    ],
)
async def test_a_busy_system_is_left_alone_for_as_long_as_it_asks_for_within_bounds(
    settings: Settings,
    system: System,
    wish: str | timedelta,
    at_least: timedelta,
    at_most: timedelta,
) -> None:
    wish = wish if isinstance(wish, str) else _as_date(wish)
    system.answers += [web.Response(status=429, headers={"Retry-After": wish})]
    async with a_world(settings, system) as world:
        sent = a_submission()
        before = datetime.now(UTC)
        await world.send(sent)

        async def put_off() -> datetime | None:
            rows = await world.messages(sent.id)
            return rows[0].due_at if [row.cause for row in rows] == ["endpoint.busy"] else None

        due_at: datetime = await until(put_off)
        assert before + at_least <= due_at <= datetime.now(UTC) + at_most
        assert len(system.received) == 1


async def test_what_a_system_refuses_without_reason_is_accepted_once_it_is_mended(
    world: World,
) -> None:
    names = [f"number {number}" for number in range(5)]
    world.system.answers += [web.json_response({"codes": ["S999"]}, status=422) for _ in names]
    for name in names:
        await world.send(a_submission(id=an_id(name)))
    dead = await world.until_dead(len(names))
    assert {(each.cause, each.message) for each in dead} == {
        ("refused.S999", an_id(name)) for name in names
    }
    assert (await world.ledger()).balanced

    assert [each.result for each in await replayed(world)] == ["replayed"] * len(names)
    for name in names:
        await world.until_state(a_submission(id=an_id(name)), "accepted")
    assert not await world.hub.store.read(dead_letters)
    assert (await world.ledger()).balanced


async def test_a_system_with_a_strangers_certificate_gets_nothing_until_it_shows_its_own(
    settings: Settings, system: System, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ours = CertificateAuthority(tmp_path_factory.mktemp("ours"))
    strange = CertificateAuthority(tmp_path_factory.mktemp("strange"), "strange")
    app_ = web.Application()
    app_.router.add_post("/{authority}", system.handle)
    runner = web.AppRunner(app_)
    await runner.setup()
    shown = web.TCPSite(
        runner, "127.0.0.1", 0, ssl_context=server_context(strange.identity("system"))
    )
    await shown.start()
    port = runner.addresses[0][1]
    secure = ROUTING.replace(
        '{{authority}}"}}', '{{authority}}", ca_file: "' + str(ours.certificate) + '"}}'
    )
    over = System(f"https://127.0.0.1:{port}", system.received, system.answers, system.changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.way.conftest.ROUTING", secure)
        async with a_world(settings, over) as world:
            await world.send(a_submission(id=an_id("meanwhile")))

            async def parked() -> bool:
                found = await world.hub.store.read(parkings)
                return {each.cause for each in found} == {"endpoint.certificate"}

            await until(parked)
            assert not system.received
            await shown.stop()
            own = server_context(ours.identity("system"))
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=own).start()
            await all_is_well(world, "meanwhile")
    await runner.cleanup()


async def failed_probes(world: World) -> int:
    """Of the one address: all who are reached by it are parked together."""
    found = await world.hub.store.read(parkings)
    return max((each.failures for each in found), default=0)


async def test_a_system_that_is_down_for_a_day_costs_no_attempt_and_is_seldom_asked(
    settings: Settings, system: System, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hour by hour the clock is put forward, a backlog grows, and the hub looks once or twice."""
    ahead = timedelta(0)
    monkeypatch.setattr(app, "_now", lambda: datetime.now(UTC) + ahead)
    monkeypatch.setattr(parking, "_EVERY", 0.05)
    monkeypatch.setattr(dispatch, "_EVERY", timedelta(seconds=0.05))

    async with a_hub(settings, system, cable) as world:
        cable.cut()
        sent: list[Submission | Withdrawal] = []
        for hour in range(24):
            before = await failed_probes(world)
            case = a_submission(id=an_id(f"hour {hour}"))
            withdrawal = a_withdrawal(id=an_id(f"withdrawal {hour}"), case=case.id)
            await world.send(case)
            await world.send(withdrawal)
            sent += [case, withdrawal]
            ahead += timedelta(hours=1)

            async def probed(before: int = before) -> bool:
                return await failed_probes(world) > before

            await until(probed)
        rows = [row for each in sent[::2] for row in await world.messages(each.id)]
        assert {(row.state, row.attempts) for row in rows} == {("owed", 0)}
        assert not await world.hub.store.read(dead_letters)
        assert await failed_probes(world) <= 2 * 24

        cable.heal()
        ahead += timedelta(hours=1)
        for each in sent:
            await world.until_state(each, "accepted")
        came = [each.uuid for each in system.received]
        assert sorted(came) == sorted(str(each.id) for each in sent)
        for first, second in zip(sent[::2], sent[1::2], strict=True):
            assert came.index(str(first.id)) < came.index(str(second.id))
        assert not await world.hub.store.read(parkings)
        assert (await world.ledger()).balanced

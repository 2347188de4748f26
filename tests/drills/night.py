"""The drill itself: a backup while the hub works, a night that takes everything, and the morning.

Nothing that the backup holds may be lost, nothing that a system had accepted by then may be sent
again, and whatever came later may come again from those who sent it, without being doubled.
"""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from hub.broker import Broker
from hub.sandbox.observer import Observer
from hub.sandbox.world import running_world
from hub.store import Connection, State, Store, acts, journey, ledger, messages_of, verify_acts
from tests.drills.drilling import Drill, Groups

__all__ = ["lost_and_restored"]


async def lost_and_restored(
    folder: Path, store_url: str | None, lose_store: Callable[[], None]
) -> None:
    backup = folder.parent / "backup"
    async with (
        running_world(folder, store_url=store_url) as world,
        Broker([world.amqp_url], name="applicants") as broker,
    ):
        drill, groups = Drill(world, broker), Groups.of(world)
        await until_the_backup(drill, groups, backup)
        await drill.night()
        lose_store()

        code, out, err = await drill.hub("restore", str(backup), "--json")
        assert code == 0, err
        restored = json.loads(out)
        async with drill.store() as store:
            accepted = await accepted_by_the_backup(store, groups)
            assert restored["in_doubt"] == await owed(store, groups)
        assert {each.case for each in groups.before} <= accepted
        assert not {each.case for each in (*groups.held, *groups.longer)} & accepted
        book = await drill.book()
        times_before = {one.uuid: one.times for one in book.messages}

        await world.hub.start()
        async with drill.store() as store:
            resent = await the_morning(drill, groups, store)
            book = await drill.book()
            again = {one.uuid for one in book.messages if one.times != times_before.get(one.uuid)}
            assert not again & accepted, "a system had accepted it before the backup"
            await judged(drill, groups, store, resent)


async def until_the_backup(drill: Drill, groups: Groups, backup: Path) -> None:
    """And a little further: what happens behind it is lost with the night."""
    async with drill.store() as store:
        for held in (groups.held[0], groups.longer[0]):
            await drill.hold(store, held.authority)
        await drill.applicants.send([*groups.held, *groups.longer])
        await drill.play(store, groups.before)
        await drill.until_state(store, [*groups.held, *groups.longer], State.OWED)

        working = asyncio.create_task(drill.play(store, groups.meanwhile))
        await drill.until_known(store, groups.meanwhile)
        code, out, err = await drill.hub("backup", str(backup), "--json")
        assert code == 0, err
        made = json.loads(out)
        assert made["owed"] >= len(groups.held) + len(groups.longer)
        await working

        await drill.let_go(store, groups.held[0].authority)
        await drill.until_state(store, groups.held, State.ACCEPTED)
        await drill.play(store, groups.after)


async def the_morning(drill: Drill, groups: Groups, store: Store) -> set[UUID]:
    """What is owed goes; who sent something that is not known any more sends it again."""
    for held in (groups.held[0], groups.longer[0]):
        await drill.let_go(store, held.authority)
    resent = await drill.make_up(store, groups.all)
    assert {each.submission.id for each in groups.after} <= resent
    await drill.play(store, groups.all)
    return resent


async def judged(drill: Drill, groups: Groups, store: Store, resent: set[UUID]) -> None:
    verdict = await drill.verdict(store, groups.all, resent)
    assert not verdict.problems, "\n".join(map(str, verdict.problems))
    assert (await store.read(ledger)).balanced
    assert await store.read(verify_acts) is None
    done = {each.act.action: each.act for each in await store.read(acts)}
    assert done["store.backup"].subject == done["store.restore"].subject
    for each in groups.all:
        letters = [letter.about for letter in await Observer(store).letters(each.case)]
        assert len(letters) == len(set(letters))
    for each in groups.held:
        events = await store.read(partial(journey, case=each.case))
        names = [event.name for event in events]
        assert "in_doubt" in names[names.index("restored") :]


async def accepted_by_the_backup(store: Store, groups: Groups) -> set[UUID]:
    """The UUIDs under which systems had accepted something by then."""

    def read(connection: Connection) -> set[UUID]:
        rows = (row for each in groups.all for row in messages_of(connection, each.case))
        return {row.wire for row in rows if row.state is State.ACCEPTED}

    return await store.read(read)


async def owed(store: Store, groups: Groups) -> int:
    def read(connection: Connection) -> int:
        rows = (row for each in groups.all for row in messages_of(connection, each.case))
        return sum(row.state is State.OWED and row.in_doubt for row in rows)

    return await store.read(read)

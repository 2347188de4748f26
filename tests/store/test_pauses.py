from datetime import timedelta

from hub.store import (
    Claimed,
    NotYours,
    Pause,
    Store,
    acts,
    claim,
    due,
    end_pause,
    overdue_places,
    park,
    parkings,
    pause,
    pauses,
    unpark,
)
from tests.store.building import AGAIN, LEASE, NOW, a_case, a_message, an_update, put

PAUSE = Pause("990001", NOW, "cli:ola", "the system moves")
LATER = NOW + timedelta(hours=1)


async def test_a_pause_is_made_once_and_ended_once_and_both_are_acts(store: Store) -> None:
    other = Pause("990001", LATER, "cli:ole", "me too")

    assert await store.run(lambda c: pause(c, PAUSE))
    assert not await store.run(lambda c: pause(c, other))
    assert await store.read(pauses) == [PAUSE]
    assert await store.run(lambda c: end_pause(c, "990001", "cli:ole", LATER))
    assert not await store.run(lambda c: end_pause(c, "990001", "cli:ole", LATER))

    assert await store.read(pauses) == []
    written = [one.act for one in await store.read(acts)]
    assert [(act.actor, act.action, act.subject) for act in written] == [
        ("cli:ola", "authority.pause", "990001"),
        ("cli:ole", "authority.resume", "990001"),
    ]
    assert written[0].detail == {"reason": "the system moves"}


async def test_nothing_goes_down_to_a_paused_authority_and_all_goes_up(store: Store) -> None:
    case = a_case()
    message, update = (
        a_message(case, due_at=NOW - AGAIN),
        an_update(case, due_at=NOW - AGAIN),
    )
    await store.run(lambda c: put(c, case, message, update))
    await store.run(lambda c: pause(c, PAUSE))

    assert await store.read(lambda c: overdue_places(c, NOW)) == [("mail", "local")]
    taken = await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE))
    assert taken == NotYours("paused")
    assert isinstance(await store.run(lambda c: claim(c, update.id, "me", NOW, LEASE)), Claimed)
    assert await store.run(lambda c: due(c, NOW, 10, AGAIN)) == []

    await store.run(lambda c: end_pause(c, "990001", "cli:ola", NOW))
    assert await store.read(lambda c: overdue_places(c, NOW)) == [("deliver", "990001")]
    assert isinstance(await store.run(lambda c: claim(c, message.id, "me", NOW, LEASE)), Claimed)


async def test_neither_a_probe_nor_a_success_ends_a_pause(store: Store) -> None:
    await store.run(lambda c: pause(c, PAUSE))
    await store.run(lambda c: park(c, "990001", "endpoint.down", NOW, LATER))

    assert await store.run(lambda c: unpark(c, "990001"))

    assert await store.read(pauses) == [PAUSE]
    assert await store.read(parkings) == []

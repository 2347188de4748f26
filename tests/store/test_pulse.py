"""The pulse adds up, over processes and over steps of time."""

from datetime import timedelta

from hub.store import Store, add_beats, beats, forget_beats, last_successes, minute_of
from tests.store.building import NOW

MINUTE = timedelta(minutes=1)


async def test_what_two_processes_count_is_added_up(store: Store) -> None:
    minute = minute_of(NOW)
    for _ in range(2):
        counted = {(minute, "accepted"): 3, (minute - 1, "accepted"): 1, (minute, "dead"): 1}
        await store.run(lambda c, counted=counted: add_beats(c, counted, {}))

    shown = await store.read(lambda c: beats(c, NOW - 2 * MINUTE, NOW + MINUTE, MINUTE))
    assert shown == {"accepted": [0, 2, 6], "dead": [0, 0, 2]}


async def test_steps_may_be_longer_than_a_minute(store: Store) -> None:
    minute = minute_of(NOW)
    counted = {(minute - back, "received"): 1 for back in range(60)}
    await store.run(lambda c: add_beats(c, counted, {}))
    since, until = NOW - timedelta(minutes=59), NOW + MINUTE
    shown = await store.read(lambda c: beats(c, since, until, timedelta(minutes=15)))
    assert shown == {"received": [15, 15, 15, 15]}


async def test_a_success_told_late_does_not_hide_a_later_one(store: Store) -> None:
    await store.run(lambda c: add_beats(c, {}, {"990001": NOW, "990002": NOW}))
    await store.run(lambda c: add_beats(c, {}, {"990001": NOW - MINUTE, "990002": NOW + MINUTE}))
    assert await store.read(last_successes) == {"990001": NOW, "990002": NOW + MINUTE}


async def test_the_old_pulse_is_forgotten(store: Store) -> None:
    minute = minute_of(NOW)
    await store.run(lambda c: add_beats(c, {(minute - 1, "dead"): 1, (minute, "dead"): 1}, {}))
    assert await store.run(lambda c: forget_beats(c, NOW)) == 1
    shown = await store.read(lambda c: beats(c, NOW - MINUTE, NOW + MINUTE, MINUTE))
    assert shown == {"dead": [0, 1]}

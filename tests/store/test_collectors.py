from datetime import datetime, timedelta

from hub.store import Store, keep_collecting, release_leases, stop_collecting
from tests.store.building import NOW

HELD = timedelta(seconds=30)
BOTH = {"990001", "990002"}


async def kept(
    store: Store, hub: str, at: datetime = NOW, authorities: set[str] = BOTH
) -> set[str]:
    return await store.run(lambda c: keep_collecting(c, authorities, hub, at, at + HELD))


async def test_of_two_hubs_one_collects_from_each_system(store: Store) -> None:
    assert await kept(store, "one", authorities={"990001"}) == {"990001"}
    assert await kept(store, "two") == {"990002"}
    assert await kept(store, "one") == {"990001"}


async def test_who_says_so_in_time_goes_on_and_who_does_not_is_followed(store: Store) -> None:
    await kept(store, "one")
    await kept(store, "one", NOW + HELD / 2)
    assert await kept(store, "two", NOW + HELD) == set()
    assert await kept(store, "two", NOW + 2 * HELD) == BOTH
    assert await kept(store, "one", NOW + 2 * HELD) == set()


async def test_who_ends_is_followed_at_once(store: Store) -> None:
    await kept(store, "one")
    await store.run(lambda c: stop_collecting(c, "one"))
    assert await kept(store, "two") == BOTH


async def test_where_there_can_be_one_hub_it_need_not_wait_for_the_one_before_it(
    store: Store,
) -> None:
    await kept(store, "killed")
    await store.run(release_leases)
    assert await kept(store, "reborn") == BOTH

from datetime import timedelta

from hub.store import Parking, Store, park, parkings, unpark
from tests.store.building import NOW


async def test_a_parking_counts_failed_probes_until_it_ends(store: Store) -> None:
    probe, next_probe = NOW + timedelta(minutes=1), NOW + timedelta(minutes=3)

    first = await store.run(lambda c: park(c, "990001", "endpoint.down", NOW, probe))
    second = await store.run(lambda c: park(c, "990001", "endpoint.denied", probe, next_probe))
    await store.run(lambda c: park(c, "990002", "endpoint.down", probe, next_probe))

    assert first == Parking("990001", NOW, probe, 1, "endpoint.down")
    assert second == Parking("990001", NOW, next_probe, 2, "endpoint.denied")
    assert [one.authority for one in await store.read(parkings)] == ["990001", "990002"]
    assert await store.run(lambda c: unpark(c, "990001"))
    assert not await store.run(lambda c: unpark(c, "990001"))
    assert [one.authority for one in await store.read(parkings)] == ["990002"]

from datetime import timedelta

from hub.store import State, Store, finish, forget_content, messages_of
from tests.store.building import NOW, a_case, a_message, put


async def test_content_is_forgotten_only_once_it_has_served(store: Store) -> None:
    case = a_case()
    accepted, dead, owed = (a_message(case) for _ in range(3))
    retention = NOW + timedelta(days=7)
    await store.run(lambda c: put(c, case, accepted, dead, owed))
    await store.run(
        lambda c: finish(c, accepted.id, State.ACCEPTED, NOW, keep_content_until=retention)
    )
    await store.run(lambda c: finish(c, dead.id, State.DEAD, NOW, keep_content_until=retention))

    assert await store.run(lambda c: forget_content(c, retention - timedelta(seconds=1))) == 0
    assert await store.run(lambda c: forget_content(c, retention)) == 1
    assert await store.run(lambda c: forget_content(c, retention)) == 0

    rows = {m.id: m.content for m in await store.read(lambda c: messages_of(c, case.id))}
    assert rows == {accepted.id: None, dead.id: b"sealed", owed.id: b"sealed"}

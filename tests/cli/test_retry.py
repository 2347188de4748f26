import json
from collections.abc import Callable
from uuid import uuid4

from hub.store import Connection, Store, park
from tests.cli.conftest import Hub
from tests.store.building import NOW, a_case, a_message, put, put_postponed

Fill = Callable[[Callable[[Store], object]], None]
CASE = a_case()
MESSAGE = a_message(CASE)
BEHIND = a_message(CASE)


def postponed(connection: Connection) -> None:
    put_postponed(connection, CASE, MESSAGE, BEHIND, until=NOW.replace(year=2099))


def test_one_is_tried_now_or_at_another_time(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(postponed))
    now = hub("retry", MESSAGE.id, "--json")
    assert now.code == 0, now.err
    assert json.loads(now.out)["held"] is None
    later = hub("retry", MESSAGE.id, "--at", "2099-01-02T03:04:05")
    assert later.out == f"Message {MESSAGE.id} is tried at 2099-01-02 03:04:05 UTC.\n"
    acts = json.loads(hub("audit", "list", "--json").out)
    assert [each["act"]["action"] for each in acts] == ["message.next_attempt"] * 2
    assert acts[1]["act"]["detail"] == {"due_at": "2099-01-02T03:04:05+00:00"}


def test_everything_postponed_for_a_place_is_tried_now(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(postponed))
    assert hub("retry", "--place", "990001").out == "Tried now: 1.\n"
    assert json.loads(hub("retry", "--place", "990001", "--json").out)["messages"] == 0


def test_what_is_parked_is_probed_first(hub: Hub, store: Fill) -> None:
    def parked(connection: Connection) -> None:
        postponed(connection)
        park(connection, "990001", "endpoint.down", NOW, NOW.replace(year=2099))

    store(lambda opened: opened.run(parked))
    assert "so that it waits for the next probe" in hub("retry", MESSAGE.id).out
    probed = hub("probe", "990001")
    assert probed.out == "990001 is probed with the next message that is owed to it.\n"
    assert "probe" not in hub("retry", MESSAGE.id).out


def test_what_cannot_be_tried_says_why(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(postponed))
    unknown = uuid4()
    assert hub("retry", unknown).err == f"There is no message {unknown}.\n"
    assert hub("retry", BEHIND.id).err == (
        f"Message {BEHIND.id} comes after {MESSAGE.id}, which is not done.\n"
    )
    assert hub("probe", "990001").err == "990001 is not parked: nothing to be probed.\n"
    assert hub("retry").code == 2
    assert hub("retry", MESSAGE.id, "--place", "990001").code == 2


def test_what_lies_in_its_queue_is_tried_anyway(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(lambda c: put(c, CASE, MESSAGE)))
    told = hub("retry", MESSAGE.id)
    assert (told.code, told.err) == (
        1,
        f"Message {MESSAGE.id} is being tried, or is next in its queue.\n",
    )

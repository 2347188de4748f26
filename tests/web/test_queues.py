"""A queue nobody consumes needs a person, unless somebody or something holds it."""

from datetime import datetime, timedelta

import pytest

from hub.broker import QueueState
from hub.store import Parking, Pause
from hub.web.queues import Held, QueueRow, queue_rows
from tests.store.building import NOW

LATER, EARLIER = NOW + timedelta(minutes=5), NOW - timedelta(minutes=5)
PAUSE = Pause("990001", EARLIER, "token:ida", "it moves")
NOBODY = QueueState(7, 0)
NOTHING = Held((), ())


def parking(place: str, probe: datetime) -> Parking:
    return Parking(place, EARLIER, probe, 3, "endpoint.down")


def one(
    name: str = "hub.deliver.990001",
    state: QueueState = NOBODY,
    held: Held | None = NOTHING,
    away: tuple[str, ...] = (),
) -> QueueRow:
    [row] = queue_rows({name: state}, held, away, NOW)
    return row


def test_one_that_is_consumed_is_well() -> None:
    row = one(state=QueueState(7, 2))
    assert (row.state, row.sentence, row.messages, row.consumers) == ("consumed", "", 7, 2)


@pytest.mark.parametrize(
    ("held", "state", "probe"),
    [
        (Held([parking("990001", LATER)], []), "parked", LATER),
        (Held([parking("990001", EARLIER)], []), "probing", None),
        (Held([], [PAUSE]), "paused", None),
        (Held([parking("990001", LATER)], [PAUSE]), "paused", None),
        (Held([parking("990002", LATER)], []), "unconsumed", None),
        (None, None, None),
    ],
)
def test_what_is_held_says_so_and_since_when(
    held: Held | None, state: str | None, probe: datetime | None
) -> None:
    row = one(held=held)
    assert (row.state, row.next_probe) == (state, probe)
    assert row.since == (EARLIER if state in ("parked", "probing", "paused") else None)


def test_a_provider_is_parked_like_an_authority() -> None:
    assert one("hub.mailbox.zbp", held=Held([parking("zbp", LATER)], [])).state == "parked"


def test_one_that_nobody_consumes_says_what_to_do() -> None:
    assert "Start one with hub run" in one("hub.intake").sentence
    told = one("hub.intake", away=("the virus scanner",))
    assert (told.state, told.sentence) == (
        "unconsumed",
        "The hub waits for the virus scanner; it goes on by itself when that is back.",
    )


def test_what_needs_a_person_stands_first_then_the_deepest() -> None:
    states = {"hub.a": QueueState(1, 1), "hub.b": QueueState(9, 1), "hub.c": QueueState(0, 0)}
    rows = queue_rows(states, NOTHING, (), NOW)
    assert [row.queue for row in rows] == ["hub.c", "hub.b", "hub.a"]

"""What goes through a queue follows from two looks, and is left out where it does not."""

from datetime import timedelta

from hub.broker.flow import Flow, Flows

QUEUE = "hub.intake"
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def looks(*seen: tuple[timedelta, int, int]) -> list[Flow | None]:
    """What is told at each look: after which time, at which depth, with how many taken."""
    clock = Clock()
    flows, told = Flows(clock), []
    for after, depth, taken in seen:
        clock.at += after.total_seconds()
        told.append(flows.look({QUEUE: depth}, {QUEUE: taken}).get(QUEUE))
    return told


def test_out_is_what_was_taken_and_in_what_must_have_come_for_that() -> None:
    assert looks((MINUTE, 10, 100), (MINUTE, 4, 150)) == [None, Flow(44, 50, MINUTE)]


def test_the_oldest_look_that_is_remembered_counts() -> None:
    told = looks((MINUTE, 0, 0), (2 * MINUTE, 0, 20), (2 * MINUTE, 0, 50), (2 * MINUTE, 0, 60))
    assert told[1:] == [
        Flow(20, 20, 2 * MINUTE),
        Flow(50, 50, 4 * MINUTE),
        Flow(40, 40, 4 * MINUTE),
    ]


def test_of_moments_no_rate_is_made() -> None:
    assert looks((MINUTE, 0, 0), (timedelta(seconds=1), 0, 1)) == [None, None]


def test_a_queue_that_was_emptied_or_a_new_count_says_nothing() -> None:
    assert looks((MINUTE, 10, 5), (MINUTE, 0, 5)) == [None, None]
    assert looks((MINUTE, 0, 5), (MINUTE, 10, 0)) == [None, None]

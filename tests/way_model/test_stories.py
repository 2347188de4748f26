"""What the machine found, each as the shortest story that shows it."""

from collections.abc import Iterator

import pytest

from hub.broker import INTERPRET
from hub.sandbox.script import Answer
from tests.way_model.machine import Conversations


@pytest.fixture
def told() -> Iterator[Conversations]:
    """One case that its authority has; in the end everything is accounted for."""
    machine = Conversations()
    machine.apply("990001", "local", "employment", back_channel=True)
    machine.work_on(3)
    yield machine
    machine.teardown()


def test_an_update_does_not_overtake_one_that_comes_again(told: Conversations) -> None:
    """The store is away for the first of two, which are both at work: the second has to wait."""
    told.write(0, Answer("question"))
    told.write(0, Answer("status", "05"))
    told.world.take(INTERPRET, points=0)
    told.world.take(INTERPRET)
    told.world.faults.add("commit", "before")
    told.world.go_on(0, None)
    told.drain()
    kinds = [letter.kind for letter in told.letters(told.cases[0])]
    assert kinds == ["question", "status"]

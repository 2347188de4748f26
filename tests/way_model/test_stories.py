"""What the machine found, each as the shortest story that shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.broker import INTERPRET
from hub.sandbox.script import Answer
from tests.way_model.books import check_in_the_end
from tests.way_model.people import People
from tests.way_model.world import World


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """One case that its authority has; in the end everything is accounted for."""
    people = People(World(tmp_path))
    people.apply("990001", "local", "employment", back_channel=True)
    people.work(3)
    yield people
    people.drain()
    check_in_the_end(people.world, people.cases)
    people.world.close()


def test_an_update_does_not_overtake_one_that_comes_again(people: People) -> None:
    """The store is away for the first of two, which are both at work: the second has to wait."""
    (case,), world = people.cases, people.world
    people.write(case, Answer("question"))
    people.write(case, Answer("status", "05"))
    world.take(INTERPRET, points=0)
    world.take(INTERPRET)
    world.faults.add("commit", "before")
    world.go_on(0, None)
    people.drain()
    assert [letter.kind for letter in people.letters(case)] == ["question", "status"]

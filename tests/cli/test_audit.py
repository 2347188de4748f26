import json
from collections.abc import Callable

from sqlalchemy import text

from hub.store import Act, Store, audit
from tests.cli.conftest import Hub
from tests.model.builders import NOON

Fill = Callable[[Callable[[Store], object]], None]
ACT = Act(NOON, "cli:ola", "dead.discard", "letter 1", {"reason": "sent twice"})


def test_acts_are_listed_and_verified(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(lambda c: (audit(c, ACT), audit(c, ACT))))
    lines = hub("audit", "list").out.splitlines()
    assert lines[1].split() == [
        *("1", "2026-11-02", "12:00:00", "cli:ola", "dead.discard", "letter", "1"),
        *("reason", "sent", "twice"),
    ]
    [second] = json.loads(hub("audit", "list", "--after", 1, "--json").out)
    assert second["act"]["detail"] == {"reason": "sent twice"}
    outcome = hub("audit", "verify")
    assert outcome.code == 0
    assert (
        outcome.out == f"All 2 acts are as they were written; the last has hash {second['hash']}.\n"
    )


def test_a_broken_chain_fails_and_names_the_first_act(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(lambda c: (audit(c, ACT), audit(c, ACT))))
    store(
        lambda opened: opened.run(lambda c: c.execute(text("UPDATE acts SET actor = ''")) and None)
    )
    outcome = hub("audit", "verify")
    assert outcome.code == 1
    assert outcome.err.startswith("Act 1 is not what was written")
    outcome = hub("audit", "verify", "--json")
    assert (outcome.code, json.loads(outcome.out)["first_broken"]) == (1, 1)


def test_nothing_recorded_is_nothing_broken(hub: Hub, store: Fill) -> None:
    assert hub("audit", "verify").out == "Nothing was recorded yet.\n"
    assert json.loads(hub("audit", "list", "--json").out) == []

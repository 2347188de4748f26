"""Cases are found at the terminal as at the console."""

import json
from collections.abc import Callable

from hub.store import Connection, Store
from tests.cli.conftest import Hub
from tests.store.building import a_case, a_message, put

Fill = Callable[[Callable[[Store], object]], None]


def two_cases(connection: Connection) -> None:
    for application, authority in (("A-1", "990001"), ("A-2", "990002")):
        case = a_case(application_id=application, authority=authority)
        put(connection, case, a_message(case, id=case.id, wire=case.id))


def test_cases_are_found_by_what_is_known_of_them(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(two_cases))
    found = json.loads(hub("search", "--authority", "990002", "--json").out)
    assert [each["application_id"] for each in found] == ["A-2"]
    assert "A-1" in hub("search", "A-1").out
    both = hub("search", "--standing", "owed", "--since", "2026-11-02", "--until", "2026-11-03")
    assert "A-1" in both.out
    assert "A-2" in both.out


def test_what_is_not_there_is_said(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(two_cases))
    outcome = hub("search", "--cause", "X001")
    assert (outcome.code, outcome.err) == (1, "No case is like this.\n")
    assert hub("search", "--service", "famly").code == 2

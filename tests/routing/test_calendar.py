from datetime import date

from hub.adapter import Adapter
from hub.routing import RoutingTable, Staying, calendar
from tests.routing.given import ADAPTERS, FILE, AFormat


def table(text: str = FILE) -> RoutingTable:
    return RoutingTable.parse(text, ADAPTERS)


def test_both_days_of_releases_stand_in_it_and_say_who_changes() -> None:
    may, november = calendar(table(), date(2026, 11, 26))
    assert (may.on, november.on) == (date(2027, 5, 1), date(2027, 11, 1))
    [change] = may.changing
    assert (change.system, change.before, change.after) == ("nord", "26.11", "27.05")
    assert "001900" in change.authorities
    assert (change.gains, change.loses, change.read_until) == ((), (), None)
    assert not november.changing
    assert Staying("nord", "xauslaender", "27.05", change.authorities) in november.staying


def test_a_day_of_release_is_over_on_that_day() -> None:
    november, may = calendar(table(), date(2027, 5, 1))
    assert (november.on, may.on) == (date(2027, 11, 1), date(2028, 5, 1))


def test_another_day_has_only_those_who_change_and_the_old_format_has_an_end() -> None:
    text = FILE.replace(
        "from: 2027-05-01}", 'from: 2027-02-01}\n      - {version: "27.11", from: 2027-11-01}'
    )
    carries = AFormat().carries
    formats = {
        "26.11": AFormat(carries | {"appointment"}),
        "27.05": AFormat(),
        "27.11": AFormat(carries | {"status"}),
    }
    several = RoutingTable.parse(text, ADAPTERS | {"xauslaender": Adapter("xauslaender", formats)})
    february, may, november = calendar(several, date(2026, 11, 26))
    assert (february.is_release, february.staying) == (False, ())
    [first], [second] = february.changing, november.changing
    assert (first.loses, first.read_until) == (("appointment",), date(2027, 11, 1))
    assert (second.gains, second.read_until) == (("status",), None)
    assert not may.changing

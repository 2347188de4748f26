"""A table finds authorities, routes and formats."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from hub.adapter import Adapter
from hub.model.codes import code_list
from hub.model.details import Service
from hub.model.failure import PermanentFailure
from hub.routing import Limits, RoutingError, RoutingTable
from tests.adapters.every import EVERY
from tests.routing.given import ADAPTERS, FILE, AFormat

NOW = date(2026, 12, 1)
SPREE = Adapter("spree", {"1": AFormat()})


@pytest.fixture(scope="module")
def table() -> RoutingTable:
    return RoutingTable.parse(FILE, ADAPTERS)


@pytest.mark.parametrize(
    ("place", "authority"),
    [
        ("081110000000", "001900"),  # its district
        ("081110000017", "990001"),  # one municipality of it belongs to another
        ("082210000000", "990001"),  # everything else of the state
    ],
)
def test_the_longest_matching_regional_key_wins(
    table: RoutingTable, place: str, authority: str
) -> None:
    assert table.find(authority=None, place=place).key == authority


def test_an_authority_is_found_by_its_key(table: RoutingTable) -> None:
    assert table.find(authority="001900", place=None).name == "Stuttgart"


@pytest.mark.parametrize(
    ("authority", "place", "cause", "location"),
    [
        ("000000", None, "authority.unknown", "authority"),
        (None, "091620000000", "place.unknown", "place"),
    ],
)
def test_nobody_responsible_is_a_permanent_failure(
    table: RoutingTable, authority: str | None, place: str | None, cause: str, location: str
) -> None:
    with pytest.raises(PermanentFailure) as raised:
        table.find(authority=authority, place=place)
    assert (raised.value.cause, raised.value.location) == (cause, location)


def test_a_route_has_all_that_delivery_needs(table: RoutingTable) -> None:
    route = table.route("001900", "employment", NOW)
    assert (route.authority.name, route.system, route.adapter) == (
        "Stuttgart",
        "nord",
        "xauslaender",
    )
    assert (route.version, route.transport, route.back_channel) == ("26.11", "http", True)
    assert route.endpoint.settings == {
        "url": "https://nord.example/001900",
        "token_env": "NORD",
        "timeout_seconds": 30,
    }
    assert (route.endpoint.stage, route.endpoint.limits) == ("production", Limits(4, 12))


@pytest.mark.parametrize(
    ("on", "version"),
    [(date(2026, 11, 1), "26.11"), (date(2027, 4, 30), "26.11"), (date(2027, 5, 1), "27.05")],
)
def test_a_cut_over_happens_by_itself_at_its_date(
    table: RoutingTable, on: date, version: str
) -> None:
    assert table.route("001900", "family", on).version == version


@pytest.mark.parametrize(
    ("authority", "service", "on", "cause"),
    [
        ("990001", "education", NOW, "service.not_offered"),
        ("001900", "nonsense", NOW, "service.not_offered"),
        ("001900", "family", date(2026, 10, 31), "format.none_in_force"),
        ("000000", "family", NOW, "authority.unknown"),
    ],
)
def test_no_route_is_a_permanent_failure(
    table: RoutingTable, authority: str, service: str, on: date, cause: str
) -> None:
    with pytest.raises(PermanentFailure) as raised:
        table.route(authority, service, on)
    assert raised.value.cause == cause


def test_readable_are_the_format_in_force_the_one_before_and_those_announced() -> None:
    formats = {
        version: AFormat(frozenset({"family", "withdrawal"})) for version in ("1", "2", "3", "4")
    }
    listed = ", ".join(f'{{version: "{number}", from: 202{number}-01-01}}' for number in formats)
    text = FILE.replace('{version: "1", from: 2026-01-01}', listed)
    text = text.replace("services: [employment, family]", "services: [family]")
    table = RoutingTable.parse(text, {**ADAPTERS, "small": Adapter("small", formats)})

    years = (2020, 2021, 2023, 2024)
    assert {year: table.readable("990001", date(year, 6, 1)) for year in years} == {
        2020: ("1", "2", "3", "4"),
        2021: ("1", "2", "3", "4"),
        2023: ("3", "2", "4"),
        2024: ("4", "3"),
    }


def test_an_explanation_says_why(table: RoutingTable) -> None:
    assert table.explain(place="081110000000", service="family", on=NOW).splitlines() == [
        "authority   001900 Stuttgart",
        "found by    regional key 08111, the longest beginning of 081110000000",
        "service     family: offered",
        "system      nord (production)",
        "format      26.11 from 2026-11-01, of adapter xauslaender, in force on 2026-12-01",
        "            then 27.05 from 2027-05-01",
        "transport   http to https://nord.example/001900",
        "limits      4 at once, 12 attempts",
        "answers     go up to the applicant",
    ]
    early = table.explain(authority="001900", service="x", on=date(2026, 1, 1))
    assert "x: NOT offered" in early
    assert "NONE in force on 2026-01-01" in early
    assert table.explain(authority="000000", service="family", on=NOW) == (
        "000000: No authority in routing.yaml has this key."
    )


def test_a_difference_names_what_came_went_and_changed(table: RoutingTable) -> None:
    text = FILE.replace('"990001"', '"990002"').replace("parallel: 4", "parallel: 2")
    text = text.replace("name: Stuttgart", "name: LHS Stuttgart").replace(
        "from: 2027-05", "from: 2027-06"
    )
    other = RoutingTable.parse(text, ADAPTERS)
    assert table.diff(table) == []
    assert table.diff(other) == [
        (
            "system nord: formats [26.11 from 2026-11-01, 27.05 from 2027-05-01]"
            " → [26.11 from 2026-11-01, 27.05 from 2027-06-01]"
        ),
        "system nord: limits 4 at once, 12 attempts → 2 at once, 12 attempts",
        "authority 001900: name Stuttgart → LHS Stuttgart",
        "authority 990001: removed",
        "authority 990002: added",
    ]


def test_a_file_that_cannot_be_read_is_a_routing_error(tmp_path: Path) -> None:
    with pytest.raises(RoutingError, match="cannot be read"):
        RoutingTable.load(tmp_path / "none.yaml", ADAPTERS)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Köln".encode("latin-1"))
    with pytest.raises(RoutingError, match="save it as UTF-8"):
        RoutingTable.load(latin, ADAPTERS)


def test_the_file_at_the_top_level_is_right() -> None:
    table = RoutingTable.load(Path(__file__).parents[2] / "routing.yaml", EVERY)
    districts = code_list("district").codes
    assert len(table.authorities) >= 12
    assert {system.stage for system in table.systems.values()} == {"test", "production"}
    for entry in table.authorities.values():
        assert table.route(entry.key, entry.services[0], NOW).adapter in EVERY
        for prefix in entry.regional_keys:
            assert any(district.startswith(prefix) for district in districts)


def test_a_routing_key_is_the_authoritys_own_and_is_shown() -> None:
    url = 'endpoint: {url: "https://klein.example"}'
    queue = 'endpoint: {exchange: klein.in, routing_key: "{authority}", user: klein}'
    table = RoutingTable.parse(FILE.replace(url, queue), ADAPTERS)
    key = next(key for key, entry in table.authorities.items() if entry.system == "klein")
    assert table.endpoint(key).settings["routing_key"] == key
    shown = table.explain(authority=key, service="employment", on=NOW)
    assert f"exchange klein.in, routing_key {key}, user klein" in shown


def test_two_versions_of_one_adapter_are_in_use_on_one_day() -> None:
    table = RoutingTable.load(Path(__file__).parents[2] / "routing.yaml", EVERY)
    assert table.route("990020", "family", NOW).version == "3"
    assert table.route("990022", "family", NOW).version == "4"
    assert table.route("990020", "family", date(2027, 5, 1)).version == "4"


def test_the_folders_of_an_authority_hold_its_key() -> None:
    table = RoutingTable.load(Path(__file__).parents[2] / "routing.yaml", EVERY)
    assert table.endpoint("990021").settings["inbox"] == "/990021/inbox"


def test_an_authority_decides_about_reminders_and_forwarding_or_leaves_it(
    table: RoutingTable,
) -> None:
    plain = table.authorities["001900"]
    assert (plain.reminder_days, plain.when_not_competent) == (3, "operator")

    chosen = "name: Stuttgart\n    reminder_days: 0\n    when_not_competent: forward"
    other = RoutingTable.parse(FILE.replace("name: Stuttgart", chosen), ADAPTERS)

    entry = other.authorities["001900"]
    assert (entry.reminder_days, entry.when_not_competent) == (0, "forward")
    assert table.diff(other) == [
        "authority 001900: reminder_days 3 → 0",
        "authority 001900: when_not_competent operator → forward",
    ]


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("Stuttgart", "001900"),
        ("001900", "001900"),
        ("stuttgart", None),
        ("Stuttgart ", None),
        ("Land", "990001"),
        ("Nowhere", None),
    ],
)
def test_an_authority_is_named_exactly_or_not_at_all(
    table: RoutingTable, text: str, authority: str | None
) -> None:
    entry = table.named(text)
    assert (entry and entry.key) == authority


def test_a_name_of_two_authorities_names_none() -> None:
    twice = RoutingTable.parse(FILE.replace("name: Land", "name: Stuttgart"), ADAPTERS)
    assert twice.named("Stuttgart") is None
    assert twice.named("990001") is not None


def test_late_replies_are_passed_on_unless_their_authority_refuses_them() -> None:
    text = FILE.replace("back_channel: true", "back_channel: true\n    late_replies: refuse")
    table = RoutingTable.parse(text, ADAPTERS)
    assert table.authorities["001900"].late_replies == "refuse"
    assert table.authorities["990001"].late_replies == "pass_on"


def test_senders_are_listed_with_their_users() -> None:
    text = FILE + 'senders:\n  "alp:000001": {users: [first, second]}\n'
    table = RoutingTable.parse(text, ADAPTERS)
    assert table.senders["alp:000001"].users == ("first", "second")
    before = RoutingTable.parse(FILE, ADAPTERS)
    assert before.diff(table) == ["sender alp:000001: added"]
    other = RoutingTable.parse(text.replace("first", "third"), ADAPTERS)
    assert table.diff(other) == ["sender alp:000001: users [first, second] → [third, second]"]


def test_a_sender_may_be_bound_to_services_and_else_has_all() -> None:
    text = FILE + 'senders:\n  "alp:000001": {users: [first], services: [family, employment]}\n'
    bound = RoutingTable.parse(text, ADAPTERS).senders["alp:000001"]
    assert bound.services == ("employment", "family")
    free = RoutingTable.parse(text.replace(", services: [family, employment]", ""), ADAPTERS)
    assert set(free.senders["alp:000001"].services) == set(get_args(Service))
    with pytest.raises(RoutingError, match=r"sender alp:000001: service famly"):
        RoutingTable.parse(text.replace("family, employment", "famly"), ADAPTERS)


def test_pages_show_the_cases_of_authorities_that_name_them_and_no_others(
    table: RoutingTable,
) -> None:
    here, both = "https://www.example.de", "http://127.0.0.1:8095"
    text = FILE.replace("name: Stuttgart", f"name: Stuttgart\n    pages: [{here!r}, {both!r}]")
    text = text.replace('  "990001":\n', f'  "990001":\n    pages: [{both!r}]\n')
    other = RoutingTable.parse(text, ADAPTERS)
    assert other.shown_on(here) == {"001900"}
    assert other.shown_on(both) == {"001900", "990001"}
    assert other.shown_on("https://www.example.de.evil.example") == frozenset()
    assert table.shown_on(here) == frozenset()
    assert f"authority 001900: pages [] → [{here}, {both}]" in table.diff(other)

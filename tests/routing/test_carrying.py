"""A table is refused where a format could not carry what it would be given, on any day to come."""

from datetime import date

import pytest

from hub.adapter import Adapter, Capability
from hub.routing import RoutingError, RoutingTable
from tests.routing.given import AFormat

TEXT = """\
systems:
  one:
    adapter: vendor
    formats: [{version: "1", from: 2026-01-01}, {version: "2", from: 2026-07-01}]
    stage: test
    transport: http
    endpoint: {url: "https://one.example"}
    limits: {parallel: 1, attempts: 3}
authorities:
  "990001":
    name: Land
    regional_keys: []
    system: one
    services: [family, skilled_workers]
    back_channel: true
"""
ALL: frozenset[Capability] = frozenset(
    {
        *("family", "skilled_workers", "withdrawal", "reply"),
        *("agreement_reply", "receipt_confirmation"),
        *("question", "agreement", "recognition_decision"),
    }
)
EARLY, LATE = date(2026, 6, 30), date(2026, 7, 1)


def a_table(
    first: frozenset[Capability],
    second: frozenset[Capability],
    since: date | None,
    text: str = TEXT,
) -> RoutingTable:
    formats = {"1": AFormat(carries=first), "2": AFormat(carries=second)}
    return RoutingTable.parse(text, {"vendor": Adapter("vendor", formats)}, since=since)


def refused(
    first: frozenset[Capability],
    second: frozenset[Capability],
    since: date | None,
    text: str = TEXT,
) -> list[str]:
    with pytest.raises(RoutingError) as raised:
        a_table(first, second, since, text)
    return [problem.sentence for problem in raised.value.problems]


def test_a_table_whose_formats_carry_everything_is_right() -> None:
    assert a_table(ALL, ALL, EARLY).authorities.keys() == {"990001"}


@pytest.mark.parametrize("kind", ["withdrawal", "reply", "agreement_reply", "receipt_confirmation"])
def test_a_format_without_a_kind_of_message_is_refused(kind: Capability) -> None:
    [sentence] = refused(ALL, ALL - {kind}, EARLY)
    assert sentence == (
        f"authority 990001 would be given {kind}, which format 2 of adapter vendor cannot carry;"
        " write another version for system one, or another system here"
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("question", "reply"),
        ("agreement", "agreement_reply"),
        ("recognition_decision", "receipt_confirmation"),
    ],
)
def test_what_is_never_asked_is_never_answered(question: Capability, answer: Capability) -> None:
    a_table(ALL - {question, answer}, ALL - {question, answer}, EARLY)
    # Asked in the format before, answered after the cut-over.
    assert refused(ALL, ALL - {question, answer}, LATE)


def test_answers_come_only_where_there_is_a_back_channel() -> None:
    text = TEXT.replace("back_channel: true", "back_channel: false")
    silent = ALL - {"reply", "agreement_reply", "receipt_confirmation"}
    a_table(silent, silent, EARLY, text)
    assert refused(silent, silent - {"withdrawal"}, EARLY, text)


def test_only_skilled_workers_make_agreements() -> None:
    text = TEXT.replace("[family, skilled_workers]", "[family]")
    plain = ALL - {"agreement_reply", "receipt_confirmation"}
    a_table(plain, plain, EARLY, text)


def test_a_format_that_holds_no_more_need_not_carry_what_is_offered_now() -> None:
    [sentence] = refused(ALL - {"family"}, ALL, EARLY)
    assert sentence == (
        "authority 990001 offers family, which format 1 of adapter vendor cannot carry; write"
        " services: [skilled_workers]"
    )
    a_table(ALL - {"family"}, ALL, LATE)


def test_a_format_to_come_has_to_carry_what_is_offered_now() -> None:
    assert refused(ALL, ALL - {"family"}, EARLY)
    assert refused(ALL, ALL - {"family"}, LATE)


def test_who_tries_what_is_carried_is_given_any_table() -> None:
    assert a_table(frozenset(), frozenset(), None).authorities

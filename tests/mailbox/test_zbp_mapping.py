"""The table is complete, cautious, and within the limits of the status object."""

from typing import get_args

import pytest

from hub.mailbox.zbp.mapping import TABLE, Status, leads_back, row_of
from hub.mailbox.zbp.shortening import shorten
from hub.model.codes import code_list
from hub.model.upward import UpdateKind
from tests.mailbox.letters import a_letter, updates

KINDS = [
    *(kind for kind in get_args(UpdateKind) if kind != "status"),
    *(f"status.{code}" for code in code_list("status").codes),
    "reminder",
]


def test_every_kind_of_letter_and_every_status_code_has_a_row_and_no_other() -> None:
    assert set(TABLE) == set(KINDS)


def test_every_letter_finds_its_row() -> None:
    found = {row_of(a_letter(update)).reason for update in updates()}
    assert found == {row.reason for row in TABLE.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_says_why_and_what_is_lost_and_its_details_fit(kind: str) -> None:
    row = TABLE[kind]
    assert row.reason
    assert row.lost
    assert len(row.details) <= 50
    assert bool(row.details) is (row.status is not None)


def test_only_what_ends_is_completed() -> None:
    completed = {kind for kind, row in TABLE.items() if row.status is Status.COMPLETED}
    assert completed == {"ending", "withdrawal_answer"}


def test_whatever_can_be_answered_asks_for_action() -> None:
    for kind in ("question", "reminder", "agreement", "recognition_decision"):
        assert TABLE[kind].status is Status.ACTION_REQUIRED


@pytest.mark.parametrize(
    ("earlier", "wanted", "back"),
    [
        ([], Status.RECEIVED, False),
        ([Status.RECEIVED], Status.RECEIVED, False),
        ([Status.PROCESSING], Status.RECEIVED, True),
        ([Status.ACTION_REQUIRED], Status.PROCESSING, False),
        ([Status.PROCESSING], Status.ACTION_REQUIRED, False),
        ([Status.COMPLETED, Status.RECEIVED], Status.PROCESSING, True),
        ([Status.COMPLETED], Status.COMPLETED, False),
    ],
)
def test_which_status_leads_back(earlier: list[Status], wanted: Status, back: bool) -> None:
    assert leads_back(earlier, wanted) is back


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Musterstadt", 11, "Musterstadt"),
        ("Musterstadt", 10, "Mustersta…"),
        ("Stadt Muster", 7, "Stadt…"),  # no blank before the ellipsis
        ("abs\u030cde", 4, "abš…"),  # NFC makes one character of it
        ("abm\u0302\u0300de", 5, "ab…"),  # two marks, one letter
        ("abk\u035fhcd", 5, "ab…"),  # DIN 91379: k͟h is one letter
        ("م" + "\u064e" * 3 + "حمد", 4, "…"),
        ("ab\u200dcd", 4, "a…"),
    ],
)
def test_texts_are_shortened_between_letters(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short
    assert len(shorten(text, limit)) <= limit

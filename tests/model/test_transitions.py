"""The table is total, and the page for vendors and authorities says the same."""

from typing import get_args

from hub.model.downward import DownwardKind
from hub.model.transitions import KINDS, TABLE, Actor, Outcome, Phase
from hub.model.upward import UpdateKind
from tests.model.case_page import DOC, NUMBERS, rows

UPDATES = get_args(UpdateKind)
DOWN = get_args(DownwardKind)


def test_there_is_a_cell_for_every_kind_in_every_phase() -> None:
    kinds = {*DOWN, *UPDATES, "receipt", "refusal"}
    assert set(KINDS) == set(NUMBERS) == kinds
    assert set(TABLE) == {(phase, kind) for phase in Phase for kind in kinds}


def test_the_page_has_the_same_table() -> None:
    page = DOC.read_text(encoding="utf-8").splitlines()
    expected = rows()
    begin = page.index(expected[0])
    assert page[begin : begin + len(expected)] == expected
    assert page[begin + len(expected)] == ""


def test_what_an_authority_says_is_never_refused() -> None:
    for phase in Phase:
        for kind in UPDATES:
            assert TABLE[phase, kind].outcome in {Outcome.PROVIDED, Outcome.MARKED}


def test_what_is_refused_moves_nothing_and_has_a_cause() -> None:
    for (phase, _), cell in TABLE.items():
        refused = cell.outcome is Outcome.REFUSED
        assert refused is (cell.cause is not None)
        assert refused is (cell.acts is Actor.SENDER)
        assert not refused or cell.next is phase


def test_what_is_marked_is_the_operators_to_look_at() -> None:
    for cell in TABLE.values():
        if cell.outcome is Outcome.MARKED:
            assert cell.acts is Actor.OPERATOR


def test_what_was_taken_back_or_ended_takes_nothing_more_from_the_applicant() -> None:
    for phase in (Phase.WITHDRAWING, Phase.WITHDRAWN, Phase.ENDED, Phase.UNSENT):
        for kind in set(DOWN) - {"submission"}:
            assert TABLE[phase, kind].outcome is Outcome.REFUSED

"""The conversation of a case: every cell of the table, and what a table cannot say."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import get_args

import pytest

from hub.model.conversation import (
    ANSWERS,
    Late,
    Mark,
    OpenItem,
    Outcome,
    Phase,
    Ruling,
    Said,
    rule_down,
    rule_up,
    standing,
)
from hub.model.downward import DownwardKind
from hub.model.transitions import KINDS, TABLE, Actor, Kind
from hub.model.upward import UpdateKind
from tests.model.talk import ASKED, BEGIN, DEADLINE, DOWN, SECOND, TALKS, a_said, a_talk, an_id

DAY = BEGIN.date()
UPDATES: tuple[UpdateKind, ...] = get_args(UpdateKind)
LATER = 60


def ruled(
    said: list[Said],
    kind: DownwardKind,
    answers: str | None = None,
    *,
    sent_on: date = DAY,
    late: Late = "pass_on",
) -> Ruling:
    answered = an_id(answers) if answers else None
    return rule_down(said, kind, answered, sent_on=sent_on, late=late)


@pytest.mark.parametrize("phase", Phase)
def test_a_talk_leads_into_each_phase(phase: Phase) -> None:
    assert standing(TALKS[phase]).phase is phase


@pytest.mark.parametrize(("phase", "kind"), [*product(Phase, DOWN)])
def test_what_the_applicant_says_is_ruled_by_its_cell(phase: Phase, kind: DownwardKind) -> None:
    cell, said = TABLE[phase, kind], list(TALKS[phase])
    asked = ANSWERS.get(kind)
    assert ruled(said, kind, asked) == Ruling(cell.outcome, cell.acts, cell.cause)
    if cell.outcome is Outcome.PASSED_ON:
        new = a_said(kind, LATER, answers=an_id(asked) if asked else None)
        assert standing([*said, new]).phase is cell.next


@pytest.mark.parametrize(("phase", "kind"), [*product(Phase, sorted(set(KINDS) - set(DOWN)))])
def test_what_the_authority_says_is_ruled_by_its_cell(phase: Phase, kind: Kind) -> None:
    cell, said, new = TABLE[phase, kind], list(TALKS[phase]), a_said(kind, LATER)
    marks = (Mark.CONTRADICTORY,) if cell.outcome is Outcome.MARKED else ()
    assert rule_up(said, new) == Ruling(cell.outcome, cell.acts, marks=marks)
    assert standing([*said, new]).phase is cell.next


def test_both_tests_above_go_through_every_cell() -> None:
    assert set(TABLE) == {*product(Phase, DOWN), *product(Phase, set(KINDS) - set(DOWN))}


@pytest.mark.parametrize("kind", [*ANSWERS])
def test_what_was_asked_is_open_until_it_is_answered(kind: DownwardKind) -> None:
    asked = ANSWERS[kind]
    said = a_talk("submission", asked)
    before = standing(said)
    assert before.open == (OpenItem(asked, an_id(asked), None),)
    assert before.may == {kind, "withdrawal"}
    assert before.authority_next == "await_answer"
    after = standing([*said, a_said(kind, LATER, answers=an_id(asked))])
    assert not after.open
    assert after.may == {"withdrawal"}
    assert (after.applicant_next, after.authority_next) == ("wait", "go_on")


@pytest.mark.parametrize(
    ("phase", "applicant", "authority"),
    [
        (Phase.UNSENT, "nothing", "nothing"),
        (Phase.SUBMITTED, "wait", "begin"),
        (Phase.IN_PROGRESS, "answer_question", "await_answer"),
        (Phase.NOT_COMPETENT, "wait", "nothing"),
        (Phase.WITHDRAWING, "wait", "react_to_withdrawal"),
        (Phase.WITHDRAWN, "nothing", "nothing"),
        (Phase.ENDED, "nothing", "nothing"),
    ],
)
def test_who_does_what_next(phase: Phase, applicant: str, authority: str) -> None:
    stands = standing(TALKS[phase])
    assert (stands.applicant_next, stands.authority_next) == (applicant, authority)


def test_what_has_the_nearest_deadline_is_to_be_answered_first() -> None:
    submission, question, agreement, _ = a_talk(*ASKED)
    stands = standing([submission, question, replace(agreement, deadline=DEADLINE)])
    assert [item.kind for item in stands.open] == ["question", "agreement"]
    assert stands.applicant_next == "answer_agreement"


@pytest.mark.parametrize("kind", [*ANSWERS])
@pytest.mark.parametrize("answers", [None, "nothing", "submission"])
def test_an_answer_to_what_was_not_asked_is_refused(
    kind: DownwardKind, answers: str | None
) -> None:
    assert ruled(a_talk(*ASKED), kind, answers).cause == "answer.unmatched"


@pytest.mark.parametrize(("kind", "asked"), [*product(ANSWERS, ANSWERS.values())])
def test_each_is_answered_by_its_own_kind_only(kind: DownwardKind, asked: Kind) -> None:
    cause = ruled(a_talk(*ASKED), kind, asked).cause
    assert cause == (None if ANSWERS[kind] == asked else "answer.unmatched")


@pytest.mark.parametrize(
    ("kind", "cause", "marks"),
    [
        ("reply", None, (Mark.SUPPLEMENT,)),
        ("agreement_reply", "answer.given", ()),
        ("receipt_confirmation", "answer.given", ()),
    ],
)
def test_a_second_answer_supplements_a_reply_and_nothing_else(
    kind: DownwardKind, cause: str | None, marks: tuple[Mark, ...]
) -> None:
    asked = ANSWERS[kind]
    said = [*a_talk("submission", asked), a_said(kind, LATER, answers=an_id(asked))]
    ruling = ruled(said, kind, asked)
    assert (ruling.cause, ruling.marks) == (cause, marks)


@pytest.mark.parametrize(
    ("days", "late", "cause", "marks"),
    [
        (0, "refuse", None, ()),
        (0, "pass_on", None, ()),
        (1, "refuse", "answer.late", ()),
        (1, "pass_on", None, (Mark.LATE_REPLY,)),
    ],
)
def test_a_deadline_ends_with_its_day_and_the_authority_decides_on_late_answers(
    days: int, late: Late, cause: str | None, marks: tuple[Mark, ...]
) -> None:
    submission, question = a_talk("submission", "question")
    said = [submission, replace(question, deadline=DEADLINE)]
    today = DEADLINE + timedelta(days=days)
    ruling = ruled(said, "reply", "question", sent_on=today, late=late)
    assert (ruling.cause, ruling.marks) == (cause, marks)
    shown = standing(said, expired_before=today if late == "refuse" else None).open
    assert bool(shown) is (cause is None)


def test_a_late_supplement_is_both() -> None:
    submission, question = a_talk("submission", "question")
    said = [
        submission,
        replace(question, deadline=DEADLINE),
        a_said("reply", LATER, answers=an_id("question")),
    ]
    ruling = ruled(said, "reply", "question", sent_on=DEADLINE + timedelta(days=1))
    assert ruling.marks == (Mark.SUPPLEMENT, Mark.LATE_REPLY)


def test_what_the_applicant_was_never_told_cannot_be_answered() -> None:
    submission, question = a_talk("submission", "question")
    said = [submission, replace(question, alive=False)]
    assert standing(said).open == ()
    assert standing(said).phase is Phase.IN_PROGRESS
    assert ruled(said, "reply", "question").cause == "answer.not_provided"


def test_a_reply_that_died_was_not_said() -> None:
    said = a_talk("submission", "question")
    reply = a_said("reply", LATER, answers=an_id("question"))
    died = [*said, replace(reply, alive=False)]
    assert standing(died) == standing(said)
    assert ruled(died, "reply", "question").marks == ()
    assert standing([*said, reply]).open == ()


def test_a_withdrawal_that_died_was_not_said() -> None:
    said = a_talk(*ASKED, "withdrawal")
    died = [*said[:-1], replace(said[-1], alive=False)]
    assert standing(died) == standing(said[:-1])
    assert ruled(died, "withdrawal").cause is None
    assert ruled(said, "withdrawal").cause == "case.withdrawn"


def test_a_dead_submission_still_begins_its_case() -> None:
    [submission] = a_talk("submission")
    dead = [replace(submission, alive=False)]
    assert standing(dead) == standing([submission])
    assert ruled(dead, "withdrawal").cause is None


@pytest.mark.parametrize(("older", "newer"), [*product(UPDATES, UPDATES)])
@pytest.mark.parametrize("phase", [Phase.SUBMITTED, Phase.NOT_COMPETENT, Phase.WITHDRAWING])
def test_what_is_older_never_overwrites_what_is_newer(
    phase: Phase, older: UpdateKind, newer: UpdateKind
) -> None:
    said = list(TALKS[phase])
    first, second = a_said(older, LATER), a_said(newer, LATER + 1)
    assert standing([*said, second, first]) == standing([*said, first, second])
    assert Mark.OUT_OF_ORDER in rule_up([*said, second], first).marks
    assert Mark.OUT_OF_ORDER not in rule_up([*said, first], second).marks


@pytest.mark.parametrize("kind", ["receipt", "refusal"])
def test_what_is_for_the_hub_is_neither_late_nor_makes_late(kind: Kind) -> None:
    said = [*a_talk("submission"), a_said("status", LATER + 1)]
    assert rule_up(said, a_said(kind, LATER)).marks == ()
    newer = [*a_talk("submission"), a_said(kind, LATER + 1)]
    assert rule_up(newer, a_said("status", LATER)).marks == ()


def test_a_late_message_is_judged_by_what_came_before_it() -> None:
    said = a_talk(*ASKED, "ending")
    late = a_said("appointment", 1, name="late appointment")
    assert rule_up(said, late).marks == (Mark.OUT_OF_ORDER,)
    assert standing([*said, late]).phase is Phase.ENDED


def forwarded() -> list[Said]:
    """The first authority asked, said that it is not competent, and lost the case."""
    again = a_said("submission", 10, name="again", authority=SECOND)
    return [*a_talk("submission", "question", "not_competent"), again]


def test_a_case_that_was_sent_on_begins_anew() -> None:
    stands = standing(forwarded())
    assert (stands.phase, stands.open) == (Phase.SUBMITTED, ())
    new = a_said("question", LATER, authority=SECOND)
    assert rule_up(forwarded(), new).marks == ()
    assert standing([*forwarded(), new]).open == (OpenItem("question", new.wire, None),)


@pytest.mark.parametrize("kind", UPDATES)
@pytest.mark.parametrize("minute", [1, LATER])
def test_a_former_authority_moves_nothing(kind: UpdateKind, minute: int) -> None:
    new = a_said(kind, minute, name="new")
    ruling = rule_up(forwarded(), new)
    assert (ruling.outcome, ruling.acts) == (Outcome.MARKED, Actor.OPERATOR)
    assert ruling.marks[-1] is Mark.FORMER_AUTHORITY
    assert standing([*forwarded(), new]) == standing(forwarded())


@pytest.mark.parametrize("late_question", [False, True])
def test_what_a_former_authority_asked_can_no_longer_be_answered(late_question: bool) -> None:
    said = [*forwarded(), a_said("status", LATER, authority=SECOND)]
    if late_question:
        said.append(a_said("question", LATER + 1, name="asked late"))
    answers = "asked late" if late_question else "question"
    assert ruled(said, "reply", answers).cause == "answer.former_authority"


def test_two_authorities_may_ask_under_one_id() -> None:
    said = [*forwarded(), a_said("question", LATER, name="question", authority=SECOND)]
    assert ruled(said, "reply", "question").cause is None
